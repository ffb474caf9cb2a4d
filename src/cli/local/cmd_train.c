/* cmd_train.c -- `nevod train`: one network on this machine, in this process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "base/clock.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/output.h"
#include "base/rng.h"
#include "cli/options/command.h"
#include "cli/options/dataset_option.h"
#include "cli/options/interrupt.h"
#include "cli/options/places.h"
#include "cli/view/progress.h"
#include "cli/options/recipe_options.h"
#include "cli/view/report.h"
#include "cli/view/run_view.h"
#include "cli/view/train_report.h"
#include "data/dataset.h"
#include "model/bench_net.h"
#include "nn/kernels/kernels.h"
#include "wire/genome_doc.h"
#include "wire/recipe_json.h"
#include "wire/settings.h"

#define GENOME_BYTES_MAX ((size_t)1 << 20)
#define DRAW_MS 100
#define BAR_CELLS 16

static const struct option network_options[] = {
	{"genome", OPTION_TEXT, 0, 0, "FILE", "the genome to train, as JSON"},
	{"net", OPTION_TEXT, 0, 0, "NAME",
		"or a network of the benchmarks: net1, net2 or net3"},
	{"learning-rate", OPTION_REAL, 0, 1, "X",
		"of --net; a genome has its own (0.001)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option data_options[] = {
	{"dataset", OPTION_TEXT, 0, 0, "NAME",
		"a known name, or a folder of IDX files "
		"(" DATASET_DEFAULT ")"},
	{"epochs", OPTION_INT, 1, SETTINGS_EPOCHS_MAX, "N",
		"times to train on every image (3)"},
	{"train-limit", OPTION_INT, 0, SETTINGS_TRAIN_LIMIT_MAX, "N",
		"images to train on; 0: all of the training part (0)"},
	{"validation-fraction", OPTION_REAL, SETTINGS_VALIDATION_MIN,
		SETTINGS_VALIDATION_MAX, "X",
		"part of the training set to judge on (0.1)"},
	{"final", OPTION_FLAG, 0, 0, NULL,
		"train on the whole training set, and judge on test"},
	{"seed", OPTION_INT, 0, RNG_SEED_MAX, "N",
		"same seed, same weights (drawn)"},
	{"kernels", OPTION_TEXT, 0, 0, "CLASS",
		"arithmetic to use (the best that this CPU has)"},
	{"max-job-mb", OPTION_INT, SETTINGS_JOB_MB_MIN, SETTINGS_JOB_MB_MAX,
		"MB", "memory that a genome may take (1024)"},
	{"data-dir", OPTION_TEXT, 0, 0, "DIR",
		"where data sets are cached ($XDG_DATA_HOME/nevod)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option result_options[] = {
	{"out", OPTION_TEXT, 0, 0, "FILE",
		"write the weights there (safetensors)"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print the result as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

struct training {
	const struct options *options;
	struct job job;
	struct model net;  /* of --net */
	char *genome_text; /* of --genome, canonical */
	struct arena mem;  /* of a graph in it */
	char dataset[PATH_MAX];
	struct dataset *data;
	struct progress progress;
	int64_t started_ms, drawn_ms;
};

/* -- what to train -- */

static int read_genome(const char *path, struct training *t, struct err *e)
{
	struct genome_doc g;
	json_t *v = NULL;
	struct buf text;
	int rc;

	buf_init(&text, GENOME_BYTES_MAX);
	rc = file_read(path, &text, e);
	if (rc == 0) {
		v = doc_parse(text.data, text.len, e);
		rc = v ? genome_doc_read(v, "", &t->mem, &g, e) : e->code;
	}
	json_decref(v);
	buf_release(&text);
	if (rc) {
		err_prefix(e, "--genome %.150s", path);
		return rc;
	}
	t->job.genome = g.flat;
	t->job.layers = g.layers;
	v = genome_doc_write(&g);
	t->job.genome_json = t->genome_text = canonical_text(v, NULL);
	json_decref(v);
	return 0;
}

static int read_net(const char *name, struct training *t, struct err *e)
{
	int rc = bench_net(name, &t->net, e);

	if (rc)
		return err_set(e, ERR_INVALID,
			"--net: there is no network '%.40s'; there are net1, "
			"net2 and net3",
			name);
	t->net.learning_rate = options_real(
		t->options, "learning-rate", t->net.learning_rate);
	t->job.model = &t->net;
	return 0;
}

