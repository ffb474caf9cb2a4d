/* import.c -- notes first, then the network that they describe, then its
 * tensors. */
#include "model/import.h"

#include <assert.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/doc.h"
#include "data/class_names_json.h"
#include "model/architecture.h"
#include "model/safetensors.h"

#define MIB ((int64_t)1 << 20)

/* No pixels of 8 bits vary less, however many there are. */
#define STD_MIN 1e-12

/* -- notes -- */

typedef json_t *parse_fn(const char *text, size_t n, struct err *e);

/* The JSON in a note, by one of doc.h's parsers: a new reference. */
static json_t *note_json(const struct safetensors *f, const char *key,
	parse_fn *parse, struct err *e)
{
	const char *text = safetensors_note(f, key);
	struct err why = {0};
	json_t *v;

	if (!text) {
		err_set(e, ERR_INVALID, "the note \"%s\" is missing", key);
		return NULL;
	}
	v = parse(text, strlen(text), &why);
	if (!v)
		err_set(e, why.code, "the note \"%s\": %s", key, why.text);
	return v;
}

static int read_names(
	const struct safetensors *f, struct import *m, struct err *e)
{
	json_t *list = note_json(f, "class_names", doc_parse_list, e);
	struct class_names c = {.n = 0};
	int rc = list ? class_names_take(list, &c, e) : ERR_INVALID;

	m->names = c.names;
	m->data.classes = (int)c.n;
	m->data.class_names = (const char(*)[DATASET_NAME_BYTES])m->names;
	json_decref(list);
	return rc;
}

static int read_architecture(
	const struct safetensors *f, struct import *m, struct err *e)
{
	json_t *nodes = note_json(f, "architecture", doc_parse_list, e);
	const struct shape *in = &m->spec.nodes[0].shape;
	struct err why = {0};
	int rc = ERR_INVALID;

	if (nodes)
		rc = architecture_read(nodes, m->data.classes, &m->spec, &why);
	if (nodes && rc)
		err_set(e, rc, "the note \"architecture\": %s", why.text);
	json_decref(nodes);
	if (rc == 0 && (in->channels > DATASET_CHANNELS_MAX ||
			       in->height > DATASET_SIDE_MAX ||
			       in->width > DATASET_SIDE_MAX))
		rc = err_set(e, ERR_RANGE,
			"a network for images of %dx%dx%d; the limit is "
			"%dx%dx%d",
			in->channels, in->height, in->width,
			DATASET_CHANNELS_MAX, DATASET_SIDE_MAX,
			DATASET_SIDE_MAX);
	m->data.channels = in->channels;
	m->data.height = in->height;
	m->data.width = in->width;
	return rc;
}

/* One number for each channel. */
static int read_numbers(const json_t *v, const char *key, double lo, double hi,
	int channels, double *out, struct err *e)
{
	const size_t n = (size_t)channels;
	const json_t *list;
	int rc = doc_list(v, "", key, n, n, &list, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const json_t *x = json_array_get(list, i);

		out[i] = json_number_value(x);
		if (!json_is_number(x) || !(out[i] >= lo && out[i] <= hi))
			rc = err_set(e, ERR_RANGE,
				"entry %zu of \"%s\" must be a number from %g "
				"to %g",
				i, key, lo, hi);
	}
	return rc;
}

static int read_normalization(
	const struct safetensors *f, struct import *m, struct err *e)
{
	static const char *const keys[] = {"mean", "std", NULL};
	json_t *v = note_json(f, "normalization", doc_parse, e);
	const int channels = m->data.channels;
	const int floats = m->data.dtype == DATASET_FLOAT32;
	struct err why = {0};
	int rc;

	if (!v)
		return ERR_INVALID;
	rc = doc_only(v, "", keys, &why);
	if (rc == 0)
		rc = read_numbers(v, "mean", floats ? -FLT_MAX : 0,
			floats ? FLT_MAX : 1, channels, m->normalization.mean,
			&why);
	if (rc == 0)
		rc = read_numbers(v, "std", floats ? DBL_MIN : STD_MIN,
			floats ? 2.0 * FLT_MAX : 1, channels,
			m->normalization.std, &why);
	if (rc)
		err_set(e, rc, "the note \"normalization\": %s", why.text);
	json_decref(v);
	return rc;
}

