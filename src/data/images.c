/* images.c -- looks at how a file begins, and reads it as that. */
#include "data/images.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "data/array_images.h"
#include "data/file_stream.h"
#include "data/idx.h"
#include "data/npy.h"
#include "data/picture.h"
#include "data/resize.h"

enum format { FORMAT_OTHER, FORMAT_PICTURE, FORMAT_IDX, FORMAT_NPY };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* -1 where it cannot be opened. */
static int look(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t head[PICTURE_LOOK_BYTES] = {0};
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof head);

	if (fd < 0)
		return -1;
	close(fd);
	if (n > 0 && picture_is(head, (size_t)n))
		return FORMAT_PICTURE;
	if (n >= NPY_LOOK_BYTES && npy_is(head))
		return FORMAT_NPY;
	if (n < 3 || (head[0] == 0x1f && head[1] == 0x8b) ||
		(head[0] == 0 && head[1] == 0))
		return FORMAT_IDX;
	return FORMAT_OTHER;
}

int images_is(const char *path)
{
	return look(path) > FORMAT_OTHER;
}

/* -- pictures -- */

/* Takes over the values of `p`. */
static int fit(struct pixels *p, const struct images_shape *shape,
	struct images *out, struct err *e)
{
	struct pixels made;

	if (picture_recolour(p, shape->channels, e))
		return ERR_WORLD;
	if (p->height == shape->height && p->width == shape->width)
		return 0;
	if (resize(p, shape->height, shape->width, &made, e))
		return ERR_WORLD;
	out->from_height = p->height;
	out->from_width = p->width;
	free(p->values);
	*p = made;
	return 0;
}

static int planes(const struct pixels *p, struct images *out, struct err *e)
{
	out->n = 1;
	out->channels = p->channels;
	out->height = p->height;
	out->width = p->width;
	out->transparent = p->transparent;
	out->pixels = malloc(
		(size_t)p->channels * (size_t)p->height * (size_t)p->width);
	if (!out->pixels)
		return err_set(e, ERR_WORLD, "no memory for the image");
	picture_planes(p, out->pixels);
	return 0;
}

static int decode(const struct buf *bytes, const struct images_shape *shape,
	struct images *out, struct err *e)
{
	struct images made = {0};
	struct pixels p;
	int rc = picture_read(bytes->data, bytes->len, &p, e);

	if (rc)
		return rc;
	rc = fit(&p, shape, &made, e);
	if (rc == 0)
		rc = planes(&p, &made, e);
	free(p.values);
	if (rc == 0)
		*out = made;
	return rc;
}

static int read_picture(const char *path, const struct images_shape *shape,
	struct images *out, struct err *e)
{
	struct buf bytes;
	int rc;

	if (shape->dtype != DATASET_UINT8)
		return err_set(e, ERR_INVALID,
			"%s is a picture, and the network takes %s pixels as "
			"an IDX file has them",
			base_name(path), dataset_dtype_name(shape->dtype));
	if (shape->channels != 1 && shape->channels != 3)
		return err_set(e, ERR_INVALID,
			"%s: a picture gives 1 or 3 channels, not %d",
			base_name(path), shape->channels);
	buf_init(&bytes, PICTURE_BYTES_MAX);
	rc = file_read(path, &bytes, e);
	if (rc == 0)
		rc = decode(&bytes, shape, out, e);
	if (rc)
		err_prefix(e, "%s", base_name(path));
	buf_release(&bytes);
	return rc;
}

/* -- IDX -- */

static int read_idx(const char *path, struct images *p, struct err *e)
{
	struct idx_images shape;
	char what[PATH_MAX];
	struct idx x;
	int rc = idx_read(path, &x, e);

	if (rc)
		return rc;
	snprintf(what, sizeof what, "the images in %s", base_name(path));
	rc = idx_images(&x.sizes, what, &shape, e);
	if (rc) {
		idx_release(&x);
		return rc;
	}
	*p = (struct images){.n = shape.n,
		.channels = shape.channels,
		.height = shape.height,
		.width = shape.width,
		.pixels = x.values};
	return 0;
}

/* -- arrays of any type -- */

static int read_array(const char *path, enum format format,
	const struct images_shape *shape, struct images *out, struct err *e)
{
	const struct dataset_info like = {.dtype = shape->dtype,
		.channels = shape->channels,
		.height = shape->height,
		.width = shape->width};
	struct stream *in;
	struct array *a;
	int rc;

	if (format == FORMAT_NPY) {
		rc = file_stream_open(path, &in, e);
		if (rc == 0)
			rc = npy_open(in, &a, e);
	} else {
		rc = idx_open(path, &a, e);
	}
	if (rc)
		return rc;
	*out = (struct images){.channels = shape->channels,
		.height = shape->height,
		.width = shape->width};
	rc = array_images(a, &like, &out->pixels, &out->n, e);
	array_close(a);
	return rc;
}

/* Of what cannot be opened the format does not matter: the reader says why. */
int images_read(const char *path, const struct images_shape *shape,
	struct images *out, struct err *e)
{
	switch (look(path)) {
	case FORMAT_PICTURE: return read_picture(path, shape, out, e);
	case FORMAT_OTHER: break;
	case FORMAT_NPY: return read_array(path, FORMAT_NPY, shape, out, e);
	default:
		if (shape->dtype != DATASET_UINT8)
			return read_array(path, FORMAT_IDX, shape, out, e);
		return read_idx(path, out, e);
	}
	return err_set(e, ERR_INVALID,
		"%s is neither a PNG or JPEG picture nor an IDX or NPY file",
		base_name(path));
}

void images_release(struct images *p)
{
	free(p->pixels);
	*p = (struct images){0};
}
