/* dataset_cache.c -- an info as the header of a file, and back. */
#include "data/dataset_cache.h"

#include <string.h>

#define HEADER_1 offsetof(struct cache_header, n_validation)

static size_t aligned(size_t n)
{
	return (n + CACHE_ALIGN - 1) / CACHE_ALIGN * CACHE_ALIGN;
}

void cache_layout(const struct dataset_info *d, struct cache_layout *out)
{
	size_t image = dataset_image_bytes(d);
	size_t at = aligned(
		d->n_validation ? sizeof(struct cache_header) : HEADER_1);

	out->names = at;
	at += aligned((size_t)d->classes * DATASET_NAME_BYTES);
	for (int part = 0; part < DATASET_PARTS; part++) {
		size_t n = dataset_count(d, part);

		out->pixels[part] = at;
		at += aligned(n * image);
		out->labels[part] = at;
		at += aligned(n * sizeof(uint16_t));
	}
	out->bytes = at;
}

void cache_check(const struct cache_header *h, const char *names,
	char hex[SHA256_HEX_BYTES])
{
	struct sha256 *sum = sha256_new();

	sha256_add(sum, h, offsetof(struct cache_header, check));
	if (h->version > 1)
		sha256_add(sum, &h->n_validation, sizeof h->n_validation);
	sha256_add(sum, names, (size_t)h->classes * DATASET_NAME_BYTES);
	sha256_end(sum, hex);
}

void cache_header_write(const struct dataset_info *d, struct cache_header *out)
{
	*out = (struct cache_header){
		.magic = CACHE_MAGIC,
		.version = d->n_validation ? CACHE_VERSION : 1,
		.channels = d->channels,
		.height = d->height,
		.width = d->width,
		.classes = d->classes,
		.dtype = d->dtype,
		.n_train = d->n_train,
		.n_test = d->n_test,
		.n_validation = d->n_validation,
	};
	memcpy(out->hash, d->hash, SHA256_HEX_BYTES);
	cache_check(out, d->class_names[0], out->check);
}

size_t cache_header_bytes(const struct cache_header *h)
{
	return h->version > 1 ? sizeof *h : HEADER_1;
}

int cache_header_read(
	const struct cache_header *h, struct dataset_info *out, struct err *e)
{
	if (memcmp(h->magic, CACHE_MAGIC, sizeof h->magic) != 0)
		return err_set(e, ERR_INVALID, "not a prepared data set");
	out->channels = h->channels;
	out->height = h->height;
	out->width = h->width;
	out->classes = h->classes;
	out->dtype = h->dtype < DATASET_DTYPES ? h->dtype : DATASET_DTYPES;
	out->n_train = h->n_train;
	out->n_test = h->n_test;
	out->n_validation = h->version > 1 ? h->n_validation : 0;
	out->class_names = NULL;
	memcpy(out->hash, h->hash, SHA256_HEX_BYTES);
	if (h->version < 1 || h->version > CACHE_VERSION ||
		(h->version > 1 && h->n_validation == 0) ||
		dataset_info_check(out, NULL) ||
		memchr(h->hash, '\0', SHA256_HEX_BYTES) == NULL ||
		!sha256_is_hex(h->hash))
		return err_set(e, ERR_INVALID,
			"a prepared data set of another version, or damaged");
	return 0;
}
