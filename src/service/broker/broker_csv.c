/* broker_csv.c -- a list of flat objects as rows of text. */
#include "service/broker/broker_csv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define CSV_BYTES_MAX ((size_t)64 << 20)

int csv_wanted(const struct http_request *q)
{
	const char *accept = http_header(q, "Accept");

	return accept && strncmp(accept, "text/csv", 8) == 0;
}

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

static void add_row(struct buf *out, const json_t *first, const json_t *item)
{
	const char *key, *comma = "";
	json_t *unused;

	json_object_foreach((json_t *)first, key, unused) {
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

void csv_reply(struct http_reply *r, const json_t *items)
{
	const json_t *first = json_array_get(items, 0), *item;
	const char *key, *comma = "";
	struct buf out;
	json_t *unused;
	size_t i;

	buf_init(&out, CSV_BYTES_MAX);
	json_object_foreach((json_t *)first, key, unused) {
		buf_printf(&out, NULL, "%s%s", comma, key);
		comma = ",";
	}
	buf_puts(&out, "\r\n", NULL);
	json_array_foreach((json_t *)items, i, item)
		add_row(&out, first, item);
	http_reply_bytes(r, 200, "text/csv", out.data, out.len);
	buf_release(&out);
}
