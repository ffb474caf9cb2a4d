/* dataset_hash.c -- a line a part, then sample by sample. */
#include "data/dataset_hash.h"

#include <stdio.h>

void dataset_hash_part(struct sha256 *sum, const struct dataset_info *d,
	enum dataset_part part)
{
	char line[96];
	int n = snprintf(line, sizeof line, "%zu %d %d %d %s %d\n",
		dataset_count(d, part), d->channels, d->height, d->width,
		dataset_dtype_name(d->dtype), d->classes);

	sha256_add(sum, line, (size_t)n);
}

void dataset_hash_samples(struct sha256 *sum, const struct dataset_info *d,
	const struct dataset_samples *s)
{
	size_t image = dataset_image_bytes(d);
	const uint8_t *pixels = s->pixels;

	for (size_t i = 0; i < s->n; i++) {
		uint8_t label[2] = {(uint8_t)(s->labels[i] & 0xff),
			(uint8_t)(s->labels[i] >> 8)};

		sha256_add(sum, pixels + i * image, image);
		sha256_add(sum, label, sizeof label);
	}
}
