/* idx.c -- the header of an IDX file. */
#include "data/idx.h"

#include <stdlib.h>

#include "data/dataset_info.h"
#include "data/file_stream.h"

/* The types that there are; the one of two bytes less is a hole. */
static int element_of(uint8_t type, enum element *out)
{
	switch (type) {
	case 0x08: *out = ELEMENT_U8; return 1;
	case 0x09: *out = ELEMENT_I8; return 1;
	case 0x0b: *out = ELEMENT_I16; return 1;
	case 0x0c: *out = ELEMENT_I32; return 1;
	case 0x0d: *out = ELEMENT_F32; return 1;
	case 0x0e: *out = ELEMENT_F64; return 1;
	default: return 0;
	}
}

static int read_magic(
	struct stream *in, struct array_shape *shape, struct err *e)
{
	uint8_t magic[4];
	int rc = stream_read(in, magic, sizeof magic, e);

	if (rc)
		return rc;
	shape->rank = magic[3];
	shape->big_endian = 1;
	if (magic[0] || magic[1] || !element_of(magic[2], &shape->type) ||
		magic[3] < 1 || magic[3] > ARRAY_RANK_MAX)
		return err_set(e, ERR_INVALID,
			"%s is not an IDX file of numbers with 1 to %d "
			"dimensions",
			stream_name(in), ARRAY_RANK_MAX);
	return 0;
}

static int read_header(
	struct stream *in, struct array_shape *shape, struct err *e)
{
	uint8_t b[4];
	int rc = read_magic(in, shape, e);

	for (int i = 0; rc == 0 && i < shape->rank; i++) {
		rc = stream_read(in, b, sizeof b, e);
		shape->dims[i] = (uint64_t)b[0] << 24 | (uint64_t)b[1] << 16 |
				 (uint64_t)b[2] << 8 | (uint64_t)b[3];
	}
	return rc;
}

int idx_open(const char *path, struct array **out, struct err *e)
{
	struct array_shape shape = {.rank = 0};
	struct stream *in;
	int rc = file_stream_open(path, &in, e);

	if (rc)
		return rc;
	rc = read_header(in, &shape, e);
	if (rc == 0)
		rc = array_new(in, &shape, out, e);
	if (rc)
		stream_close(in);
	return rc;
}

/* Of a size that a file can make us ask for, so malloc may fail. */
static int read_values(struct array *a, struct idx *x, struct err *e)
{
	size_t n = (size_t)array_count(a);
	int rc;

	x->sizes = *array_shape(a);
	if (x->sizes.type != ELEMENT_U8)
		return err_set(e, ERR_INVALID, "%s has %s, not unsigned bytes",
			array_name(a), element_name(x->sizes.type));
	x->values = malloc(n);
	if (!x->values)
		return err_set(e, ERR_WORLD,
			"no memory for the %zu bytes of %s", n, array_name(a));
	rc = array_bytes(a, x->values, n, e);
	if (rc)
		free(x->values);
	return rc;
}

int idx_read(const char *path, struct idx *out, struct err *e)
{
	struct array *a;
	struct idx x;
	int rc = idx_open(path, &a, e);

	if (rc)
		return rc;
	rc = read_values(a, &x, e);
	array_close(a);
	if (rc == 0)
		*out = x;
	return rc;
}

void idx_release(struct idx *x)
{
	free(x->values);
	*x = (struct idx){.values = NULL};
}

int idx_images(const struct array_shape *s, const char *what,
	struct idx_images *out, struct err *e)
{
	const uint64_t *side = s->dims + s->rank - 2;
	uint64_t channels = s->rank == 4 ? s->dims[1] : 1;

	if (s->rank < 2)
		return err_set(e, ERR_INVALID,
			"%s have 1 dimension, as labels have; images have 2 "
			"(H,W), 3 (N,H,W) or 4 (N,C,H,W)",
			what);
	if (channels > DATASET_CHANNELS_MAX || side[0] > DATASET_SIDE_MAX ||
		side[1] > DATASET_SIDE_MAX)
		return err_set(e, ERR_INVALID,
			"%s are %llux%llux%llu; the limit is %dx%dx%d", what,
			(unsigned long long)channels,
			(unsigned long long)side[0],
			(unsigned long long)side[1], DATASET_CHANNELS_MAX,
			DATASET_SIDE_MAX, DATASET_SIDE_MAX);
	*out = (struct idx_images){s->rank == 2 ? 1 : (size_t)s->dims[0],
		(int)channels, (int)side[0], (int)side[1]};
	return 0;
}
