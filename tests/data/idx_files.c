/* idx_files.c -- writes what the tests of data/ and model/ read. */
#include "idx_files.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/rng.h"
#include "temp_folder.h"

void idx_files_bytes(
	const char *folder, const char *name, const void *bytes, size_t n)
{
	char path[TEMP_FOLDER_BYTES + 256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "wb");
	assert(f);
	fwrite(bytes, 1, n, f);
	fclose(f);
}

void idx_files_write(const char *folder, const char *name, int rank,
	const uint32_t *sizes, const uint8_t *values)
{
	size_t ending = strlen(name) >= 3 ? strlen(name) - 3 : 0, total = 1;
	uint8_t head[20] = {0, 0, 8, (uint8_t)rank};
	char path[TEMP_FOLDER_BYTES + 256];
	gzFile f;

	for (int i = 0; i < rank; i++) {
		for (int b = 0; b < 4; b++)
			head[4 + 4 * i + b] = (uint8_t)(sizes[i] >>
							(24 - 8 * b));
		total *= sizes[i];
	}
	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = gzopen(path, strcmp(name + ending, ".gz") ? "wbT" : "wb");
	assert(f);
	gzwrite(f, head, 4 + 4 * (unsigned)rank);
	gzwrite(f, values, (unsigned)total);
	gzclose(f);
}

static void write_part(const char *folder, const char *part, size_t n, int side,
	int classes, struct rng *r)
{
	size_t plane = (size_t)side * (size_t)side;
	uint8_t *pixels = malloc(n * plane), *labels = malloc(n);
	uint32_t sizes[3] = {(uint32_t)n, (uint32_t)side, (uint32_t)side};
	char name[64];

	for (size_t i = 0; i < n; i++) {
		labels[i] = (uint8_t)(i % (size_t)classes);
		for (size_t j = 0; j < plane; j++)
			pixels[i * plane + j] = (uint8_t)rng_below(r, 128);
		memset(pixels + i * plane + (size_t)labels[i] * (size_t)side,
			255, (size_t)side);
	}
	snprintf(name, sizeof name, "%s-images-idx3-ubyte", part);
	idx_files_write(folder, name, 3, sizes, pixels);
	snprintf(name, sizeof name, "%s-labels-idx1-ubyte", part);
	idx_files_write(folder, name, 1, sizes, labels);
	free(pixels);
	free(labels);
}

void idx_files_dataset(const char *folder, size_t n_train, size_t n_test,
	int side, int classes, unsigned seed)
{
	struct rng r;

	rng_stream(&r, seed, 0, 0);
	write_part(folder, "train", n_train, side, classes, &r);
	write_part(folder, "t10k", n_test, side, classes, &r);
}
