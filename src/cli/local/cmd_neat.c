/* cmd_neat.c -- `nevod neat`: classic NEAT on the tasks of its paper. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "base/rng.h"
#include "classic/summary.h"
#include "cli/options/command.h"
#include "cli/options/interrupt.h"
#include "cli/local/neat_runs.h"

#define PARAMS_MAX 64

static const struct option own_options[] = {
	{"runs", OPTION_INT, 1, NEAT_RUNS_MAX, "N", "independent runs (100)"},
	{"seed", OPTION_INT, 0, 9007199254740991.0, "S",
		"all runs derive their own from it (1)"},
	{"preset", OPTION_TEXT, 0, 0, "NAME",
		"constants: paper2002 or jair2004 (paper2002)"},
	{"param", OPTION_LIST, 0, 0, "NAME=X",
		"sets one constant otherwise; may come again"},
	{"ablate", OPTION_TEXT, 0, 0, "PART",
		"go without growth, speciation, mating or minimal"},
	{"threads", OPTION_INT, 1, NEAT_THREADS_MAX, "N",
		"runs at a time (one a core); changes no figure"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print one JSON document"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option_group groups[] = {
	{"Experiment", .options = own_options},
	{.title = NULL},
};

/* -- what to run -- */

static int find_ablation(const char *name, enum ablation *out, struct err *e)
{
	*out = ABLATE_NOTHING;
	if (!name)
		return 0;
	for (int a = 1; a < ABLATIONS; a++)
		if (strcmp(ablation_name((enum ablation)a), name) == 0) {
			*out = (enum ablation)a;
			return 0;
		}
	return err_set(e, ERR_INVALID,
		"--ablate must be growth, speciation, mating or minimal, not "
		"'%.40s'",
		name);
}

/* NAME=X into the constants. */
static int set_param(struct params *p, const char *text, struct err *e)
{
	char name[64], *end;
	size_t n;
	const char *number = options_pair("param", text, &n, e);
	double x;

	if (!number)
		return e->code;
	snprintf(name, sizeof(name), "%.*s", (int)n, text);
	x = strtod(number, &end);
	if (*end || !isfinite(x))
		return err_set(e, ERR_INVALID,
			"--param %s must be a number, not '%.40s'", name,
			number);
	if (params_set(p, name, x, e)) {
		e->code = ERR_INVALID;
		return err_prefix(e, "--param");
	}
	return 0;
}

static int read_experiment(
	const struct options *o, struct experiment *x, struct err *e)
{
	const char *list[PARAMS_MAX], *name = o->n_args ? o->args[0] : NULL;
	const struct task *task = name ? task_find(name) : NULL;
	size_t n = options_list(o, "param", list, PARAMS_MAX);
	enum ablation ablation;
	int rc;

	if (!task)
		return err_set(e, ERR_INVALID,
			"name a task: xor, pole2 or pole2-novel%s%.40s%s",
			name ? ", not '" : "", name ? name : "",
			name ? "'" : "");
	rc = find_ablation(options_text(o, "ablate", NULL), &ablation, e);
	if (rc)
		return rc;
	if (experiment_init(x, task, options_text(o, "preset", "paper2002"),
		    ablation, e)) {
		e->code = ERR_INVALID;
		return err_prefix(e, "--preset");
	}
	for (size_t i = 0; i < n; i++) {
		rc = set_param(&x->params, list[i], e);
		if (rc)
			return rc;
	}
	return params_check(&x->params, e);
}

static int default_threads(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1                  ? 1
	       : cores > NEAT_THREADS_MAX ? NEAT_THREADS_MAX
					  : (int)cores;
}

/* -- what came of it -- */

struct task_row {
	const char *name;
	const struct figure *figure;
};
#define ROWS_MAX 6

/* The figures that the task has. */
static size_t rows_of(const struct summary *s, struct task_row rows[ROWS_MAX])
{
	const struct task_row all[ROWS_MAX] = {{"evaluations", &s->evaluations},
		{"generations", &s->generations}, {"hidden", &s->hidden},
		{"connections", &s->connections}, {"species", &s->species},
		{"starts", &s->starts}};

	memcpy(rows, all, sizeof(all));
	return s->starts.mean > 0 ? ROWS_MAX : ROWS_MAX - 1;
}

static json_t *summary_json(
	const struct options *o, const struct summary *s, const char *task)
{
	const char *ablate = options_text(o, "ablate", NULL);
	json_t *doc = json_pack("{s:s, s:s, s:s?, s:I, s:I, s:I}", "task", task,
		"preset", options_text(o, "preset", "paper2002"), "ablate",
		ablate, "seed", (json_int_t)options_int(o, "seed", 1), "runs",
		(json_int_t)s->runs, "solved", (json_int_t)s->solved);
	struct task_row rows[ROWS_MAX];
	size_t n = rows_of(s, rows);

	for (size_t i = 0; i < n; i++) {
		char mean[32], sd[32];

		snprintf(mean, sizeof(mean), "mean_%s", rows[i].name);
		snprintf(sd, sizeof(sd), "sd_%s", rows[i].name);
		json_object_set_new(doc, mean, json_real(rows[i].figure->mean));
		json_object_set_new(doc, sd, json_real(rows[i].figure->sd));
	}
	return doc;
}

static int print_json(const struct options *o, const struct summary *s,
	const char *task, struct err *e)
{
	json_t *doc = summary_json(o, s, task);
	char *text = canonical_text_as_added(doc, e);

	json_decref(doc);
	if (!text)
		return e->code;
	puts(text);
	free(text);
	return 0;
}

static void print_table(const struct summary *s, const char *task)
{
	struct task_row rows[ROWS_MAX];
	size_t n = rows_of(s, rows);

	printf("%s: %zu of %zu runs solved\n\n  %-12s %10s %10s\n", task,
		s->solved, s->runs, "", "mean", "sd");
	for (size_t i = 0; i < n; i++)
		printf("  %-12s %10.2f %10.2f\n", rows[i].name,
			rows[i].figure->mean, rows[i].figure->sd);
}

static int run(const struct options *o, struct err *e)
{
	struct neat_runs r = {.seed = options_int(o, "seed", 1),
		.runs = (size_t)options_int(o, "runs", 100),
		.threads = (int)options_int(o, "threads", default_threads()),
		.say = 1,
		.stop = interrupted};
	struct outcome *outcomes;
	struct experiment x;
	struct summary s;
	int rc = read_experiment(o, &x, e);

	if (rc)
		return rc;
	r.experiment = &x;
	outcomes = xcalloc(r.runs, sizeof(*outcomes));
	rc = neat_runs(&r, outcomes, e);
	if (rc == 0) {
		summary_make(&s, outcomes, r.runs);
		if (options_flag(o, "json"))
			rc = print_json(o, &s, x.task->name, e);
		else
			print_table(&s, x.task->name);
	}
	free(outcomes);
	return rc;
}

static int run_neat(const struct options *o)
{
	struct err e;

	interrupt_catch();
	return run(o, &e) ? command_fail_here(&e) : EXIT_OK;
}

const struct command command_neat = {
	.name = "neat",
	.args = "xor|pole2|pole2-novel",
	.summary = "measure classic NEAT on the tasks of its paper",
	.details = "Evolves networks of neurons on exclusive or, or on a cart "
		   "that balances two\npoles with or without (pole2-novel) "
		   "seeing their velocities, and prints means\nover the runs "
		   "that solved the task.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_neat,
};
