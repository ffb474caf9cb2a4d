/* buf.h -- bytes that grow, up to a maximum; always NUL-terminated. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

#include "base/err.h"

struct buf {
	char *data;       /* NULL until the first byte */
	size_t len;       /* bytes held, without the terminating NUL */
	size_t cap;       /* bytes allocated */
	size_t max_bytes; /* len never passes this */
};

/* An empty buffer that will hold at most `max_bytes`. */
void buf_init(struct buf *b, size_t max_bytes);

/* Frees the bytes; the buffer is empty and usable again. */
void buf_release(struct buf *b);

/* Makes room for `n` bytes more, which the caller writes to data + len.  Errors
 * as buf_add. */
int buf_reserve(struct buf *b, size_t n, struct err *e);

/* As buf_reserve, for sizes that come from outside: ERR_BUSY, where that ends
 * the process, when the machine has no memory left. */
int buf_try(struct buf *b, size_t n, struct err *e);

/* Appends `n` bytes.  ERR_TOO_BIG, and no change, if they do not fit. */
int buf_add(struct buf *b, const void *bytes, size_t n, struct err *e);

/* Appends a string, without its NUL.  Errors as buf_add. */
int buf_puts(struct buf *b, const char *s, struct err *e);

/* Appends formatted text.  Errors as buf_add. */
int buf_printf(struct buf *b, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Hands the bytes to the caller, who frees them with free(); the buffer is
 * then empty.  Never NULL. */
char *buf_take(struct buf *b);

#endif
