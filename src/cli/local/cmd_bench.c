/* cmd_bench.c -- `nevod bench`: how fast this machine trains, in figures that
 * other tools' can be put beside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/rng.h"
#include "cli/local/bench_data.h"
#include "cli/local/bench_train.h"
#include "cli/options/command.h"
#include "cli/options/genome_file.h"
#include "cli/options/kernels_option.h"
#include "cli/options/places.h"
#include "cli/view/report.h"
#include "data/split.h"
#include "model/bench_net.h"
#include "nn/fma_peak.h"
#include "nn/kernels/kernels.h"
#include "nn/train.h"

#define STEPS_DEFAULT 200
#define STEPS_MAX 1e9
#define CLASSES_MAX 16
#define GENOME_BYTES_MAX ((size_t)1 << 20)
#define GRAPH_BYTES_MAX ((size_t)16 << 20)
#define MIB ((int64_t)1 << 20)
#define NET_MB_MAX 4096

static const struct option own_options[] = {
	{"net", OPTION_TEXT, 0, 0, "NET",
		"net1 to net4, or the file of a genome (net1)"},
	{"steps", OPTION_INT, 1, STEPS_MAX, "N",
		"time that many batches, after a few that are not (200)"},
	{"epochs", OPTION_INT, 1, TRAIN_EPOCHS_MAX, "N",
		"time whole epochs instead, and judge on the test images"},
	{"seed", OPTION_INT, 0, RNG_SEED_MAX, "S",
		"of first values and order (1)"},
	{"kernels", OPTION_TEXT, 0, 0, "CLASS",
		"the kernel class (the best of this CPU)"},
	{"data-dir", OPTION_TEXT, 0, 0, "DIR",
		"where data sets are cached ($XDG_DATA_HOME/nevod)"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print the figures as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

/* One `bench train`. */
struct bench {
	const struct options *options;
	const char *net;
	const struct kernels *kernels;
	struct model model;
	struct dataset *data;
	struct split *split;
	struct bench_training training;
	struct bench_figures figures;
	double peak; /* GFLOP/s, of multiply-adds alone */
};

/* -- what to train -- */

static int read_genome(const char *path, struct model *out, struct err *e)
{
	struct genome_doc g;
	struct arena mem;
	int rc;

	arena_init(&mem, GRAPH_BYTES_MAX);
	rc = genome_file_read(path, "--net", &mem, &g, e);
	if (rc == 0)
		rc = model_decode(g.graph, &g.data, NET_MB_MAX * MIB, out, e);
	arena_release(&mem);
	return rc;
}

static int choose_net(struct bench *b, struct err *e)
{
	int rc = bench_net(b->net, NULL, &b->model, e);

	/* A name with a dot or a slash is a file's. */
	if (rc == ERR_NOT_FOUND && strpbrk(b->net, "./"))
		return read_genome(b->net, &b->model, e);
	if (rc == ERR_NOT_FOUND)
		e->code = ERR_RANGE; /* another name will do */
	return rc ? err_prefix(e, "--net") : 0;
}

static int choose_data(struct bench *b, struct err *e)
{
	const struct spec *s = &b->model.spec;
	char dir[PATH_MAX], cache[PATH_MAX];
	int rc = place_data_dir(
		options_text(b->options, "data-dir", NULL), dir, e);

	if (rc)
		return rc;
	if (snprintf(cache, sizeof cache, "%s/datasets", dir) >=
		(int)sizeof cache)
		return err_set(e, ERR_INVALID, "--data-dir is too long");
	b->data = bench_data_open(
		&s->nodes[0].shape, s->classes, b->model.batch, cache, e);
	if (!b->data)
		return e->code;
	b->split = split_final(b->data, &(struct split_options){0}, e);
	return b->split ? 0 : e->code;
}

static int choose_amount(struct bench *b, struct err *e)
{
	const struct options *o = b->options;

	if (options_source(o, "steps") == OPTION_LINE &&
		options_source(o, "epochs") == OPTION_LINE)
		return err_set(
			e, ERR_INVALID, "give --steps or --epochs, not both");
	b->training.epochs = (int)options_int(o, "epochs", 0);
	b->training.steps = b->training.epochs
				    ? 0
				    : options_int(o, "steps", STEPS_DEFAULT);
	b->training.seed = options_int(o, "seed", 1);
	return 0;
}

/* -- what came of it -- */

static double images_per_s(const struct bench *b)
{
	return (double)b->figures.images / b->figures.wall_s;
}

static double gflop_per_s(const struct bench *b)
{
	return images_per_s(b) * (double)b->model.cost.train_flops * 1e-9;
}