static int read_hash(
	const struct safetensors *f, struct dataset_info *d, struct err *e)
{
	const char *hash = safetensors_note(f, "dataset_hash");

	if (!hash || strlen(hash) >= sizeof d->hash ||
		hash[strspn(hash, "0123456789abcdef")])
		return err_set(e, ERR_INVALID,
			"the note \"dataset_hash\" must be at most %zu "
			"hexadecimal digits",
			sizeof d->hash - 1);
	strcpy(d->hash, hash);
	return 0;
}

/* What is in the genome is for run/ to read. */
static int read_genome(
	const struct safetensors *f, struct import *m, struct err *e)
{
	json_t *v;

	if (!safetensors_note(f, "genome"))
		return 0;
	v = note_json(f, "genome", doc_parse, e);
	if (!v)
		return ERR_INVALID;
	json_decref(v);
	m->genome_json = xstrdup(safetensors_note(f, "genome"));
	return 0;
}

/* Without the note they are bytes, as they always were before there was one. */
static int read_pixels(
	const struct safetensors *f, struct dataset_info *d, struct err *e)
{
	const char *text = safetensors_note(f, "pixels");

	d->dtype = text ? DATASET_FLOAT32 : DATASET_UINT8;
	if (text && strcmp(text, dataset_dtype_name(d->dtype)) != 0)
		return err_set(e, ERR_INVALID,
			"the note \"pixels\" must be \"%s\" or left out",
			dataset_dtype_name(d->dtype));
	return 0;
}

static int read_flip_test(
	const struct safetensors *f, struct import *m, struct err *e)
{
	const char *text = safetensors_note(f, "flip_test");

	m->flip_test = text != NULL;
	if (text && strcmp(text, "true") != 0)
		return err_set(e, ERR_INVALID,
			"the note \"flip_test\" must be \"true\" or left "
			"out");
	return 0;
}

static int read_notes(
	const struct safetensors *f, struct import *m, struct err *e)
{
	int rc = read_names(f, m, e);

	if (rc == 0)
		rc = read_architecture(f, m, e);
	if (rc == 0)
		rc = read_pixels(f, &m->data, e);
	if (rc == 0)
		rc = read_normalization(f, m, e);
	if (rc == 0)
		rc = read_hash(f, &m->data, e);
	if (rc == 0)
		rc = read_flip_test(f, m, e);
	return rc ? rc : read_genome(f, m, e);
}

/* -- the network -- */

static int choose_batch(
	struct import *m, const struct import_options *o, struct err *e)
{
	struct spec_cost cost;

	for (m->batch = o->batch; m->batch > 0; m->batch /= 2) {
		spec_cost(&m->spec, m->batch, &cost);
		if (cost.train_bytes <= o->max_bytes)
			return 0;
	}
	return err_set(e, ERR_RANGE,
		"the network takes %lld MB but may take %lld MB",
		(long long)(cost.train_bytes / MIB +
			    (cost.train_bytes % MIB != 0)),
		(long long)(o->max_bytes / MIB));
}

static int build_net(const struct safetensors *f, struct import *m,
	const struct kernels *kernels, struct err *e)
{
	struct rng unused; /* every value it draws is written over */

	rng_stream(&unused, 0, 0, 0);
	m->net = net_new(&m->spec, m->batch, kernels, &unused, e);
	if (!m->net)
		return ERR_WORLD;
	net_flip_test(m->net, m->flip_test);
	return safetensors_load(f, m->net, e);
}

struct import *import_read(const void *bytes, size_t n,
	const struct import_options *o, struct err *e)
{
	struct safetensors f;
	struct import *m;
	int rc;

	assert(o->batch >= 1);
	if (safetensors_read(bytes, n, &f, e))
		return NULL;
	m = xcalloc(1, sizeof *m);
	rc = read_notes(&f, m, e);
	if (rc == 0)
		rc = choose_batch(m, o, e);
	if (rc == 0)
		rc = build_net(&f, m, o->kernels, e);
	safetensors_release(&f);
	if (rc == 0)
		return m;
	import_free(m);
	return NULL;
}

void import_free(struct import *m)
{
	if (!m)
		return;
	net_free(m->net);
	free(m->genome_json);
	free(m->names);
	free(m);
}
