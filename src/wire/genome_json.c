/* genome_json.c -- the flat genome's keys, types and bounds. */
#include "wire/genome_json.h"

#include <stdio.h>
#include <strings.h>

#include "base/doc.h"

#define CONV_COUNT "Number of Convolutional Layers"
#define DENSE_COUNT "Number of Fully Connected Layers"
#define NODES "Number of Nodes in Each Layer"
#define ACTIVATIONS "Activation Functions"
#define DROPOUT "Dropout Rate"
#define LEARNING_RATE "Learning Rate"
#define BATCH_SIZE "Batch Size"
#define OPTIMIZER "Optimizer"
#define FILTERS "filters"
#define KERNELS "kernel_sizes"
#define CHANNELS "num_channels"
#define HEIGHT "px_h"
#define WIDTH "px_w"
#define CLASSES "num_classes"

/* Existing clients send lists longer than the layer counts; this bounds what
 * is kept in memory for them. */
#define LIST_MAX 1024
#define NAME_MAX_BYTES 32

typedef const char *name_of(int i);

static int read_int(const json_t *obj, const char *at, const char *key, int lo,
	int hi, int *out, struct err *e)
{
	int64_t x;
	int rc = doc_int(obj, at, key, lo, hi, &x, e);

	if (rc == 0)
		*out = (int)x;
	return rc;
}

/* The number of `s` among n names, in any letter case. */
static int find_name(const char *s, name_of *name, int n)
{
	for (int i = 0; i < n; i++)
		if (strcasecmp(s, name(i)) == 0)
			return i;
	return -1;
}

static int unknown_name(struct err *e, const char *at, const char *key,
	const char *s, name_of *name, int n)
{
	char known[120];
	size_t used = 0;

	for (int i = 0; i < n; i++)
		used += (size_t)snprintf(known + used, sizeof known - used,
			"%s%s", i > 0 ? ", " : "", name(i));
	return err_at(e, ERR_RANGE, at, key, "\"%.*s\" is not one of %s",
		NAME_MAX_BYTES, s, known);
}

/* -- lists: each entry is read by its own place, "filters/2" -- */

static int entry_int(const json_t *list, const char *at, size_t i, int hi,
	int *out, struct err *e)
{
	const json_t *v = json_array_get(list, i);
	char index[24];

	snprintf(index, sizeof index, "%zu", i);
	if (!json_is_integer(v))
		return err_at(e, ERR_INVALID, at, index,
			"an entry must be an integer, not %s",
			doc_type_name(v));
	if (json_integer_value(v) < 1 || json_integer_value(v) > hi)
		return err_at(e, ERR_RANGE, at, index,
			"an entry is %" JSON_INTEGER_FORMAT
			" but must be from 1 to %d",
			json_integer_value(v), hi);
	*out = (int)json_integer_value(v);
	return 0;
}

/* Fills out[0..n-1], going around a list that is shorter. */
static int read_ints(const json_t *obj, const char *at, const char *key, int n,
	int hi, int *out, struct err *e)
{
	char place[sizeof e->where];
	const json_t *list;
	int rc = doc_list(obj, at, key, 1, LIST_MAX, &list, e);
	int have;

	if (rc)
		return rc;
	snprintf(place, sizeof place, "%s/%s", at, key);
	have = (int)json_array_size(list);
	for (int i = 0; rc == 0 && i < n; i++) {
		if (i < have)
			rc = entry_int(list, place, (size_t)i, hi, &out[i], e);
		else
			out[i] = out[i - have];
	}
	return rc;
}

static int entry_activation(const json_t *list, const char *at, size_t i,
	enum activation *out, struct err *e)
{
	const json_t *v = json_array_get(list, i);
	char index[24];
	int k;

	snprintf(index, sizeof index, "%zu", i);
	if (!json_is_string(v))
		return err_at(e, ERR_INVALID, at, index,
			"an entry must be a string, not %s", doc_type_name(v));
	k = find_name(json_string_value(v), activation_name, ACT_COUNT);
	if (k < 0)
		return unknown_name(e, at, index, json_string_value(v),
			activation_name, ACT_COUNT);
	*out = (enum activation)k;
	return 0;
}

static int read_activations(
	const json_t *obj, const char *at, struct flat *out, struct err *e)
{
	char place[sizeof e->where];
	const json_t *list;
	int rc = doc_list(obj, at, ACTIVATIONS, 1, LIST_MAX, &list, e);
	size_t n;

	if (rc)
		return rc;
	snprintf(place, sizeof place, "%s/%s", at, ACTIVATIONS);
	n = json_array_size(list);
	if (n > FLAT_LAYERS_MAX)
		n = FLAT_LAYERS_MAX; /* no layer is ever beyond them */
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = entry_activation(list, place, i, &out->activations[i], e);
	out->n_activations = (int)n;
	return rc;
}

static int read_optimizer(
	const json_t *obj, const char *at, struct flat *out, struct err *e)
{
	const char *s;
	int rc = doc_str(obj, at, OPTIMIZER, 1, NAME_MAX_BYTES, &s, e);
	int k;

	if (rc)
		return rc;
	k = find_name(s, optimizer_kind_name, OPT_COUNT);
	if (k < 0)
		return unknown_name(
			e, at, OPTIMIZER, s, optimizer_kind_name, OPT_COUNT);
	out->optimizer = (enum optimizer_kind)k;
	return 0;
}

