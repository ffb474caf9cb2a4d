/* dataset_note.c -- the hash, then where it is from, behind a tab, which is in
 * no name; then a name a line. */
#include "data/dataset_note.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"

#define HASH_BYTES (SHA256_HEX_BYTES - 1)
#define NOTE_BYTES_MAX                       \
	(HASH_BYTES + DATASET_PATH_MAX + 2 + \
		(size_t)DATASET_CLASSES_MAX * DATASET_NAME_BYTES)

void dataset_note_release(struct dataset_note *n)
{
	class_names_release(&n->names);
}

int dataset_note_write(
	const char *path, const struct dataset_note *n, struct err *e)
{
	struct buf text;
	int rc;

	buf_init(&text, NOTE_BYTES_MAX);
	rc = buf_puts(&text, n->hash, e);
	if (rc == 0 && n->from[0] && !strchr(n->from, '\n'))
		rc = buf_printf(&text, e, "\n\t%s", n->from);
	for (size_t i = 0; rc == 0 && i < n->names.n; i++)
		rc = buf_printf(&text, e, "\n%s", n->names.names[i]);
	if (rc == 0)
		rc = file_replace(path, text.data, text.len, e);
	buf_release(&text);
	return rc;
}

/* How many names follow the hash. */
static size_t count_lines(const char *at, const char *end)
{
	size_t n = 0;

	for (; at < end; at++)
		n += *at == '\n';
	return n;
}

static int take_names(
	const char *at, const char *end, struct class_names *out, struct err *e)
{
	out->n = count_lines(at, end);
	if (out->n > DATASET_CLASSES_MAX)
		return err_set(e, ERR_INVALID, "a note has too many names");
	out->names = xcalloc(out->n ? out->n : 1, sizeof *out->names);
	for (size_t i = 0; i < out->n; i++) {
		const char *name = at + 1;
		const char *stop = memchr(name, '\n', (size_t)(end - name));

		at = stop ? stop : end;
		if (!class_name_is_fit(name, (size_t)(at - name)))
			return err_set(e, ERR_INVALID, "a note is damaged");
		memcpy(out->names[i], name, (size_t)(at - name));
	}
	return 0;
}

/* What stands before the names; where they begin. */
static const char *take_from(const char *at, const char *end, char *from)
{
	const char *stop;

	if (end - at < 2 || at[1] != '\t')
		return at;
	stop = memchr(at + 1, '\n', (size_t)(end - at - 1));
	stop = stop ? stop : end;
	snprintf(from, DATASET_PATH_MAX, "%.*s", (int)(stop - at - 2), at + 2);
	return stop;
}

static int take(const struct buf *text, struct dataset_note *n, struct err *e)
{
	const char *at = text->data + HASH_BYTES, *end;

	if (text->len < HASH_BYTES)
		return err_set(e, ERR_INVALID, "a note is cut short");
	memcpy(n->hash, text->data, HASH_BYTES);
	if (!sha256_is_hex(n->hash) ||
		(text->len > HASH_BYTES && text->data[HASH_BYTES] != '\n'))
		return err_set(e, ERR_INVALID, "a note is damaged");
	end = text->data + text->len;
	at = take_from(at, end, n->from);
	return take_names(at, end, &n->names, e);
}

int dataset_note_read(const char *path, struct dataset_note *out, struct err *e)
{
	struct dataset_note n = {.hash = ""};
	struct buf text;
	int rc;

	buf_init(&text, NOTE_BYTES_MAX);
	rc = file_read(path, &text, e);
	if (rc == 0)
		rc = take(&text, &n, e);
	buf_release(&text);
	if (rc)
		dataset_note_release(&n);
	else
		*out = n;
	return rc == ERR_TOO_BIG ? ERR_INVALID : rc;
}
