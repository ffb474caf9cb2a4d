/* stream.c -- what all streams share. */
#include "data/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define SKIP_BYTES 65536

struct stream {
	const struct stream_kind *kind;
	void *own;
	char *name;
	uint64_t max_bytes;
	int has_byte; /* stream_at_end has read one */
	uint8_t byte;
};

const char *stream_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

struct stream *stream_new(const struct stream_kind *kind, void *s,
	const char *name, uint64_t max_bytes)
{
	struct stream *out = xcalloc(1, sizeof *out);

	out->kind = kind;
	out->own = s;
	out->name = xstrdup(name);
	out->max_bytes = max_bytes;
	return out;
}

void stream_close(struct stream *s)
{
	if (!s)
		return;
	s->kind->close(s->own);
	free(s->name);
	free(s);
}

const char *stream_name(const struct stream *s)
{
	return s->name;
}

uint64_t stream_max_bytes(const struct stream *s)
{
	return s->max_bytes;
}

int stream_read(struct stream *s, void *to, size_t n, struct err *e)
{
	uint8_t *at = to;

	if (s->has_byte && n > 0) {
		*at++ = s->byte;
		s->has_byte = 0;
		n--;
	}
	while (n > 0) {
		ssize_t got = s->kind->some(s->own, at, n, e);

		if (got < 0)
			return (int)got;
		if (got == 0)
			return err_set(
				e, ERR_INVALID, "%s is cut short", s->name);
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

int stream_skip(struct stream *s, uint64_t n, struct err *e)
{
	char unused[SKIP_BYTES];
	int rc = 0;

	while (rc == 0 && n > 0) {
		size_t some = n < SKIP_BYTES ? (size_t)n : SKIP_BYTES;

		rc = stream_read(s, unused, some, e);
		n -= some;
	}
	return rc;
}

int stream_at_end(struct stream *s, struct err *e)
{
	ssize_t got;

	if (s->has_byte)
		return 0;
	got = s->kind->some(s->own, &s->byte, 1, e);
	s->has_byte = got > 0;
	return got < 0 ? (int)got : got == 0;
}
