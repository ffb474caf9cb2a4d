/* csv.c -- a row is made whole before it is added. */
#include "base/csv.h"

#include <string.h>

#define ROW_BYTES_MAX ((size_t)1 << 20)

static void add_quoted(struct buf *out, const char *text)
{
	buf_puts(out, "\"", NULL);
	if (text[0] && strchr("=+-@", text[0]))
		buf_puts(out, "'", NULL);
	for (const char *c = text; *c; c++)
		buf_printf(out, NULL, *c == '"' ? "\"\"" : "%c", *c);
	buf_puts(out, "\"", NULL);
}

static void add_plain(struct buf *out, const json_t *v)
{
	if (json_is_integer(v))
		buf_printf(out, NULL, "%" JSON_INTEGER_FORMAT,
			json_integer_value(v));
	else if (json_is_real(v))
		buf_printf(out, NULL, "%.17g", json_real_value(v));
	else if (json_is_boolean(v))
		buf_puts(out, json_is_true(v) ? "true" : "false", NULL);
	else if (json_is_string(v))
		buf_puts(out, json_string_value(v), NULL);
}

/* A list's values, or an object's. */
static void add_several(struct buf *out, const json_t *v)
{
	const json_t *x;
	const char *key;
	size_t i;

	json_array_foreach((json_t *)v, i, x) {
		if (i)
			buf_puts(out, " ", NULL);
		add_plain(out, x);
	}
	i = 0;
	json_object_foreach((json_t *)v, key, x) {
		buf_printf(out, NULL, "%s%s=", i++ ? " " : "", key);
		add_plain(out, x);
	}
}

static void fill_row(struct buf *out, const json_t *head, const json_t *item)
{
	const char *key, *comma = "";
	json_t *unused;

	json_object_foreach((json_t *)head, key, unused) {
		const json_t *v = json_object_get(item, key);

		buf_puts(out, comma, NULL);
		comma = ",";
		if (json_is_string(v))
			add_quoted(out, json_string_value(v));
		else if (json_is_array(v) || json_is_object(v))
			add_several(out, v);
		else
			add_plain(out, v);
	}
	buf_puts(out, "\r\n", NULL);
}

static int add_whole(struct buf *out, struct buf *row, struct err *e)
{
	const int rc = buf_add(out, row->data, row->len, e);

	buf_release(row);
	return rc;
}

int csv_add_head(struct buf *out, const json_t *item, struct err *e)
{
	const char *key, *comma = "";
	struct buf row;
	json_t *unused;

	buf_init(&row, ROW_BYTES_MAX);
	json_object_foreach((json_t *)item, key, unused) {
		buf_printf(&row, NULL, "%s%s", comma, key);
		comma = ",";
	}
	buf_puts(&row, "\r\n", NULL);
	return add_whole(out, &row, e);
}

int csv_add_row(
	struct buf *out, const json_t *head, const json_t *item, struct err *e)
{
	struct buf row;

	buf_init(&row, ROW_BYTES_MAX);
	fill_row(&row, head, item);
	return add_whole(out, &row, e);
}