static int read_network(struct training *t, struct err *e)
{
	const struct options *o = t->options;
	const char *genome = options_text(o, "genome", NULL);
	const char *net = options_text(o, "net", NULL);

	if (!genome == !net)
		return err_set(e, ERR_INVALID,
			"give a network to train: --genome FILE, or --net "
			"net1, and not both");
	if (net)
		return read_net(net, t, e);
	if (options_source(o, "learning-rate") == OPTION_LINE)
		return err_set(e, ERR_INVALID,
			"--learning-rate is for --net: a genome has its own");
	return read_genome(genome, t, e);
}

/* -- on what, and how -- */

static int read_recipe(struct training *t, struct err *e)
{
	struct job_settings *s = &t->job.settings;
	json_t *v = json_object();
	int rc;

	recipe_options_add(t->options, v);
	rc = recipe_read(v, "", &s->recipe, &s->augment, e);
	json_decref(v);
	return rc;
}

static int read_settings(struct training *t, struct err *e)
{
	const struct options *o = t->options;
	struct job *j = &t->job;

	j->kind = options_flag(o, "final") ? JOB_FINAL : JOB_FITNESS;
	if (j->kind == JOB_FINAL &&
		(options_source(o, "train-limit") == OPTION_LINE ||
			options_source(o, "validation-fraction") ==
				OPTION_LINE))
		return err_set(e, ERR_INVALID,
			"--final trains on the whole training set: leave "
			"--train-limit and --validation-fraction out");
	j->settings = (struct job_settings){
		.epochs = (int)options_int(o, "epochs", 3),
		.train_limit = options_int(o, "train-limit", 0),
		.validation_fraction = options_real(
			o, "validation-fraction", 0.1),
		.max_job_mb = options_int(o, "max-job-mb", 1024),
	};
	j->seed = options_source(o, "seed") == OPTION_ABSENT
			  ? rng_seed_random()
			  : options_int(o, "seed", 0);
	return read_recipe(t, e);
}

/* Prepared where an evolutioner of this machine keeps its data sets too. */
static int open_data(struct training *t, struct err *e)
{
	char folder[PATH_MAX], cache[PATH_MAX + 16], path[DATASET_PATH_MAX];
	int rc = dataset_option(
		options_text(t->options, "dataset", DATASET_DEFAULT),
		t->dataset, e);

	if (rc == 0)
		rc = place_data_dir(
			options_text(t->options, "data-dir", NULL), folder, e);
	if (rc)
		return rc;
	snprintf(cache, sizeof(cache), "%s/datasets", folder);
	if ((rc = file_mkdirs(cache, e)) ||
		(rc = dataset_prepare(t->dataset, cache, path, e)))
		return rc;
	t->data = dataset_open(path, e);
	t->job.data = t->data;
	return t->data ? 0 : e->code;
}

static int choose_kernels(struct training *t, struct err *e)
{
	const char *name = options_text(t->options, "kernels", NULL);

	t->job.kernels = name ? kernels_find(name, e) : kernels_best();
	if (t->job.kernels)
		return 0;
	e->code = ERR_RANGE; /* another class will do, another try will not */
	return err_prefix(e, "--kernels");
}

static int prepare(struct training *t, struct err *e)
{
	const char *out = options_text(t->options, "out", NULL);
	int rc = read_network(t, e);

	if (rc == 0)
		rc = read_settings(t, e);
	if (rc == 0 && out)
		rc = output_check(out, e);
	if (rc == 0)
		rc = choose_kernels(t, e);
	if (rc == 0)
		rc = open_data(t, e);
	t->job.keep_weights = out != NULL;
	return rc;
}

/* -- while it trains -- */

static int draw_progress(void *ctx, int64_t images, int64_t total)
{
	struct training *t = ctx;
	int64_t now_ms = clock_mono_ms();
	double s = (double)(now_ms - t->started_ms) / 1000;
	int cells = (int)(images * BAR_CELLS / total);
	int epochs = t->job.settings.epochs;
	char line[PROGRESS_LINE_BYTES], eta[DURATION_BYTES];

	if (interrupted(NULL))
		return 1;
	if (now_ms - t->drawn_ms < DRAW_MS || s <= 0)
		return 0;
	t->drawn_ms = now_ms;
	run_view_duration((double)(total - images) * s / (double)images, eta);
	snprintf(line, sizeof(line),
		"epoch %d/%d  [%.*s%.*s]  %.0f images/s  ETA %s",
		(int)((images - 1) * epochs / total) + 1, epochs, cells,
		"################", BAR_CELLS - cells, "----------------",
		(double)images / s, eta);
	progress_draw(&t->progress, line, now_ms);
	return 0;
}

