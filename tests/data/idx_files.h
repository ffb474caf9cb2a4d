/* idx_files.h -- small IDX files in a temporary folder, for tests. */
#ifndef TESTS_IDX_FILES_H
#define TESTS_IDX_FILES_H

#include <stddef.h>
#include <stdint.h>

/* Writes the bytes as they are, over what is there. */
void idx_files_bytes(
	const char *folder, const char *name, const void *bytes, size_t n);

/* Writes an IDX file of `rank` sizes; gzipped when the name ends in .gz. */
void idx_files_write(const char *folder, const char *name, int rank,
	const uint32_t *sizes, const uint8_t *values);

/* A data set of `n_train` and `n_test` images 1 x side x side in `classes`
 * classes that a network can tell apart: noise of the given seed, and a bright
 * row whose place is the label.  Needs classes <= side. */
void idx_files_dataset(const char *folder, size_t n_train, size_t n_test,
	int side, int classes, unsigned seed);

#endif
