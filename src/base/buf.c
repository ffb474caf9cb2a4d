/* buf.c -- capacity doubles, so that n appends cost n. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

void buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){.max_bytes = max_bytes};
}

void buf_release(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max_bytes);
}

/* The capacity that `n` bytes more ask for; 0 where they do not fit. */
static size_t capacity(const struct buf *b, size_t n, struct err *e)
{
	size_t cap = b->cap ? b->cap : 256;

	if (n > b->max_bytes - b->len) {
		err_set(e, ERR_TOO_BIG,
			"the text is over its limit of %zu bytes",
			b->max_bytes);
		return 0;
	}
	while (cap < b->len + n + 1)
		cap *= 2;
	return cap;
}

int buf_reserve(struct buf *b, size_t n, struct err *e)
{
	const size_t cap = capacity(b, n, e);

	if (cap == 0)
		return ERR_TOO_BIG;
	if (cap != b->cap) {
		b->data = xrealloc(b->data, cap);
		b->cap = cap;
	}
	return 0;
}

int buf_try(struct buf *b, size_t n, struct err *e)
{
	const size_t cap = capacity(b, n, e);
	char *data;

	if (cap == 0)
		return ERR_TOO_BIG;
	if (cap == b->cap)
		return 0;
	data = realloc(b->data, cap);
	if (!data)
		return err_set(e, ERR_BUSY,
			"there is no memory for %zu bytes; try again in a "
			"moment",
			b->len + n);
	b->data = data;
	b->cap = cap;
	return 0;
}

int buf_add(struct buf *b, const void *bytes, size_t n, struct err *e)
{
	int rc = buf_reserve(b, n, e);

	if (rc)
		return rc;
	if (n)
		memcpy(b->data + b->len, bytes, n);
	b->len += n;
	b->data[b->len] = '\0';
	return 0;
}

int buf_puts(struct buf *b, const char *s, struct err *e)
{
	return buf_add(b, s, strlen(s), e);
}

int buf_printf(struct buf *b, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int n, rc;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	rc = buf_reserve(b, (size_t)n, e);
	if (rc)
		return rc;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

char *buf_take(struct buf *b)
{
	char *s = b->data ? b->data : xcalloc(1, 1);

	buf_init(b, b->max_bytes);
	return s;
}
