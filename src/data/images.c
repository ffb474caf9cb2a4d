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
#include "data/dataset_info.h"
#include "data/idx.h"
#include "data/png.h"

#define PNG_BYTES_MAX ((size_t)64 << 20)
#define LOOK_BYTES 8

enum format { FORMAT_OTHER, FORMAT_PNG, FORMAT_IDX };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Of what cannot be opened the format does not matter: the reader says why. */
static enum format look(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t head[LOOK_BYTES] = {0};
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof head);

	if (fd < 0)
		return FORMAT_IDX;
	close(fd);
	if (n > 0 && png_is(head, (size_t)n))
		return FORMAT_PNG;
	if (n < 3 || (head[0] == 0x1f && head[1] == 0x8b) ||
		(head[0] == 0 && head[1] == 0))
		return FORMAT_IDX;
	return FORMAT_OTHER;
}

/* -- PNG -- */

/* ITU-R BT.601, rounded; three equal colours stay what they are. */
static uint8_t gray_of(const uint8_t rgb[3])
{
	return (uint8_t)((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) /
			 1000);
}

/* (H,W,3) to (C,H,W); takes over png->rgb. */
static int from_png(
	struct png *png, int channels, struct images *p, struct err *e)
{
	size_t plane = (size_t)png->height * (size_t)png->width;

	*p = (struct images){1, channels, png->height, png->width,
		malloc((size_t)channels * plane)};
	if (!p->pixels) {
		free(png->rgb);
		return err_set(e, ERR_WORLD, "no memory for the image");
	}
	for (size_t i = 0; i < plane; i++) {
		const uint8_t *rgb = png->rgb + 3 * i;

		if (channels == 1)
			p->pixels[i] = gray_of(rgb);
		for (size_t c = 0; channels == 3 && c < 3; c++)
			p->pixels[c * plane + i] = rgb[c];
	}
	free(png->rgb);
	return 0;
}

static int read_png(
	const char *path, int channels, struct images *p, struct err *e)
{
	struct buf bytes;
	struct png png;
	int rc;

	if (channels != 1 && channels != 3)
		return err_set(e, ERR_INVALID,
			"%s: a PNG gives 1 or 3 channels, not %d",
			base_name(path), channels);
	buf_init(&bytes, PNG_BYTES_MAX);
	rc = file_read(path, &bytes, e);
	if (rc == 0)
		rc = png_read(bytes.data, bytes.len, DATASET_SIDE_MAX, &png, e);
	if (rc == 0)
		rc = from_png(&png, channels, p, e);
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
	*p = (struct images){
		shape.n, shape.channels, shape.height, shape.width, x.values};
	return 0;
}

int images_read(
	const char *path, int channels, struct images *out, struct err *e)
{
	switch (look(path)) {
	case FORMAT_PNG: return read_png(path, channels, out, e);
	case FORMAT_IDX: return read_idx(path, out, e);
	case FORMAT_OTHER: break;
	}
	return err_set(e, ERR_INVALID,
		"%s is neither a PNG image nor an IDX file", base_name(path));
}

void images_release(struct images *p)
{
	free(p->pixels);
	*p = (struct images){0};
}
