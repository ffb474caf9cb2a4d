/* stream.h -- the bytes of a file, one after another: as they stand there,
 * gunzipped, or of a member of an archive.
 *
 * Nothing of a stream is trusted.  Sentences name the file, not its folder. */
#ifndef DATA_STREAM_H
#define DATA_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct stream;

/* What a kind of stream is made of; `s` is what its maker keeps. */
struct stream_kind {
	/* Some of the next bytes, at most n (1 or more); 0 at the end; or an
	 * error. */
	ssize_t (*some)(void *s, void *to, size_t n, struct err *e);
	void (*close)(void *s);
};

/* A stream of that kind, which can give at most `max_bytes`.  The name is
 * copied; `s` is closed with the stream. */
struct stream *stream_new(const struct stream_kind *kind, void *s,
	const char *name, uint64_t max_bytes);

/* NULL is allowed. */
void stream_close(struct stream *s);

/* What sentences call it; valid until stream_close. */
const char *stream_name(const struct stream *s);

/* Whatever the stream holds, it is not more. */
uint64_t stream_max_bytes(const struct stream *s);

/* The next n bytes.  ERR_INVALID when there are fewer, or when they are
 * damaged; ERR_WORLD. */
int stream_read(struct stream *s, void *to, size_t n, struct err *e);

/* Passes over n bytes.  The errors of stream_read. */
int stream_skip(struct stream *s, uint64_t n, struct err *e);

/* True if there is no byte left.  0: there are some; negative: an error. */
int stream_at_end(struct stream *s, struct err *e);

/* A path without its folders. */
const char *stream_base_name(const char *path);

#endif
