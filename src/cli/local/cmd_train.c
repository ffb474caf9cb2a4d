/* cmd_train.c -- `nevod train`: one network on this machine, in this process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/rng.h"
#include "cli/options/command.h"
#include "cli/options/dataset_option.h"
#include "cli/options/genome_file.h"
#include "cli/options/interrupt.h"
#include "cli/options/kernels_option.h"
#include "cli/options/places.h"
#include "cli/options/reading_options.h"
#include "cli/view/dataset_ready.h"
#include "cli/view/progress.h"
#include "cli/view/report.h"
#include "cli/view/run_view.h"
#include "cli/view/train_report.h"
#include "data/dataset.h"
#include "http/client.h"
#include "model/bench_net.h"
#include "nn/kernels/kernels.h"
#include "wire/genome_json.h"
#include "wire/settings.h"

#define DRAW_MS 100
#define BAR_CELLS 16

static const struct option network_options[] = {
	{"genome", OPTION_TEXT, 0, 0, "FILE", "the genome to train, as JSON"},
	{"net", OPTION_TEXT, 0, 0, "NAME",
		"or a network of the benchmarks: net1 to net4"},
	{"learning-rate", OPTION_REAL, 0, 1, "X",
		"of --net, in place of its own; a genome keeps its own"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const char *const dataset_alone[] = {"dataset", NULL};

static const struct option data_options[] = {
	{"data-dir", OPTION_TEXT, 0, 0, "DIR",
		"where data sets are cached ($XDG_DATA_HOME/nevod)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option training_options[] = {
	{"final", OPTION_FLAG, 0, 0, NULL,
		"train on the whole training set, and judge on test"},
	{"seed", OPTION_INT, 0, RNG_SEED_MAX, "N",
		"same seed, same weights (drawn)"},
	{"kernels", OPTION_TEXT, 0, 0, "CLASS",
		"arithmetic to use (the best that this CPU has)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

/* A person who trains one network means it, more than a run does that scores
 * hundreds. */
static const struct option_default own_defaults[] = {
	{"epochs", "3"},
	{"train_limit", "0"},
	{NULL, NULL},
};

