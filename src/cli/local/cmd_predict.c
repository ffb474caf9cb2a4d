/* cmd_predict.c -- `nevod predict`: what a trained network holds of images.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "base/file.h"
#include "cli/local/inputs.h"
#include "cli/options/command.h"
#include "data/images.h"
#include "model/import.h"
#include "model/predict.h"
#include "model/safetensors.h"
#include "nn/kernels/kernels.h"
#include "wire/settings.h"

#define BATCH_MAX 64
#define MEMORY_MB 1024
#define TOP 3
#define MIB ((int64_t)1 << 20)

static const struct option own_options[] = {
	{"model", OPTION_TEXT, 0, 0, "FILE", "trained network (safetensors)"},
	{"input", OPTION_LIST, 0, 0, "FILE",
		"PNG, JPEG, IDX or NPY file of images, or a folder of these; "
		"may "
		"come again"},
	{"index", OPTION_INT, 0, (double)DATASET_SAMPLES_MAX, "N",
		"only image number N of the one file, from 0"},
	{"top", OPTION_INT, 1, DATASET_CLASSES_MAX, "K",
		"classes to name of an image, best first (3)"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print the answer as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

/* A subcommand at work. */
struct prediction {
	struct import *model;
	struct inputs inputs;
	const char *file; /* that is looked at, and its images: */
	struct images images;
	size_t first, n; /* of them, which are looked at */
	int top, json;
	size_t printed;
	size_t resized, transparent; /* pictures that were */
};

/* -- what the options name -- */

static int required(const struct options *o, const char *name, const char **out,
	struct err *e)
{
	*out = options_text(o, name, NULL);
	if (!*out)
		return err_set(e, ERR_INVALID, "--%s FILE is required", name);
	return 0;
}

/* The bytes of the file are bounded by the memory of its network, which holds
 * each number more than once. */
static int open_model(const struct options *o, const char *path,
	struct prediction *p, struct err *e)
{
	const struct import_options how = {
		.kernels = kernels_best(),
		.batch = BATCH_MAX,
		.max_bytes = MIB * options_int(o, "max-job-mb", MEMORY_MB),
	};
	struct buf bytes;
	int rc;

	buf_init(&bytes, (size_t)how.max_bytes + SAFETENSORS_HEADER_MAX);
	rc = file_read(path, &bytes, e);
	if (rc == 0) {
		p->model = import_read(bytes.data, bytes.len, &how, e);
		if (!p->model)
			rc = err_prefix(e, "%s", path);
	}
	buf_release(&bytes);
	return rc;
}

static int list_inputs(
	const struct options *o, struct prediction *p, struct err *e)
{
	const char *given[OPTION_VALUES_MAX];
	size_t n = options_list(o, "input", given, OPTION_VALUES_MAX);
	int rc;

	if (n == 0)
		return err_set(e, ERR_INVALID, "--input FILE is required");
	rc = inputs_list(given, n, &p->inputs, e);
	if (rc)
		return rc;
	if (p->inputs.n > 1 && options_source(o, "index") != OPTION_ABSENT)
		return err_set(e, ERR_INVALID,
			"--index is the number of an image in one file, but "
			"--input names %zu files",
			p->inputs.n);
	return 0;
}

static int open_images(struct prediction *p, struct err *e)
{
	const struct dataset_info *d = &p->model->data;
	const struct images_shape shape = {
		d->channels, d->height, d->width, d->dtype};
	struct images *x = &p->images;
	int rc = images_read(p->file, &shape, x, e);

	if (rc)
		return rc;
	if (x->channels != d->channels || x->height != d->height ||
		x->width != d->width)
		return err_set(e, ERR_INVALID,
			"%s has images of %dx%dx%d but the network takes "
			"%dx%dx%d (channels, height, width)",
			p->file, x->channels, x->height, x->width, d->channels,
			d->height, d->width);
	p->first = 0;
	p->n = x->n;
	p->resized += x->from_height > 0;
	p->transparent += x->transparent;
	return 0;
}

static int choose_images(
	const struct options *o, struct prediction *p, struct err *e)
{
	if (options_source(o, "index") == OPTION_ABSENT)
		return 0;
	p->first = (size_t)options_int(o, "index", 0);
	if (p->first >= p->n)
		return err_set(e, ERR_RANGE,
			"--index is %zu but the file has %zu image%s, "
			"counted from 0",
			p->first, p->n, p->n == 1 ? "" : "s");
	p->n = 1;
	return 0;
}

/* -- the answer -- */

/* The likeliest class that is not taken yet, the first at a tie; takes it. */
static int take_best(const double *probability, int classes, char *taken)
{
	int best = -1;

	for (int k = 0; k < classes; k++)
		if (!taken[k] &&
			(best < 0 || probability[k] > probability[best]))
			best = k;
	taken[best] = 1;
	return best;
}

