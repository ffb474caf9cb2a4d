/* space_json.c -- a row a list of choices, and one for all ranges, by the rows
 * of their own table. */
#include "neat/space_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/activation.h"
#include "base/doc.h"
#include "base/optimizer_kind.h"
#include "neat/space.h"

/* "LO..HI"; 0 for anything else. */
static int parse_range(const char *text, struct range *out)
{
	char *end;

	out->lo = strtod(text, &end);
	/* A number takes the first dot for its own: "16..64" is "16." and
	 * ".64". */
	if (end > text && end[-1] == '.')
		end--;
	if (end == text || strncmp(end, "..", 2) != 0)
		return 0;
	text = end + 2;
	out->hi = strtod(text, &end);
	return end > text && *end == '\0';
}

/* 0 for what is no range. */
static int take_range(const json_t *v, struct range *out)
{
	const json_t *lo = json_array_get(v, 0), *hi = json_array_get(v, 1);

	if (json_is_string(v))
		return parse_range(json_string_value(v), out);
	if (json_is_number(v))
		lo = hi = v;
	else if (json_array_size(v) != 2)
		return 0;
	out->lo = json_number_value(lo);
	out->hi = json_number_value(hi);
	return json_is_number(lo) && json_is_number(hi);
}

static int read_range(const json_t *v, const char *at, enum space_number number,
	struct range *out, struct err *e)
{
	const char *key = space_table()[number].key;
	struct err why = {0};

	if (!take_range(v, out))
		return err_at(e, ERR_INVALID, at, key,
			"\"%s\" must be a range: [LO, HI], or LO..HI as text",
			key);
	if (space_check_range(number, out, &why))
		return err_at(e, ERR_RANGE, at, key, "%s", why.text);
	return 0;
}

/* SPACE_NUMBERS for a key that none has. */
static enum space_number number_of(const char *key)
{
	int i = 0;

	while (i < SPACE_NUMBERS && strcmp(space_table()[i].key, key) != 0)
		i++;
	return (enum space_number)i;
}

static int read_ranges(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	struct range ranges[SPACE_NUMBERS];
	const char *key;
	json_t *x;
	int rc = 0;

	if (v && !json_is_object(v))
		return err_at(e, ERR_INVALID, at, NULL,
			"\"%s\" must be an object, not %s", f->key,
			doc_type_name(v));
	for (int i = 0; i < SPACE_NUMBERS; i++)
		ranges[i] = r->origin == FIELD_REQUEST
				    ? space_table()[i].standard
				    : space_table()[i].before;
	json_object_foreach((json_t *)v, key, x) {
		const enum space_number number = number_of(key);

		if (number == SPACE_NUMBERS)
			return err_at(e, ERR_INVALID, at, key,
				"evolution draws no number \"%.40s\"", key);
		rc = read_range(x, at, number, &ranges[number], e);
		if (rc)
			return rc;
	}
	memcpy((char *)s + f->at, ranges, sizeof ranges);
	return 0;
}

static json_t *number(double x, int whole)
{
	return whole ? json_integer((json_int_t)x) : json_real(x);
}

static json_t *range_json(const struct range *range, int whole)
{
	return json_pack(
		"[o, o]", number(range->lo, whole), number(range->hi, whole));
}

/* All of them, or those that a document without them would not mean. */
static json_t *write_those(const struct field *f, const void *s, int all)
{
	const struct range *ranges = (const void *)((const char *)s + f->at);
	json_t *v = json_object();

	for (int i = 0; i < SPACE_NUMBERS; i++) {
		const struct space_row *row = &space_table()[i];

		if (all || ranges[i].lo != row->before.lo ||
			ranges[i].hi != row->before.hi)
			json_object_set_new(v, row->key,
				range_json(&ranges[i], row->whole));
	}
	return v;
}

static json_t *write_ranges(const struct field *f, const void *s)
{
	return write_those(f, s, 1);
}

static json_t *keep_ranges(const struct field *f, const void *s)
{
	return write_those(f, s, 0);
}

static json_t *range_schema(const struct space_row *row)
{
	return json_pack("{s:[s, s, s], s:{s:s, s:o, s:o}, s:i, s:i, s:o}",
		"type", "array", "string", "number", "items", "type",
		row->whole ? "integer" : "number", "minimum",
		number(row->bounds.lo, row->whole), "maximum",
		number(row->bounds.hi, row->whole), "minItems", 2, "maxItems",
		2, "default", range_json(&row->standard, row->whole));
}

static json_t *ranges_schema(const struct field *f)
{
	json_t *properties = json_object();

	(void)f;
	for (int i = 0; i < SPACE_NUMBERS; i++) {
		const struct space_row *row = &space_table()[i];

		json_object_set_new(properties, row->key, range_schema(row));
	}
	return json_pack("{s:s, s:o, s:b}", "type", "object", "properties",
		properties, "additionalProperties", 0);
}

static const struct field_codec ranges_codec = {
	.read = read_ranges,
	.write = write_ranges,
	.schema = ranges_schema,
};

/* What a stored document without them means is what space_default has. */
#define AT(member) offsetof(struct space, member)
#define ACTIVATIONS_BEFORE "relu,sigmoid,tanh,leakyrelu,selu"
#define OPTIMIZERS_BEFORE "adam,adamw,sgd,rmsprop"

static const struct field rows[] = {
	{.key = "activations",
		.type = FIELD_NAMES,
		.at = AT(activations.value),
		.count = AT(activations.n),
		.lo = 1,
		.hi = SPACE_CHOICES_MAX,
		.name = activation_name,
		.standard = "relu,leakyrelu,silu,gelu",
		.before = ACTIVATIONS_BEFORE,
		.since = 1,
		.unit = "NAME,...",
		.help = "activations that evolution draws from"},
	{.key = "optimizers",
		.type = FIELD_NAMES,
		.at = AT(optimizers.value),
		.count = AT(optimizers.n),
		.lo = 1,
		.hi = SPACE_CHOICES_MAX,
		.name = optimizer_kind_name,
		.standard = "adamw,adam",
		.before = OPTIMIZERS_BEFORE,
		.since = 1,
		.unit = "NAME,...",
		.help = "optimizers that evolution draws from"},
	{.key = "space",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.at = AT(ranges),
		.codec = &ranges_codec,
		.keep = keep_ranges,
		.since = 1,
		.unit = "NAME=X..Y",
		.help = "range of a number that evolution draws: filters, "
			"units, kernel, learning_rate, batch_size or dropout"},
};

const struct fields space_fields = {FIELDS(struct space, rows)};