static int read_layers(
	const json_t *v, const char *at, struct flat *g, struct err *e)
{
	int rc = read_int(v, at, CONV_COUNT, 1, FLAT_LAYERS_MAX, &g->n_conv, e);

	if (rc == 0)
		rc = read_int(
			v, at, DENSE_COUNT, 1, FLAT_LAYERS_MAX, &g->n_dense, e);
	if (rc == 0)
		rc = read_ints(v, at, FILTERS, g->n_conv, FLAT_FILTERS_MAX,
			g->filters, e);
	if (rc == 0)
		rc = read_ints(v, at, KERNELS, g->n_conv, FLAT_KERNEL_MAX,
			g->kernels, e);
	if (rc == 0)
		rc = read_ints(
			v, at, NODES, g->n_dense, FLAT_NODES_MAX, g->nodes, e);
	if (rc == 0)
		rc = read_activations(v, at, g, e);
	return rc;
}

static int read_training(
	const json_t *v, const char *at, struct flat *g, struct err *e)
{
	int rc = doc_real(v, at, DROPOUT, 0, FLAT_DROPOUT_MAX, &g->dropout, e);

	if (rc == 0)
		rc = doc_real(v, at, LEARNING_RATE, 0, FLAT_LEARNING_RATE_MAX,
			&g->learning_rate, e);
	if (rc == 0)
		rc = read_int(v, at, BATCH_SIZE, 1, FLAT_BATCH_MAX,
			&g->batch_size, e);
	if (rc == 0)
		rc = read_optimizer(v, at, g, e);
	return rc;
}

int genome_data_read(
	const json_t *obj, const char *at, struct flat_data *out, struct err *e)
{
	struct flat_data d;
	int rc = read_int(
		obj, at, CHANNELS, 1, FLAT_CHANNELS_MAX, &d.channels, e);

	if (rc == 0)
		rc = read_int(obj, at, HEIGHT, 1, FLAT_SIDE_MAX, &d.height, e);
	if (rc == 0)
		rc = read_int(obj, at, WIDTH, 1, FLAT_SIDE_MAX, &d.width, e);
	if (rc == 0)
		rc = read_int(obj, at, CLASSES, FLAT_CLASSES_MIN,
			FLAT_CLASSES_MAX, &d.classes, e);
	if (rc == 0)
		*out = d;
	return rc;
}

void genome_data_write(json_t *obj, const struct flat_data *d)
{
	json_object_set_new(obj, CHANNELS, json_integer(d->channels));
	json_object_set_new(obj, HEIGHT, json_integer(d->height));
	json_object_set_new(obj, WIDTH, json_integer(d->width));
	json_object_set_new(obj, CLASSES, json_integer(d->classes));
}

int genome_read(
	const json_t *v, const char *at, struct flat *out, struct err *e)
{
	static const char *const keys[] = {CONV_COUNT, DENSE_COUNT, NODES,
		ACTIVATIONS, DROPOUT, LEARNING_RATE, BATCH_SIZE, OPTIMIZER,
		FILTERS, KERNELS, GENOME_DATA_KEYS, NULL};
	struct flat g = {0};
	int rc;

	if (!json_is_object(v))
		return err_at(e, ERR_INVALID, at, NULL,
			"a genome must be an object, not %s", doc_type_name(v));
	rc = doc_only(v, at, keys, e);
	if (rc == 0)
		rc = read_layers(v, at, &g, e);
	if (rc == 0)
		rc = read_training(v, at, &g, e);
	if (rc == 0)
		rc = genome_data_read(v, at, &g.data, e);
	if (rc == 0)
		*out = g;
	return rc;
}

static json_t *write_ints(const int *x, int n)
{
	json_t *list = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(list, json_integer(x[i]));
	return list;
}

static json_t *write_activations(const struct flat *g)
{
	json_t *list = json_array();

	for (int i = 0; i < g->n_activations; i++)
		json_array_append_new(
			list, json_string(activation_name(g->activations[i])));
	return list;
}

json_t *genome_write(const struct flat *g)
{
	json_t *v = json_object();

	json_object_set_new(v, CONV_COUNT, json_integer(g->n_conv));
	json_object_set_new(v, DENSE_COUNT, json_integer(g->n_dense));
	json_object_set_new(v, NODES, write_ints(g->nodes, g->n_dense));
	json_object_set_new(v, ACTIVATIONS, write_activations(g));
	json_object_set_new(v, DROPOUT, json_real(g->dropout));
	json_object_set_new(v, LEARNING_RATE, json_real(g->learning_rate));
	json_object_set_new(v, BATCH_SIZE, json_integer(g->batch_size));
	json_object_set_new(
		v, OPTIMIZER, json_string(optimizer_kind_name(g->optimizer)));
	json_object_set_new(v, FILTERS, write_ints(g->filters, g->n_conv));
	json_object_set_new(v, KERNELS, write_ints(g->kernels, g->n_conv));
	genome_data_write(v, &g->data);
	return v;
}