static void print_text(const struct prediction *p, size_t index,
	const int *best, const double *probability)
{
	const struct dataset_info *d = &p->model->data;

	if (p->n == 1 && p->inputs.n == 1) {
		for (int k = 0; k < p->top; k++)
			printf("%.4f  %s\n", probability[best[k]],
				d->class_names[best[k]]);
		return;
	}
	if (p->inputs.n > 1)
		printf("%s%s", p->file, p->images.n > 1 ? " " : "");
	if (p->images.n > 1)
		printf("%zu", index);
	for (int k = 0; k < p->top; k++)
		printf("%s%.4f %s", k ? ", " : "  ", probability[best[k]],
			d->class_names[best[k]]);
	putchar('\n');
}

static int print_json(const struct prediction *p, size_t index, const int *best,
	const double *probability, struct err *e)
{
	json_t *classes = json_array(), *v;
	char *text;

	for (int k = 0; k < p->top; k++)
		json_array_append_new(classes,
			json_pack("{s:s, s:i, s:f}", "class",
				p->model->data.class_names[best[k]], "label",
				best[k], "probability", probability[best[k]]));
	v = json_pack("{s:s, s:I, s:o}", "file", p->file, "index",
		(json_int_t)index, "classes", classes);
	text = canonical_text_as_added(v, e);
	json_decref(v);
	if (!text)
		return ERR_WORLD;
	printf("%s%s", p->printed ? ",\n" : "{\"predictions\": [\n", text);
	free(text);
	return 0;
}

static int print_image(struct prediction *p, size_t index,
	const double *probability, struct err *e)
{
	char taken[DATASET_CLASSES_MAX] = {0};
	int best[DATASET_CLASSES_MAX];

	for (int k = 0; k < p->top; k++)
		best[k] = take_best(probability, p->model->data.classes, taken);
	if (p->json && print_json(p, index, best, probability, e))
		return ERR_WORLD;
	if (!p->json)
		print_text(p, index, best, probability);
	p->printed++;
	return 0;
}

static int predict_images(struct prediction *p, struct err *e)
{
	const struct dataset_info *d = &p->model->data;
	const size_t bytes = dataset_image_bytes(d);
	const size_t classes = (size_t)d->classes;
	const size_t end = p->first + p->n, batch = (size_t)p->model->batch;
	double *probability = xcalloc(batch * classes, sizeof *probability);
	int rc = 0;

	for (size_t i = p->first, n; rc == 0 && i < end; i += n) {
		n = end - i < batch ? end - i : batch;
		rc = predict(p->model, p->images.pixels + i * bytes, n,
			probability, e);
		for (size_t k = 0; rc == 0 && k < n; k++)
			rc = print_image(
				p, i + k, probability + k * classes, e);
	}
	free(probability);
	return rc;
}

static int predict_file(
	const struct options *o, struct prediction *p, struct err *e)
{
	int rc = open_images(p, e);

	if (rc == 0)
		rc = choose_images(o, p, e);
	if (rc == 0)
		rc = predict_images(p, e);
	images_release(&p->images);
	return rc;
}

/* What was done to pictures so that the network can take them. */
static void say_what_was_done(const struct prediction *p)
{
	const struct dataset_info *d = &p->model->data;

	if (p->resized)
		fprintf(stderr, "resized to %dx%d: %zu of %zu\n", d->height,
			d->width, p->resized, p->inputs.n);
	if (p->transparent)
		fprintf(stderr, "transparent parts laid on black: %zu of %zu\n",
			p->transparent, p->inputs.n);
	if (p->inputs.left_out)
		fprintf(stderr, "no images, left out: %zu\n",
			p->inputs.left_out);
}

static int predict_and_print(
	const struct options *o, struct prediction *p, struct err *e)
{
	const char *model;
	int rc = required(o, "model", &model, e);

	if (rc == 0)
		rc = list_inputs(o, p, e);
	if (rc == 0)
		rc = open_model(o, model, p, e);
	if (rc)
		return rc;
	p->json = options_flag(o, "json");
	p->top = (int)options_int(o, "top", TOP);
	if (p->top > p->model->data.classes)
		p->top = p->model->data.classes;
	for (size_t i = 0; rc == 0 && i < p->inputs.n; i++) {
		p->file = p->inputs.paths[i];
		rc = predict_file(o, p, e);
	}
	if (p->json && rc == 0)
		fputs("\n]}\n", stdout);
	if (rc == 0)
		say_what_was_done(p);
	return rc;
}

static int run_predict(const struct options *o)
{
	struct prediction p = {0};
	struct err e;
	int rc = predict_and_print(o, &p, &e);

	inputs_release(&p.inputs);
	import_free(p.model);
	return rc ? command_fail_here(&e) : EXIT_OK;
}

static const char *const memory[] = {"max_job_mb", NULL};

static const struct option_group groups[] = {
	{"Prediction", .options = own_options},
	{"Memory", .fields = &training_fields, .only = memory},
	{.title = NULL},
};

const struct command command_predict = {
	.name = "predict",
	.args = "",
	.summary = "classify images with a trained network",
	.details =
		"Prints the likeliest classes and their probabilities: of one "
		"image a line each,\nof several a line an image.  Pictures "
		"are resized to what the network takes and\nturned to its "
		"channels; what is transparent is laid on black.\n",
	.groups = groups,
	.max_args = 0,
	.run = run_predict,
};
