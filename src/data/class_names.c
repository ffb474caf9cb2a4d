/* class_names.c -- a name a line. */
#include "data/class_names.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/field.h"

#define CLASSES_FILE_MAX ((size_t)DATASET_CLASSES_MAX * DATASET_NAME_BYTES)
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define MARK_BYTES 3

int class_name_is_fit(const char *name, size_t n)
{
	json_t *utf8 = json_stringn(name, n); /* NULL if it is not UTF-8 */
	int ok = utf8 && n > 0 && n < DATASET_NAME_BYTES &&
		 json_string_length(utf8) == strlen(json_string_value(utf8)) &&
		 field_printable(json_string_value(utf8));

	json_decref(utf8);
	return ok;
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* A part of the text. */
struct piece {
	const char *at, *end;
};

static struct piece trimmed(struct piece p)
{
	while (p.at < p.end && is_blank(*p.at))
		p.at++;
	while (p.at < p.end && is_blank(p.end[-1]))
		p.end--;
	return p;
}

/* Without a mark at the start and empty lines at the end. */
static struct piece whole(const struct buf *text)
{
	struct piece p = {text->data, text->data + text->len};

	if (text->len >= MARK_BYTES &&
		memcmp(p.at, BYTE_ORDER_MARK, MARK_BYTES) == 0)
		p.at += MARK_BYTES;
	while (p.at < p.end && (is_blank(p.end[-1]) || p.end[-1] == '\n'))
		p.end--;
	return p;
}

static int add_name(struct class_names *c, struct piece line, struct err *e)
{
	struct piece name = trimmed(line);
	size_t n = (size_t)(name.end - name.at);

	if (!class_name_is_fit(name.at, n))
		return err_set(e, ERR_INVALID,
			"classes.txt, line %zu: a name is 1 to %d bytes of "
			"UTF-8 without control characters",
			c->n + 1, DATASET_NAME_BYTES - 1);
	if (c->n == DATASET_CLASSES_MAX)
		return err_set(e, ERR_INVALID,
			"classes.txt has more than %d names",
			DATASET_CLASSES_MAX);
	memcpy(c->names[c->n], name.at, n);
	c->names[c->n++][n] = '\0';
	return 0;
}

static int read_names(
	const struct buf *text, struct class_names *c, struct err *e)
{
	struct piece all = whole(text);
	int rc = 0;

	if (all.at == all.end)
		return err_set(e, ERR_INVALID, "classes.txt is empty");
	while (rc == 0 && all.at < all.end) {
		const char *stop = memchr(
			all.at, '\n', (size_t)(all.end - all.at));
		struct piece line = {all.at, stop ? stop : all.end};

		rc = add_name(c, line, e);
		all.at = stop ? stop + 1 : all.end;
	}
	return rc;
}

int class_names_read(const char *folder, const char *file,
	struct class_names *out, struct err *e)
{
	struct class_names c = {.n = 0};
	struct buf text;
	int rc;

	buf_init(&text, CLASSES_FILE_MAX);
	rc = file_read_inside(folder, file, &text, e);
	if (rc == ERR_TOO_BIG)
		rc = err_set(e, ERR_INVALID, "%s is over %zu bytes", file,
			CLASSES_FILE_MAX);
	if (rc == 0) {
		c.names = xcalloc(DATASET_CLASSES_MAX, sizeof *c.names);
		rc = text.len > 0
			     ? read_names(&text, &c, e)
			     : err_set(e, ERR_INVALID, "classes.txt is empty");
	}
	buf_release(&text);
	if (rc)
		class_names_release(&c);
	else
		*out = c;
	return rc;
}

void class_names_copy(const char (*names)[DATASET_NAME_BYTES], size_t n,
	struct class_names *out)
{
	out->n = n;
	out->names = xcalloc(n, sizeof *out->names);
	memcpy(out->names, names, n * sizeof *names);
}

void class_names_release(struct class_names *c)
{
	free(c->names);
	*c = (struct class_names){.n = 0};
}
