/* dataset.c -- maps a prepared data set; nothing in the file is trusted. */
#include "data/dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "data/dataset_cache.h"

struct dataset {
	const uint8_t *map;
	size_t map_bytes, image_bytes;
	const uint8_t *pixels[2]; /* train, test */
	const uint16_t *labels[2];
	struct dataset_info info;
};

static int map_file(const char *path, struct dataset *d, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct stat st;
	void *map;

	if (fd < 0 && errno == ENOENT)
		return err_set(
			e, ERR_NOT_FOUND, "there is no such prepared data set");
	if (fd < 0 || fstat(fd, &st)) {
		rc = err_set(e, ERR_WORLD, "cannot open a data set: %s",
			strerror(errno));
		goto close_fd;
	}
	if (!S_ISREG(st.st_mode) ||
		(size_t)st.st_size < sizeof(struct cache_header)) {
		rc = err_set(e, ERR_INVALID, "not a prepared data set");
		goto close_fd;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		rc = err_set(e, ERR_WORLD, "cannot map a data set: %s",
			strerror(errno));
		goto close_fd;
	}
	d->map = map;
	d->map_bytes = (size_t)st.st_size;

close_fd:
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Checks header and names, and fills in where everything lies. */
static int read_header(struct dataset *d, struct err *e)
{
	const struct cache_header *h = (const void *)d->map;
	char check[SHA256_HEX_BYTES];
	struct cache_layout at;

	if (memcmp(h->magic, CACHE_MAGIC, sizeof h->magic) != 0)
		return err_set(e, ERR_INVALID, "not a prepared data set");
	if (h->version != CACHE_VERSION || !cache_header_fits(h))
		return err_set(e, ERR_INVALID,
			"a prepared data set of another version, or damaged");
	cache_layout(h, &at);
	if (at.bytes != d->map_bytes)
		return err_set(e, ERR_INVALID,
			"a prepared data set has %zu bytes, not %zu",
			d->map_bytes, at.bytes);
	cache_check(h, (const char *)d->map + at.names, check);
	if (memcmp(check, h->check, sizeof check) != 0 ||
		memchr(h->hash, '\0', sizeof h->hash) == NULL ||
		!sha256_is_hex(h->hash))
		return err_set(e, ERR_INVALID,
			"a prepared data set has a damaged header");
	for (int part = 0; part < 2; part++) {
		d->pixels[part] = d->map + at.pixels[part];
		d->labels[part] = (const void *)(d->map + at.labels[part]);
	}
	return 0;
}

static void fill_info(struct dataset *d)
{
	const struct cache_header *h = (const void *)d->map;
	struct dataset_info *out = &d->info;
	struct cache_layout at;

	cache_layout(h, &at);
	memcpy(out->hash, h->hash, SHA256_HEX_BYTES);
	out->channels = h->channels;
	out->height = h->height;
	out->width = h->width;
	out->classes = h->classes;
	out->n_train = h->n_train;
	out->n_test = h->n_test;
	memcpy(out->class_names, d->map + at.names,
		(size_t)h->classes * DATASET_NAME_BYTES);
	for (int i = 0; i < h->classes; i++)
		out->class_names[i][DATASET_NAME_BYTES - 1] = '\0';
	d->image_bytes = dataset_image_bytes(out);
}

/* A wrong pixel makes a wrong answer, but a wrong label is an index out of
 * bounds in training: so the labels are looked at on every opening. */
static int check_labels(const struct dataset *d, struct err *e)
{
	size_t n[2] = {d->info.n_train, d->info.n_test};
	int bad = 0;

	for (int part = 0; part < 2; part++)
		for (size_t i = 0; i < n[part]; i++)
			bad |= d->labels[part][i] >= d->info.classes;
	if (bad)
		return err_set(e, ERR_INVALID,
			"a prepared data set has a label beyond its classes");
	return 0;
}

struct dataset *dataset_open(const char *path, struct err *e)
{
	struct dataset *d = xcalloc(1, sizeof *d);

	if (map_file(path, d, e) || read_header(d, e))
		goto fail;
	fill_info(d);
	if (check_labels(d, e))
		goto fail;
	return d;

fail:
	dataset_close(d);
	return NULL;
}

void dataset_close(struct dataset *d)
{
	if (!d)
		return;
	if (d->map)
		munmap((void *)d->map, d->map_bytes);
	free(d);
}

size_t dataset_image_bytes(const struct dataset_info *d)
{
	return (size_t)d->channels * (size_t)d->height * (size_t)d->width;
}

const struct dataset_info *dataset_info(const struct dataset *d)
{
	return &d->info;
}

const uint8_t *dataset_train_pixels(const struct dataset *d, size_t i)
{
	return d->pixels[0] + i * d->image_bytes;
}

int dataset_train_label(const struct dataset *d, size_t i)
{
	return d->labels[0][i];
}

const uint8_t *dataset_test_pixels(const struct dataset *d, size_t i)
{
	return d->pixels[1] + i * d->image_bytes;
}

int dataset_test_label(const struct dataset *d, size_t i)
{
	return d->labels[1][i];
}
