/* array.c -- values as they stand in the file, turned into what is asked for a
 * piece at a time. */
#include "data/array.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define PIECE 8192 /* values turned at a time */
#define ELEMENT_BYTES_MAX 8

struct array {
	struct stream *in;
	struct array_shape shape;
	uint64_t count, left;
	uint8_t raw[PIECE * ELEMENT_BYTES_MAX];
};

static const struct {
	const char *name;
	size_t bytes;
	int integer;
} elements[ELEMENTS] = {
	[ELEMENT_U8] = {"uint8", 1, 1},
	[ELEMENT_I8] = {"int8", 1, 1},
	[ELEMENT_U16] = {"uint16", 2, 1},
	[ELEMENT_I16] = {"int16", 2, 1},
	[ELEMENT_U32] = {"uint32", 4, 1},
	[ELEMENT_I32] = {"int32", 4, 1},
	[ELEMENT_U64] = {"uint64", 8, 1},
	[ELEMENT_I64] = {"int64", 8, 1},
	[ELEMENT_F32] = {"float32", 4, 0},
	[ELEMENT_F64] = {"float64", 8, 0},
};

size_t element_bytes(enum element t)
{
	return elements[t].bytes;
}

const char *element_name(enum element t)
{
	return elements[t].name;
}

int element_is_integer(enum element t)
{
	return elements[t].integer;
}

/* The number of values; 0 when it is not one that can be. */
static uint64_t count_values(const struct array_shape *s)
{
	uint64_t n = 1, most = ARRAY_BYTES_MAX / element_bytes(s->type);

	for (int i = 0; i < s->rank; i++) {
		if (s->dims[i] == 0 || s->dims[i] > most / n)
			return 0;
		n *= s->dims[i];
	}
	return n;
}

int array_new(struct stream *in, const struct array_shape *shape,
	struct array **out, struct err *e)
{
	uint64_t n = count_values(shape);
	struct array *a;

	assert(shape->rank >= 1 && shape->rank <= ARRAY_RANK_MAX);
	if (n == 0)
		return err_set(e, ERR_INVALID,
			"the sizes in %s are 0 or come to more than %llu "
			"bytes",
			stream_name(in), (unsigned long long)ARRAY_BYTES_MAX);
	if (n * element_bytes(shape->type) > stream_max_bytes(in))
		return err_set(
			e, ERR_INVALID, "%s is cut short", stream_name(in));
	a = xcalloc(1, sizeof *a);
	a->in = in;
	a->shape = *shape;
	a->count = a->left = n;
	*out = a;
	return 0;
}

void array_close(struct array *a)
{
	if (!a)
		return;
	stream_close(a->in);
	free(a);
}

const struct array_shape *array_shape(const struct array *a)
{
	return &a->shape;
}

const char *array_name(const struct array *a)
{
	return stream_name(a->in);
}

uint64_t array_count(const struct array *a)
{
	return a->count;
}

/* -- values -- */

/* n values have been read. */
static int passed(struct array *a, uint64_t n, struct err *e)
{
	int end;

	a->left -= n;
	if (a->left > 0)
		return 0;
	end = stream_at_end(a->in, e);
	if (end == 0)
		return err_set(e, ERR_INVALID,
			"%s holds more values than its header promises",
			array_name(a));
	return end < 0 ? end : 0;
}

int array_bytes(struct array *a, uint8_t *to, size_t n, struct err *e)
{
	int rc;

	assert(n <= a->left && a->shape.type == ELEMENT_U8);
	rc = stream_read(a->in, to, n, e);
	return rc ? rc : passed(a, n, e);
}

int array_skip(struct array *a, uint64_t n, struct err *e)
{
	int rc;

	assert(n <= a->left);
	rc = stream_skip(a->in, n * element_bytes(a->shape.type), e);
	return rc ? rc : passed(a, n, e);
}

static uint64_t load(const uint8_t *at, size_t bytes, int big_endian)
{
	uint64_t x = 0;

	for (size_t i = 0; i < bytes; i++)
		x = x << 8 | at[big_endian ? i : bytes - 1 - i];
	return x;
}

static float float_of(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static double double_of(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* Rounds to the nearest float, as the language does. */
static float as_float(enum element t, uint64_t x)
{
	switch (t) {
	case ELEMENT_U8:
	case ELEMENT_U16:
	case ELEMENT_U32:
	case ELEMENT_U64: return (float)x;
	case ELEMENT_I8: return (float)(int8_t)x;
	case ELEMENT_I16: return (float)(int16_t)x;
	case ELEMENT_I32: return (float)(int32_t)x;
	case ELEMENT_I64: return (float)(int64_t)x;
	case ELEMENT_F32: return float_of((uint32_t)x);
	case ELEMENT_F64: return (float)double_of(x);
	case ELEMENTS: break;
	}
	assert(0);
	return 0;
}

static int64_t as_integer(enum element t, uint64_t x)
{
	switch (t) {
	case ELEMENT_I8: return (int8_t)x;
	case ELEMENT_I16: return (int16_t)x;
	case ELEMENT_I32: return (int32_t)x;
	default: return (int64_t)x;
	}
}

/* Reads up to PIECE values as they are. */
static int read_raw(struct array *a, size_t n, struct err *e)
{
	return stream_read(a->in, a->raw, n * element_bytes(a->shape.type), e);
}

static int floats(struct array *a, float *to, size_t n, struct err *e)
{
	const size_t bytes = element_bytes(a->shape.type);
	int rc = read_raw(a, n, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		to[i] = as_float(a->shape.type,
			load(a->raw + i * bytes, bytes, a->shape.big_endian));
		if (!isfinite(to[i]))
			rc = err_set(e, ERR_INVALID,
				"value %llu in %s is not a finite number that "
				"32 bits can hold",
				(unsigned long long)(a->count - a->left + i),
				array_name(a));
	}
	return rc ? rc : passed(a, n, e);
}

int array_floats(struct array *a, float *to, size_t n, struct err *e)
{
	int rc = 0;

	assert(n <= a->left);
	for (size_t at = 0; rc == 0 && at < n; at += PIECE)
		rc = floats(a, to + at, n - at < PIECE ? n - at : PIECE, e);
	return rc;
}

static int integers(struct array *a, int64_t *to, size_t n, struct err *e)
{
	const size_t bytes = element_bytes(a->shape.type);
	int rc = read_raw(a, n, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		uint64_t x = load(
			a->raw + i * bytes, bytes, a->shape.big_endian);

		to[i] = as_integer(a->shape.type, x);
		if (a->shape.type == ELEMENT_U64 && x > INT64_MAX)
			rc = err_set(e, ERR_INVALID,
				"value %llu in %s is over 63 bits",
				(unsigned long long)(a->count - a->left + i),
				array_name(a));
	}
	return rc ? rc : passed(a, n, e);
}

int array_integers(struct array *a, int64_t *to, size_t n, struct err *e)
{
	int rc = 0;

	assert(n <= a->left && element_is_integer(a->shape.type));
	for (size_t at = 0; rc == 0 && at < n; at += PIECE)
		rc = integers(a, to + at, n - at < PIECE ? n - at : PIECE, e);
	return rc;
}
