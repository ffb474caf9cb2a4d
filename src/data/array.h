/* array.h -- an array of numbers in a file: its header is read at once, its
 * values a piece at a time. */
#ifndef DATA_ARRAY_H
#define DATA_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/stream.h"

#define ARRAY_RANK_MAX 4
#define ARRAY_BYTES_MAX ((uint64_t)1 << 42) /* of all values */

enum element {
	ELEMENT_U8,
	ELEMENT_I8,
	ELEMENT_U16,
	ELEMENT_I16,
	ELEMENT_U32,
	ELEMENT_I32,
	ELEMENT_U64,
	ELEMENT_I64,
	ELEMENT_F32,
	ELEMENT_F64,
	ELEMENTS
};

/* Bytes of one. */
size_t element_bytes(enum element t);

/* "uint8", "float64". */
const char *element_name(enum element t);

/* True for those that labels can be. */
int element_is_integer(enum element t);

/* What a file's header says. */
struct array_shape {
	int rank; /* 1..ARRAY_RANK_MAX */
	uint64_t dims[ARRAY_RANK_MAX];
	enum element type;
	int big_endian;
};

struct array; /* a file whose header has been read */

/* For the formats: takes over the stream, which stands at the first value, on
 * success alone.  ERR_INVALID for sizes of 0, over the limit, or beyond what
 * the stream can hold. */
int array_new(struct stream *in, const struct array_shape *shape,
	struct array **out, struct err *e);

/* NULL is allowed. */
void array_close(struct array *a);

/* Valid until array_close. */
const struct array_shape *array_shape(const struct array *a);

/* What sentences call its file. */
const char *array_name(const struct array *a);

/* Values in all. */
uint64_t array_count(const struct array *a);

/* The next n values, at most as many as are left.  With the last one the file's
 * end is looked at: ERR_INVALID for more or fewer values than promised, or for
 * damage; ERR_WORLD. */
int array_bytes(struct array *a, uint8_t *to, size_t n, struct err *e);

/* The same of any type, as floats.  ERR_INVALID, saying which value, for one
 * that is no finite float. */
int array_floats(struct array *a, float *to, size_t n, struct err *e);

/* The same of integers.  ERR_INVALID for one beyond 63 bits. */
int array_integers(struct array *a, int64_t *to, size_t n, struct err *e);

/* Passes over n values. */
int array_skip(struct array *a, uint64_t n, struct err *e);

#endif
