/* safetensors.h -- a trained network as a safetensors file: 8 bytes of header
 * length, a JSON header, little-endian float32 tensors.
 * Metadata: genome, normalization, class names, dataset hash, all as strings.
 *
 * What is read comes from outside: nothing in a file is believed before it has
 * been checked, and nothing is allocated from its numbers. */
#ifndef MODEL_SAFETENSORS_H
#define MODEL_SAFETENSORS_H

#include <jansson.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "nn/net.h"

#define SAFETENSORS_HEADER_MAX ((size_t)4 << 20)
#define SAFETENSORS_TENSORS_MAX 4096
#define SAFETENSORS_DIMS_MAX 4

/* One metadata entry; both are UTF-8. */
struct tensor_note {
	const char *key, *value;
};

/* Appends the file.  Same net, same bytes.  ERR_TOO_BIG as buf_add. */
int safetensors_write(const struct net *n, const struct tensor_note *notes,
	size_t n_notes, struct buf *out, struct err *e);

/* A tensor of a file. */
struct safetensor {
	const char *name; /* in the header */
	int ndims;
	int dims[SAFETENSORS_DIMS_MAX]; /* 1 or more */
	size_t start, count;            /* in the data: bytes, floats */
};

/* A file that was read: its header, and where its tensors lie. */
struct safetensors {
	json_t *header;
	struct safetensor *tensors; /* by rising start */
	size_t n;
	const char *data; /* the caller's bytes, not aligned */
};

/* Reads a file of `n` bytes, which must stay as they are until
 * safetensors_release.  ERR_INVALID or ERR_RANGE, with the tensor and the
 * reason, unless the header is JSON within SAFETENSORS_HEADER_MAX and its
 * tensors, all F32, fill the rest of the file without holes or overlaps. */
int safetensors_read(
	const void *bytes, size_t n, struct safetensors *out, struct err *e);

/* Frees what reading took, but not the bytes. */
void safetensors_release(struct safetensors *f);

/* The note of that name, or NULL; valid until safetensors_release. */
const char *safetensors_note(const struct safetensors *f, const char *key);

/* Gives the net the file's values.  ERR_INVALID, with the tensor's name, when
 * one is missing or has another shape than the net's, belongs to no node, or
 * holds a number that is not finite; the net is unchanged then. */
int safetensors_load(const struct safetensors *f, struct net *n, struct err *e);

#endif