static json_t *figures_json(const struct bench *b)
{
	const struct bench_figures *f = &b->figures;
	json_t *v = json_pack("{s:s, s:s, s:i, s:I, s:I}", "net", b->net,
		"kernels", b->kernels->name, "batch", b->model.batch, "steps",
		(json_int_t)(f->images / b->model.batch), "images",
		(json_int_t)f->images);

	json_object_update_new(
		v, json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:I}", "wall_s",
			   f->wall_s, "cpu_s", f->cpu_s, "images_per_s",
			   images_per_s(b), "gflop_per_s", gflop_per_s(b),
			   "fma_peak_gflop_per_s", b->peak, "share_of_peak",
			   gflop_per_s(b) / b->peak, "peak_rss_bytes",
			   (json_int_t)f->peak_rss_bytes));
	if (b->training.epochs)
		json_object_set_new(
			v, "test_accuracy", json_real(f->test_accuracy));
	return v;
}

static void print_figures(const struct bench *b)
{
	const struct bench_figures *f = &b->figures;

	printf("%s, batches of %d, kernels %s, one thread\n", b->net,
		b->model.batch, b->kernels->name);
	printf("  images      %lld in %.2f s (%.2f s of CPU)\n",
		(long long)f->images, f->wall_s, f->cpu_s);
	printf("  speed       %.0f images/s\n", images_per_s(b));
	printf("  arithmetic  %.1f GFLOP/s, %.0f%% of the %.0f that this core "
	       "can do\n",
		gflop_per_s(b), 100 * gflop_per_s(b) / b->peak, b->peak);
	printf("  memory      %.0f MB at most\n",
		(double)f->peak_rss_bytes * 1e-6);
	if (b->training.epochs)
		printf("  accuracy    %.4f on the test images\n",
			f->test_accuracy);
}

/* -- the two verbs -- */

static int train_timed(struct bench *b, struct err *e)
{
	double before, after;
	int rc;

	b->training.kernels = b->kernels;
	b->training.model = &b->model;
	b->training.train = split_train(b->split);
	b->training.test = split_judge(b->split);
	before = fma_peak_gflop_per_s(b->kernels);
	rc = bench_train(&b->training, &b->figures, e);
	after = fma_peak_gflop_per_s(b->kernels);
	b->peak = before > after ? before : after;
	return rc;
}

static int bench_one(struct bench *b, struct err *e)
{
	int rc = choose_amount(b, e);

	if (rc == 0)
		rc = choose_net(b, e);
	if (rc == 0 && !(b->kernels = kernels_option(b->options, e)))
		rc = e->code;
	if (rc == 0)
		rc = choose_data(b, e);
	if (rc == 0)
		rc = train_timed(b, e);
	if (rc)
		return rc;
	if (options_flag(b->options, "json"))
		return report_print_json(figures_json(b), e);
	print_figures(b);
	return 0;
}

static int run_train(const struct options *o)
{
	struct bench *b = xcalloc(1, sizeof *b);
	struct err e = {0};
	int rc;

	b->options = o;
	b->net = options_text(o, "net", "net1");
	rc = bench_one(b, &e);
	split_free(b->split);
	dataset_close(b->data);
	free(b);
	return rc ? command_fail_here(&e) : EXIT_OK;
}

static double peak_of(const char *kernels)
{
	return fma_peak_gflop_per_s(kernels_find(kernels, NULL));
}

static int run_peak(const struct options *o)
{
	const char *names[CLASSES_MAX];
	size_t n = kernels_available(names, CLASSES_MAX);
	json_t *list = json_array();
	struct err e;

	for (size_t i = 0; i < n && i < CLASSES_MAX; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:f}", "kernels", names[i],
				"fma_peak_gflop_per_s", peak_of(names[i])));
	if (options_flag(o, "json"))
		return report_print_json(json_pack("{s:o}", "peaks", list), &e)
			       ? command_fail_here(&e)
			       : EXIT_OK;
	for (size_t i = 0; i < n && i < CLASSES_MAX; i++) {
		const json_t *v = json_array_get(list, i);

		printf("%-10s %6.1f GFLOP/s\n", names[i],
			json_real_value(
				json_object_get(v, "fma_peak_gflop_per_s")));
	}
	json_decref(list);
	return EXIT_OK;
}

static int run_bench(const struct options *o)
{
	const char *verb = o->n_args ? o->args[0] : "";

	if (strcmp(verb, "train") == 0)
		return run_train(o);
	if (strcmp(verb, "peak") == 0)
		return run_peak(o);
	fprintf(stderr, "nevod bench: say what: train or peak%s%.40s%s\n",
		*verb ? ", not '" : "", verb, *verb ? "'" : "");
	return EXIT_USAGE;
}

static const struct option_group groups[] = {
	{"Benchmark", .options = own_options},
	{.title = NULL},
};

const struct command command_bench = {
	.name = "bench",
	.args = "train|peak",
	.summary = "measure how fast one core trains a network",
	.details =
		"`train` trains one of four fixed networks, or a genome's, "
		"on one thread of this\nprocess, on Fashion-MNIST or, where "
		"the images have another shape, on random\npixels.  `peak` "
		"prints the multiply-adds that this core can do at best with "
		"each\nkernel class.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_bench,
};
