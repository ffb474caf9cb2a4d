/* reading.c -- the options of reading, as rows. */
#include "data/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset_info.h"

#define AT(member) offsetof(struct reading, member)
#define COLUMN_MAX 65535

const char *reading_layout_name(int layout)
{
	static const char *const names[READING_LAYOUTS] = {
		[READING_AUTO] = "auto",
		[READING_NHW] = "NHW",
		[READING_NHWC] = "NHWC",
		[READING_NCHW] = "NCHW",
		[READING_NCL] = "NCL"};

	return layout < READING_LAYOUTS ? names[layout] : NULL;
}

static const struct field rows[] = {
	{.key = "layout",
		.type = FIELD_NAME,
		.flags = FIELD_LABEL,
		.at = AT(layout),
		.name = reading_layout_name,
		.standard = "auto",
		.before = "auto",
		.since = 1,
		.unit = "NAME",
		.help = "order of an array's dimensions, slowest first; auto "
			"finds it where 1 to 3 channels tell"},
	{.key = "transpose",
		.type = FIELD_FLAG,
		.flags = FIELD_LABEL,
		.at = AT(transpose),
		.standard = "false",
		.before = "false",
		.since = 1,
		.help = "swap rows and columns of every image, as EMNIST's "
			"need"},
	{.key = "label_column",
		.type = FIELD_INT,
		.flags = FIELD_LABEL,
		.at = AT(label_column),
		.given = AT(has_label_column),
		.hi = COLUMN_MAX,
		.since = 1,
		.unit = "N",
		.help = "which column of a table of labels is the class, "
			"counted from 0"},
	{.key = "resize",
		.type = FIELD_TEXT,
		.flags = FIELD_LABEL,
		.at = AT(resize),
		.hi = READING_RESIZE_BYTES - 1,
		.standard = "",
		.before = "",
		.since = 1,
		.unit = "WxH",
		.help = "make every picture so wide and high, in pixels"},
};

/* True for 1 to DATASET_SIDE_MAX and the character behind it. */
static int read_side(const char **at, char behind, int *out)
{
	char *end;
	long n;

	if (**at < '1' || **at > '9')
		return 0;
	n = strtol(*at, &end, 10);
	if (n > DATASET_SIDE_MAX || *end != behind)
		return 0;
	*at = end + 1;
	*out = (int)n;
	return 1;
}

static int parse_size(const char *text, int *height, int *width)
{
	return read_side(&text, 'x', width) && read_side(&text, '\0', height);
}

static int check(const void *reading, const char *at, struct err *e)
{
	const struct reading *r = reading;
	int height, width;

	if (r->resize[0] && !parse_size(r->resize, &height, &width))
		return err_at(e, ERR_RANGE, at, "resize",
			"\"resize\" must be a width and a height of 1 to %d "
			"pixels, like 64x48",
			DATASET_SIDE_MAX);
	return 0;
}

const struct fields reading_fields = {
	FIELDS(struct reading, rows),
	.what = "the reading",
	.check = check,
};

void reading_size(const struct reading *r, int *height, int *width)
{
	if (!parse_size(r->resize, height, width))
		*height = *width = 0;
}

int reading_check(
	const struct reading *r, unsigned uses, const char *what, struct err *e)
{
	const struct {
		const char *name;
		int asked;
		enum reading_use use;
	} all[] = {
		{"layout", r->layout != READING_AUTO, READING_USES_LAYOUT},
		{"transpose", r->transpose, READING_USES_TRANSPOSE},
		{"label_column", r->has_label_column,
			READING_USES_LABEL_COLUMN},
		{"resize", r->resize[0] != '\0', READING_USES_RESIZE},
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].asked && !(uses & all[i].use))
			return err_at(e, ERR_INVALID, "", all[i].name,
				"\"%s\" is not for %s", all[i].name, what);
	return 0;
}

void reading_key(const struct reading *r, struct sha256 *key)
{
	char line[128];
	int n = snprintf(line, sizeof line, "%d %d %d %d %s\n", r->layout,
		r->transpose, r->has_label_column,
		r->has_label_column ? r->label_column : 0, r->resize);

	sha256_add(key, line, (size_t)n);
}