static const struct option result_options[] = {
	{"out", OPTION_TEXT, 0, 0, "FILE",
		"write the weights there (safetensors)"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print the result as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

struct session {
	const struct options *options;
	struct job job;
	struct model net;         /* of --net */
	struct genome_doc genome; /* of --genome, ... */
	char *genome_text;        /* ... canonical */
	struct arena mem;         /* that it lives in */
	char dataset[PATH_MAX];
	struct dataset *data;
	struct progress progress;
	int64_t started_ms, drawn_ms;
};

/* -- what to train -- */

static int read_genome(const char *path, struct session *t, struct err *e)
{
	int rc = genome_file_read(path, "--genome", &t->mem, &t->genome, e);

	if (rc)
		return rc;
	t->job.genome = t->genome.graph;
	t->job.genome_data = t->genome.data;
	t->job.genome_json = t->genome_text = genome_doc_text(&t->genome);
	return 0;
}

/* Whether there is one; fit_net makes it for the data. */
static int check_net(const char *name, struct session *t, struct err *e)
{
	if (bench_net(name, NULL, &t->net, e))
		return err_set(e, ERR_INVALID,
			"--net: there is no network '%.40s'; there "
			"are " BENCH_NETS,
			name);
	return 0;
}

static int fit_net(const char *name, struct session *t, struct err *e)
{
	const struct dataset_info *d = dataset_info(t->data);
	const struct data_shape shape = {
		d->channels, d->height, d->width, d->classes};
	int rc = bench_net(name, &shape, &t->net, e);

	if (rc)
		return err_prefix(e, "--net");
	t->net.learning_rate = options_real(
		t->options, "learning-rate", t->net.learning_rate);
	t->job.model = &t->net;
	return 0;
}

static int read_network(struct session *t, struct err *e)
{
	const struct options *o = t->options;
	const char *genome = options_text(o, "genome", NULL);
	const char *net = options_text(o, "net", NULL);

	if (!genome == !net)
		return err_set(e, ERR_INVALID,
			"give a network to train: --genome FILE, or --net "
			"net1, and not both");
	if (net)
		return check_net(net, t, e);
	if (options_source(o, "learning-rate") == OPTION_LINE)
		return err_set(e, ERR_INVALID,
			"--learning-rate is for --net: a genome has its own");
	return read_genome(genome, t, e);
}

/* -- on what, and how -- */

static int read_training(struct session *t, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	json_t *v = options_document(t->options, &training_fields, e);
	int rc = v ? fields_read(
			     &training_fields, v, "", &r, &t->job.training, e)
		   : e->code;

	json_decref(v);
	return rc ? options_blame(t->options, &training_fields, e) : 0;
}

static int read_settings(struct session *t, struct err *e)
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
	j->seed = options_source(o, "seed") == OPTION_ABSENT
			  ? rng_seed_random()
			  : options_int(o, "seed", 0);
	return read_training(t, e);
}

/* Prepared where an evolutioner of this machine keeps its data sets too. */
static int open_data(struct session *t, struct err *e)
{
	char folder[PATH_MAX];
	const struct field *dataset = fields_find(
		&settings_fields, NULL, "dataset");
	struct reading how;
	const struct dataset_watch watch = {.name = t->dataset,
		.how = &how,
		.data_dir = folder,
		.progress = &t->progress};
	int rc = reading_options(t->options, &how, e);

	if (rc == 0)
		rc = place_data_dir(
			options_text(t->options, "data-dir", NULL), folder, e);
	if (rc == 0)
		rc = dataset_option(
			options_text(t->options, "dataset", dataset->standard),
			folder, t->dataset, e);
	if (rc)
		return rc;
	t->data = dataset_ready(&watch, e);
	t->job.data = t->data;
	return t->data ? 0 : e->code;
}

static int prepare_session(struct session *t, struct err *e)
{
	const char *net = options_text(t->options, "net", NULL);
	const char *out = options_text(t->options, "out", NULL);
	int rc = read_network(t, e);

	if (rc == 0)
		rc = read_settings(t, e);
	if (rc == 0 && out)
		rc = output_check(out, e);
	if (rc == 0 && !(t->job.kernels = kernels_option(t->options, e)))
		rc = e->code;
	if (rc == 0)
		rc = open_data(t, e);
	if (rc == 0 && net)
		rc = fit_net(net, t, e);
	t->job.keep_weights = out != NULL;
	return rc;
}

/* -- while it trains -- */

static int draw_progress(void *ctx, int64_t images, int64_t total)
{
	struct session *t = ctx;
	int64_t now_ms = clock_mono_ms();
	double s = (double)(now_ms - t->started_ms) / 1000;
	int cells = (int)(images * BAR_CELLS / total);
	int epochs = t->job.training.epochs;
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
	struct session *t = ctx;
	char validation[48] = "", took[DURATION_BYTES];

	if (t->job.kind == JOB_FITNESS)
		snprintf(validation, sizeof(validation), ", validation %.2f %%",
			100 * x->val_accuracy);
	run_view_duration(
		(double)(clock_mono_ms() - t->started_ms) / 1000, took);
	progress_say(&t->progress,
		"epoch %d/%d: loss %.4f, train %.2f %%%s, %s", i + 1,
		t->job.training.epochs, x->loss, 100 * x->train_accuracy,
		validation, took);
}

/* -- afterwards -- */

/* The file goes first, so that what is printed is true. */
static int deliver(const struct session *t, const struct job_outcome *o,
	double wall_s, struct err *e)
{
	const struct train_report r = {
		.dataset = t->dataset,
		.net = options_text(t->options, "net", NULL),
		.job = &t->job,
		.genome = &t->genome,
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

static int run_job(struct session *t, struct err *e)
{
	struct job_outcome *o = xcalloc(1, sizeof(*o));
	double wall_s;
	int rc;

	t->job.progress = draw_progress;
	t->job.epoch_done = say_epoch;
	t->job.progress_ctx = t;
	t->started_ms = clock_mono_ms();
	rc = job_run(&t->job, o, e);
	wall_s = (double)(clock_mono_ms() - t->started_ms) / 1000;
	progress_clear(&t->progress);
	if (rc == 0)
		rc = deliver(t, o, wall_s, e);
	job_outcome_release(o);
	free(o);
	return rc;
}

static int run_train(const struct options *o)
{
	struct session *t = xcalloc(1, sizeof(*t));
	struct err e = {0};
	int rc;

	t->options = o;
	arena_init(&t->mem, GENOME_FILE_BYTES_MAX);
	interrupt_catch();
	http_client_init();
	progress_init(&t->progress);
	rc = prepare_session(t, &e);
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
	return rc == ERR_CANCELLED ? EXIT_INTERRUPTED : command_fail_here(&e);
}

static const struct option_group groups[] = {
	{"The network", .options = network_options},
	{"Data", .options = data_options, .fields = &settings_fields,
		.only = dataset_alone},
	{"Data", .fields = &reading_fields},
	{"Training", .options = training_options, .fields = &training_fields,
		.defaults = own_defaults},
	{"Result", .options = result_options},
	{.title = NULL},
};

const struct command command_train = {
	.name = "train",
	.args = "",
	.summary = "train one network here and show how well it does",
	.details =
		"Trains as a run scores a genome: on a part of the training "
		"set, judged on the\nrest.  With --final, as a run trains its "
		"champion: on all of it, judged on the\ntest set.\n",
	.groups = groups,
	.run = run_train,
};
