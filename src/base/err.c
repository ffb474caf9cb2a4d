/* err.c -- fills an error's sentence. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* A sentence may quote a client's bytes and may be cut within a character; a
 * JSON writer would then refuse it whole, and a log would show a second line.
 * What is no printable character becomes a question mark. */
static void make_printable(char *text)
{
	while (*text) {
		const unsigned char c = (unsigned char)*text;
		int n = c < 0x20 || c == 0x7f ? 0 : utf8_bytes(text);

		if (n == 0)
			*text = '?';
		text += n ? n : 1;
	}
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return code;
	e->code = code;
	e->where[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	make_printable(e->text);
	return code;
}

/* "parent/key", where RFC 6901 writes "~" in a key as "~0" and "/" as "~1". */
static void write_pointer(
	char *out, size_t max, const char *parent, const char *key)
{
	size_t n = strlen(parent);

	snprintf(out, max, "%s%s", parent, key ? "/" : "");
	for (n += key != NULL; key && *key && n + 3 <= max; key++) {
		if (*key == '~' || *key == '/')
			out[n++] = '~';
		out[n++] = *key == '~' ? '0' : *key == '/' ? '1' : *key;
		out[n] = '\0';
	}
	make_printable(out);
}

int err_at(struct err *e, int code, const char *parent, const char *key,
	const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return code;
	e->code = code;
	write_pointer(e->where, sizeof e->where, parent, key);
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	make_printable(e->text);
	return code;
}

int err_genome(struct err *e, const char *code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return ERR_GENOME;
	e->code = ERR_GENOME;
	snprintf(e->where, sizeof e->where, "%s", code);
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	make_printable(e->text);
	return ERR_GENOME;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char tail[sizeof e->text];
	size_t head, room;
	va_list ap;

	if (!e)
		return ERR_WORLD;
	memcpy(tail, e->text, sizeof tail);
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text / 2, fmt, ap);
	va_end(ap);
	head = strlen(e->text);
	room = sizeof e->text - head;
	snprintf(e->text + head, room, ": %.*s", (int)room - 3, tail);
	make_printable(e->text);
	return e->code;
}