static void say_epoch(void *ctx, int i, const struct epoch *x)
{
	struct training *t = ctx;
	char validation[48] = "", took[DURATION_BYTES];

	if (t->job.kind == JOB_FITNESS)
		snprintf(validation, sizeof(validation), ", validation %.2f %%",
			100 * x->val_accuracy);
	run_view_duration(
		(double)(clock_mono_ms() - t->started_ms) / 1000, took);
	progress_say(&t->progress,
		"epoch %d/%d: loss %.4f, train %.2f %%%s, %s", i + 1,
		t->job.settings.epochs, x->loss, 100 * x->train_accuracy,
		validation, took);
}

/* -- afterwards -- */

/* The file goes first, so that what is printed is true. */
static int deliver(const struct training *t, const struct job_outcome *o,
	double wall_s, struct err *e)
{
	const struct train_report r = {
		.dataset = t->dataset,
		.net = options_text(t->options, "net", NULL),
		.job = &t->job,
		.outcome = o,
		.wall_s = wall_s,
		.out = options_text(t->options, "out", NULL),
	};

	if (r.out && output_write(r.out, o->weights.data, o->weights.len, e))
		return err_prefix(e, "--out %.150s", r.out);
	if (options_flag(t->options, "json"))
		return report_print_json(train_report_json(&r), e);
	train_report_print(&r, stdout);
	return 0;
}

static int run_job(struct training *t, struct err *e)
{
	struct job_outcome *o = xcalloc(1, sizeof(*o));
	size_t classes = (size_t)dataset_info(t->data)->classes;
	double wall_s;
	int rc;

	t->job.confusion = xcalloc(
		classes * classes, sizeof(*t->job.confusion));
	t->job.progress = draw_progress;
	t->job.epoch_done = say_epoch;
	t->job.progress_ctx = t;
	t->started_ms = clock_mono_ms();
	rc = job_run(&t->job, o, e);
	wall_s = (double)(clock_mono_ms() - t->started_ms) / 1000;
	progress_clear(&t->progress);
	if (rc == 0)
		rc = deliver(t, o, wall_s, e);
	if (o->weights.data)
		buf_release(&o->weights);
	free(t->job.confusion);
	free(o);
	return rc;
}

static int run_train(const struct options *o)
{
	struct training *t = xcalloc(1, sizeof(*t));
	struct err e = {0};
	int rc;

	t->options = o;
	arena_init(&t->mem, GENOME_BYTES_MAX);
	interrupt_catch();
	progress_init(&t->progress);
	rc = prepare(t, &e);
	if (rc == 0 && t->job.kind == JOB_FINAL)
		progress_say(&t->progress,
			"training on all training images; the test set is "
			"opened once, at the end");
	if (rc == 0)
		rc = run_job(t, &e);
	if (rc == ERR_CANCELLED)
		progress_say(&t->progress, "stopped; nothing was written");
	dataset_close(t->data);
	free(t->genome_text);
	arena_release(&t->mem);
	free(t);
	if (rc == 0)
		return EXIT_OK;
	if (rc == ERR_CANCELLED)
		return EXIT_INTERRUPTED;
	/* There is no broker here to be out of reach. */
	return command_fail(&e) == EXIT_UNREACHABLE ? EXIT_FAILED
						    : exit_code_of(&e);
}

static const struct option_group groups[] = {
	{"The network", network_options, NULL},
	{"Data", data_options, NULL},
	{"Training", options_recipe, recipe_options_default},
	{"Result", result_options, NULL},
	{NULL, NULL, NULL},
};

const struct command command_train = {
	.name = "train",
	.args = "",
	.summary = "train one network here and show how well it does",
	.details =
		"Trains as a run scores a genome: on a part of the training "
		"set, judged on the rest.\nWith --final, as a run trains its "
		"champion: on all of it, judged on the test set.\n",
	.groups = groups,
	.run = run_train,
};
