/* flat_json.c -- the flat genome's keys, types and bounds. */
#include "wire/flat_json.h"

#include <stdio.h>

#include "base/doc.h"

/* Existing clients send lists longer than the layer counts; this bounds what
 * is kept in memory for them. */
#define LIST_MAX 1024

/* -- lists: each entry is read by its own place, "filters/2" -- */

static int check_list(
	const struct field *f, const json_t *v, const char *at, struct err *e)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v))
		return err_at(e, ERR_INVALID, at, NULL,
			v ? "\"%s\" must be a list, not %s"
			  : "\"%s\" is required (a list)",
			f->key, doc_type_name(v));
	if (n < 1 || n > LIST_MAX)
		return err_at(e, ERR_RANGE, at, NULL,
			"\"%s\" has %zu entries but must have from 1 to %d",
			f->key, n, LIST_MAX);
	return 0;
}

static int read_size(const struct field *f, const json_t *v, const char *at,
	size_t i, int *out, struct err *e)
{
	char index[24];
	int64_t x;

	snprintf(index, sizeof index, "%zu", i);
	if (!doc_integer(v, &x))
		return err_at(e, ERR_INVALID, at, index,
			"an entry must be an integer, not %s",
			doc_type_name(v));
	if (x < 1 || (double)x > f->hi)
		return err_at(e, ERR_RANGE, at, index,
			"an entry is %lld but must be from 1 to %.0f",
			(long long)x, f->hi);
	*out = (int)x;
	return 0;
}

/* One size a layer, going around a list that is shorter.  The row's `count` is
 * the place of the number of layers. */
static int read_sizes(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	int n = *(const int *)((const char *)s + f->count);
	int *out = (int *)((char *)s + f->at);
	int have = (int)json_array_size(v), rc = check_list(f, v, at, e);

	(void)r;
	for (int i = 0; rc == 0 && i < n; i++) {
		if (i < have)
			rc = read_size(f, json_array_get(v, (size_t)i), at,
				(size_t)i, &out[i], e);
		else
			out[i] = out[i - have];
	}
	return rc;
}

static json_t *write_sizes(const struct field *f, const void *s)
{
	int n = *(const int *)((const char *)s + f->count);
	const int *x = (const int *)((const char *)s + f->at);
	json_t *list = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(list, json_integer(x[i]));
	return list;
}

static json_t *sizes_schema(const struct field *f)
{
	return json_pack("{s:s, s:i, s:i, s:{s:s, s:i, s:i}}", "type", "array",
		"minItems", 1, "maxItems", LIST_MAX, "items", "type", "integer",
		"minimum", 1, "maximum", (int)f->hi);
}

static const struct field_codec sizes = {read_sizes, write_sizes, sizes_schema};

static int read_activation(const struct field *f, const json_t *v,
	const char *at, size_t i, enum activation *out, struct err *e)
{
	char index[24], names[FIELD_NAMES_BYTES];
	int value;

	snprintf(index, sizeof index, "%zu", i);
	if (!json_is_string(v))
		return err_at(e, ERR_INVALID, at, index,
			"an entry must be a string, not %s", doc_type_name(v));
	value = field_named(f, json_string_value(v));
	field_names_say(f, names);
	if (value < 0)
		return err_at(e, ERR_RANGE, at, index,
			"\"%.32s\" is not one of %s", json_string_value(v),
			names);
	*out = (enum activation)value;
	return 0;
}

/* Their own number of them: no layer is ever beyond FLAT_LAYERS_MAX. */
static int read_activations(const struct field *f, const json_t *v,
	const char *at, const struct field_reader *r, void *s, struct err *e)
{
	struct flat *g = s;
	size_t n = json_array_size(v);
	int rc = check_list(f, v, at, e);

	(void)r;
	if (n > FLAT_LAYERS_MAX)
		n = FLAT_LAYERS_MAX;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = read_activation(
			f, json_array_get(v, i), at, i, &g->activations[i], e);
	g->n_activations = (int)n;
	return rc;
}

static json_t *write_activations(const struct field *f, const void *s)
{
	const struct flat *g = s;
	json_t *list = json_array();

	for (int i = 0; i < g->n_activations; i++)
		json_array_append_new(
			list, json_string(f->name((int)g->activations[i])));
	return list;
}

static json_t *activations_schema(const struct field *f)
{
	json_t *names = json_array();

	for (int i = 0; f->name(i); i++)
		json_array_append_new(names, json_string(f->name(i)));
	return json_pack("{s:s, s:i, s:i, s:{s:s, s:o}}", "type", "array",
		"minItems", 1, "maxItems", LIST_MAX, "items", "type", "string",
		"enum", names);
}

static const struct field_codec activations = {
	read_activations, write_activations, activations_schema};

/* -- the table -- */

#define AT(member) offsetof(struct flat, member)
#define INT(key_, member, lo_, hi_)                                 \
	{                                                           \
		.key = (key_), .type = FIELD_INT, .at = AT(member), \
		.lo = (lo_), .hi = (hi_)                            \
	}
#define REAL(key_, member, hi_)                                      \
	{                                                            \
		.key = (key_), .type = FIELD_REAL, .at = AT(member), \
		.hi = (hi_)                                          \
	}
#define SIZES(key_, member, count_, hi_)                            \
	{                                                           \
		.key = (key_), .type = FIELD_OWN, .at = AT(member), \
		.count = AT(count_), .hi = (hi_), .codec = &sizes   \
	}

/* clang-format off */
static const struct field rows[] = {
	INT("Number of Convolutional Layers", n_conv, 1, FLAT_LAYERS_MAX),
	INT("Number of Fully Connected Layers", n_dense, 1, FLAT_LAYERS_MAX),
	SIZES("Number of Nodes in Each Layer", nodes, n_dense, DENSE_UNITS_MAX),
	{.key = "Activation Functions", .type = FIELD_OWN,
		.name = activation_name, .codec = &activations},
	REAL("Dropout Rate", dropout, LAYER_DROPOUT_MAX),
	REAL("Learning Rate", learning_rate, LEARNING_RATE_MAX),
	INT("Batch Size", batch_size, 1, BATCH_SIZE_MAX),
	{.key = "Optimizer", .type = FIELD_NAME, .at = AT(optimizer),
		.name = optimizer_kind_name},
	SIZES("filters", filters, n_conv, CONV_FILTERS_MAX),
	SIZES("kernel_sizes", kernels, n_conv, CONV_KERNEL_MAX),
	DATA_SHAPE_ROWS(struct flat, data, 0),
};
/* clang-format on */

const struct fields flat_fields = {
	FIELDS(struct flat, rows), .what = "a genome"};

int flat_read(const json_t *v, const char *at, struct flat *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	struct flat g = {0};
	int rc = fields_read(&flat_fields, v, at, &r, &g, e);

	if (rc == 0)
		*out = g;
	return rc;
}

json_t *flat_write(const struct flat *g)
{
	return fields_write(&flat_fields, FIELD_SHOW, g);
}
