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
	const uint8_t *pixels[DATASET_PARTS];
	const uint16_t *labels[DATASET_PARTS];
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

/* Checks header and names. */
static int read_header(struct dataset *d, struct err *e)
{
	const struct cache_header *h = (const void *)d->map;
	char check[SHA256_HEX_BYTES];
	struct cache_layout at;
	int rc = cache_header_read(h, &d->info, e);

	if (rc)
		return rc;
	cache_layout(&d->info, &at);
	if (at.bytes != d->map_bytes)
		return err_set(e, ERR_INVALID,
			"a prepared data set has %zu bytes, not %zu",
			d->map_bytes, at.bytes);
	cache_check(h, (const char *)d->map + at.names, check);
	if (memcmp(check, h->check, sizeof check) != 0)
		return err_set(e, ERR_INVALID,
			"a prepared data set has a damaged header");
	return 0;
}

static void find_pieces(struct dataset *d)
{
	struct dataset_info *info = &d->info;
	struct cache_layout at;

	cache_layout(info, &at);
	memcpy(info->class_names, d->map + at.names,
		(size_t)info->classes * DATASET_NAME_BYTES);
	for (int i = 0; i < info->classes; i++)
		info->class_names[i][DATASET_NAME_BYTES - 1] = '\0';
	for (int part = 0; part < DATASET_PARTS; part++) {
		d->pixels[part] = d->map + at.pixels[part];
		d->labels[part] = (const void *)(d->map + at.labels[part]);
	}
	d->image_bytes = dataset_image_bytes(info);
}

/* A wrong pixel makes a wrong answer, but a wrong label is an index out of
 * bounds in training: so the labels are looked at on every opening. */
static int check_labels(const struct dataset *d, struct err *e)
{
	int bad = 0;

	for (int part = 0; part < DATASET_PARTS; part++)
		for (size_t i = 0; i < dataset_count(&d->info, part); i++)
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
	find_pieces(d);
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

const struct dataset_info *dataset_info(const struct dataset *d)
{
	return &d->info;
}

const uint8_t *dataset_train_pixels(const struct dataset *d, size_t i)
{
	return d->pixels[DATASET_TRAIN] + i * d->image_bytes;
}

int dataset_train_label(const struct dataset *d, size_t i)
{
	return d->labels[DATASET_TRAIN][i];
}

const uint8_t *dataset_test_pixels(const struct dataset *d, size_t i)
{
	return d->pixels[DATASET_TEST] + i * d->image_bytes;
}

int dataset_test_label(const struct dataset *d, size_t i)
{
	return d->labels[DATASET_TEST][i];
}
