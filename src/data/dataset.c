/* dataset.c -- maps a prepared data set; nothing in the file is trusted. */
#include "data/dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "data/class_names.h"
#include "data/dataset_cache.h"
#include "data/dataset_hash.h"
#include "data/dataset_pieces.h"

struct dataset {
	const uint8_t *map;
	size_t map_bytes, image_bytes;
	const uint8_t *pixels[DATASET_PARTS];
	const uint16_t *labels[DATASET_PARTS];
	struct class_names names; /* other than the file's, if n > 0 */
	struct dataset_info info;
};

/* The header alone, before anything is mapped; and the first piece's size. */
static int look(
	const char *path, struct cache_header *h, size_t *bytes, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = 0;
	struct stat st;
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return err_set(
			e, ERR_NOT_FOUND, "there is no such prepared data set");
	if (fd < 0 || fstat(fd, &st)) {
		rc = err_set(e, ERR_WORLD, "cannot open a data set: %s",
			strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		rc = err_set(e, ERR_INVALID, "not a prepared data set");
	} else {
		memset(h, 0, sizeof *h);
		n = pread(fd, h, sizeof *h, 0);
		*bytes = (size_t)st.st_size;
		if (n < (ssize_t)offsetof(struct cache_header, n_validation))
			rc = err_set(e, ERR_INVALID, "not a prepared data set");
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

/* All of it, which must be as long as the header says. */
static int map_all(
	const char *path, size_t first, struct dataset *d, struct err *e)
{
	struct pieces p = {.piece_bytes = first};
	struct cache_layout at;

	cache_layout(&d->info, &at);
	if (first > at.bytes ||
		(first < at.bytes && (first == 0 || first % PIECES_ALIGN != 0)))
		return err_set(e, ERR_INVALID,
			"a prepared data set has %zu bytes, not %zu", first,
			at.bytes);
	if (snprintf(p.path, sizeof p.path, "%s", path) >= (int)sizeof p.path)
		return err_set(e, ERR_WORLD, "a data set's path is too long");
	p.bytes = at.bytes;
	d->map = pieces_map(&p, e);
	d->map_bytes = at.bytes;
	return d->map ? 0 : ERR_INVALID;
}

/* The checksum of header and names. */
static int check_header(const struct dataset *d, struct err *e)
{
	const struct cache_header *h = (const void *)d->map;
	char check[SHA256_HEX_BYTES];
	struct cache_layout at;

	cache_layout(&d->info, &at);
	cache_check(h, (const char *)d->map + at.names, check);
	if (memcmp(check, h->check, sizeof check) != 0)
		return err_set(e, ERR_INVALID,
			"a prepared data set has a damaged header");
	for (int i = 0; i < d->info.classes; i++)
		if (!memchr(d->map + at.names + (size_t)i * DATASET_NAME_BYTES,
			    '\0', DATASET_NAME_BYTES))
			return err_set(e, ERR_INVALID,
				"a prepared data set has a class name without "
				"an end");
	return 0;
}

static void find_pieces(struct dataset *d)
{
	struct dataset_info *info = &d->info;
	struct cache_layout at;

	cache_layout(info, &at);
	info->class_names = (const char(*)[DATASET_NAME_BYTES])(
		d->map + at.names);
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
	struct cache_header h;
	size_t first = 0;

	if (look(path, &h, &first, e) || cache_header_read(&h, &d->info, e) ||
		map_all(path, first, d, e) || check_header(d, e))
		goto fail;
	find_pieces(d);
	if (check_labels(d, e))
		goto fail;
	return d;

fail:
	dataset_close(d);
	return NULL;
}

void dataset_rename(
	struct dataset *d, const char (*names)[DATASET_NAME_BYTES], size_t n)
{
	if (n != (size_t)d->info.classes)
		return;
	class_names_release(&d->names);
	class_names_copy(names, n, &d->names);
	d->info.class_names = (const char(*)[DATASET_NAME_BYTES])d->names.names;
}

void dataset_close(struct dataset *d)
{
	if (!d)
		return;
	if (d->map)
		munmap((void *)d->map, d->map_bytes);
	class_names_release(&d->names);
	free(d);
}

const struct dataset_info *dataset_info(const struct dataset *d)
{
	return &d->info;
}

const void *dataset_pixels(
	const struct dataset *d, enum dataset_part part, size_t i)
{
	return d->pixels[part] + i * d->image_bytes;
}

int dataset_label(const struct dataset *d, enum dataset_part part, size_t i)
{
	return d->labels[part][i];
}

int dataset_verify(const struct dataset *d, struct err *e)
{
	struct sha256 *sum = sha256_new();
	char hash[SHA256_HEX_BYTES];

	for (int part = 0; part < DATASET_PARTS; part++) {
		const struct dataset_samples all = {.part = part,
			.n = dataset_count(&d->info, part),
			.pixels = d->pixels[part],
			.labels = d->labels[part]};

		if (all.n == 0)
			continue;
		dataset_hash_part(sum, &d->info, part);
		dataset_hash_samples(sum, &d->info, &all);
	}
	sha256_end(sum, hash);
	if (strcmp(hash, d->info.hash) != 0)
		return err_set(e, ERR_INVALID,
			"the samples of a prepared data set are not those of "
			"its hash");
	return 0;
}
