/* things.c -- the table of a thing. */
#include "things.h"

const char *colour_name(int colour)
{
	static const char *const names[] = {NULL, "red", "green", "blue", NULL};

	return names[colour];
}

const char *hue_name(int hue)
{
	static const char *const names[] = {"dark", "warm", "light", NULL};

	return names[hue];
}

static const char *shape_name(int shape)
{
	static const char *const names[] = {"round", "square", NULL};

	return names[shape];
}

/* -- what a thing has by its shape -- */

static const struct field round_rows[] = {
	{.key = "radius",
		.type = FIELD_REAL,
		.at = offsetof(struct round, radius),
		.hi = 5,
		.standard = "1",
		.help = "from the middle"},
};
static const struct fields round_fields = {FIELDS(struct round, round_rows)};

static const struct field square_rows[] = {
	{.key = "side",
		.type = FIELD_INT,
		.at = offsetof(struct square, side),
		.lo = 1,
		.hi = 9,
		.standard = "2"},
};
static const struct fields square_fields = {FIELDS(struct square, square_rows)};

static int shape_of(const void *s)
{
	return ((const struct thing *)s)->shape;
}

static const struct fields *fields_of_shape(int i)
{
	static const struct fields *const all[] = {
		&round_fields, &square_fields, NULL};

	return all[i];
}

/* -- a pair: two numbers in a list, which no type describes -- */

static int read_pair(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	int *pair = (int *)((char *)s + f->at);

	(void)r;
	if (!v || json_is_string(v)) { /* the default: "none" */
		pair[0] = pair[1] = 0;
		return 0;
	}
	if (json_unpack((json_t *)v, "[i, i]", &pair[0], &pair[1]))
		return err_at(e, ERR_INVALID, at, NULL, "no pair");
	return 0;
}

static json_t *write_pair(const struct field *f, const void *s)
{
	const int *pair = (const int *)((const char *)s + f->at);

	return pair[0] || pair[1] ? json_pack("[i, i]", pair[0], pair[1])
				  : NULL;
}

static json_t *pair_schema(const struct field *f)
{
	(void)f;
	return json_pack("{s:s, s:i}", "type", "array", "maxItems", 2);
}

static const struct field_codec pair = {read_pair, write_pair, pair_schema};

/* -- objects in a thing -- */

static const struct field frame_rows[] = {
	{.key = "width",
		.type = FIELD_REAL,
		.at = offsetof(struct frame, width),
		.hi = 10,
		.standard = "1",
		.before = "1"},
	{.key = "shade",
		.type = FIELD_INT,
		.at = offsetof(struct frame, shade),
		.hi = 9,
		.standard = "4",
		.before = "0",
		.since = THING_VERSION_SHADE},
};
static const struct fields frame_fields = {
	FIELDS(struct frame, frame_rows), .what = "a frame"};

static const struct field part_rows[] = {
	{.key = "id",
		.type = FIELD_WHOLE,
		.at = offsetof(struct part, id),
		.hi = 0x1p53},
	{.key = "shade",
		.type = FIELD_INT,
		.at = offsetof(struct part, shade),
		.hi = 9,
		.standard = "4",
		.before = "0",
		.since = THING_VERSION_SHADE},
};
static const struct fields part_fields = {
	FIELDS(struct part, part_rows), .what = "a part"};

/* -- a thing -- */

#define AT(member) offsetof(struct thing, member)

static const struct field rows[] = {
	{.key = "label",
		.type = FIELD_TEXT,
		.flags = FIELD_LABEL,
		.at = AT(label),
		.hi = 8,
		.standard = "",
		.before = ""},
	{.key = "count",
		.type = FIELD_INT,
		.at = AT(count),
		.lo = -2,
		.hi = 20,
		.standard = "5",
		.unit = "N",
		.help = "how many"},
	{.key = "whole",
		.type = FIELD_WHOLE,
		.at = AT(whole),
		.hi = 0x1p53,
		.standard = "9007199254740992"},
	{.key = "real",
		.type = FIELD_REAL,
		.at = AT(real),
		.lo = 0.5,
		.hi = 2,
		.standard = "0.75"},
	{.key = "flag", .type = FIELD_FLAG, .at = AT(flag), .standard = "true"},
	{.key = "hash",
		.type = FIELD_HASH,
		.flags = FIELD_OPTIONAL,
		.at = AT(hash)},
	{.key = "colour",
		.type = FIELD_NAME,
		.at = AT(colour),
		.lo = RED,
		.name = colour_name,
		.standard = "green"},
	{.key = "hues",
		.type = FIELD_NAMES,
		.at = AT(hues),
		.count = AT(n_hues),
		.lo = 1,
		.hi = HUES_MAX,
		.name = hue_name,
		.standard = "light,dark",
		.before = "dark,warm",
		.since = THING_VERSION_SHADE},
	{.key = "shade",
		.type = FIELD_INT,
		.at = AT(shade),
		.hi = 9,
		.standard = "4",
		.before = "0",
		.since = THING_VERSION_SHADE},
	{.key = "gloss",
		.type = FIELD_FLAG,
		.at = AT(gloss),
		.standard = "false",
		.before = "false",
		.since = THING_VERSION_GLOSS},
	{.key = "limit",
		.type = FIELD_REAL,
		.at = AT(limit),
		.given = AT(has_limit),
		.hi = 1},
	{.key = "made",
		.type = FIELD_INT,
		.flags = FIELD_FILLED,
		.at = AT(made),
		.hi = 3000},
	{.key = "pair",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.at = AT(pair),
		.codec = &pair},
	{.key = "frame",
		.type = FIELD_OBJECT,
		.flags = FIELD_OPTIONAL,
		.at = AT(frame),
		.of = &frame_fields},
	{.key = "lid",
		.type = FIELD_OBJECT,
		.at = AT(lid),
		.given = AT(has_lid),
		.of = &frame_fields},
	{.key = "parts",
		.type = FIELD_LIST,
		.flags = FIELD_OPTIONAL,
		.at = AT(parts),
		.count = AT(n_parts),
		.hi = 3,
		.of = &part_fields},
	{.key = "shape",
		.type = FIELD_NAME,
		.at = AT(shape),
		.name = shape_name,
		.standard = "round"},
	{.type = FIELD_INCLUDE,
		.at = AT(own),
		.choose = shape_of,
		.choice = fields_of_shape},
};

static int check(const void *s, const char *at, struct err *e)
{
	const struct thing *t = s;

	if (t->count != 13)
		return 0;
	return err_at(e, ERR_RANGE, at, "count", "13 brings bad luck");
}

const struct fields thing_fields = {
	FIELDS(struct thing, rows), .what = "a thing", .check = check};
