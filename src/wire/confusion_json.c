/* confusion_json.c -- counts as lists, bounded. */
#include "wire/confusion_json.h"

#include "base/doc.h"
#include "model/judgement.h"
#include "wire/job_head.h"
#include "wire/job_json.h"

#define CONFUSION_COUNT_MAX (COUNT_MAX / JUDGEMENT_CONFUSION_MAX)

static int refuse_confusion(const char *at, struct err *e)
{
	return err_at(e, ERR_INVALID, at, "confusion",
		"\"confusion\" must be of 2 to %d lists of as many whole "
		"numbers each",
		JUDGEMENT_CONFUSION_MAX);
}

static int read_row(const json_t *row, size_t classes, uint64_t *out)
{
	int64_t n;

	if (!json_is_array(row) || json_array_size(row) != classes)
		return -1;
	for (size_t k = 0; k < classes; k++) {
		if (!doc_integer(json_array_get(row, k), &n) || n < 0 ||
			n > CONFUSION_COUNT_MAX)
			return -1;
		out[k] = (uint64_t)n;
	}
	return 0;
}

static int read_confusion(const struct field *f, const json_t *v,
	const char *at, const struct field_reader *r, void *s, struct err *e)
{
	const size_t n = json_array_size(v);
	struct job_result *out = s;
	uint64_t *counts;

	(void)f;
	if (!v) {
		out->classes = 0;
		return 0;
	}
	if (!json_is_array(v) || n < 2 || n > JUDGEMENT_CONFUSION_MAX)
		return refuse_confusion(at, e);
	counts = arena_array(r->mem, n * n, sizeof *counts);
	for (size_t i = 0; i < n; i++)
		if (read_row(json_array_get(v, i), n, counts + i * n))
			return refuse_confusion(at, e);
	out->confusion = counts;
	out->classes = (int)n;
	return 0;
}

static json_t *write_confusion(const struct field *f, const void *s)
{
	const struct job_result *r = s;
	const size_t n = (size_t)r->classes;
	json_t *rows;

	(void)f;
	if (!r->confusion)
		return NULL;
	rows = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *row = json_array();

		for (size_t k = 0; k < n; k++)
			json_array_append_new(row,
				json_integer(
					(json_int_t)r->confusion[i * n + k]));
		json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *confusion_schema(const struct field *f)
{
	(void)f;
	return json_pack("{s:s, s:i, s:i, s:{s:s, s:i, s:i, s:{s:s, s:i}}}",
		"type", "array", "minItems", 2, "maxItems",
		JUDGEMENT_CONFUSION_MAX, "items", "type", "array", "minItems",
		2, "maxItems", JUDGEMENT_CONFUSION_MAX, "items", "type",
		"integer", "minimum", 0);
}

const struct field_codec confusion_codec = {
	read_confusion, write_confusion, confusion_schema};
