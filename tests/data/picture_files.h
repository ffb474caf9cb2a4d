/* picture_files.h -- small PNG files in a temporary folder, for tests. */
#ifndef TESTS_PICTURE_FILES_H
#define TESTS_PICTURE_FILES_H

#include <stddef.h>

/* The bytes of a PNG of one gray level, or of one colour if `channels` is 3
 * (level, 0, 255), or of one that is half transparent if it is 4; to be freed.
 */
void *picture_files_png(
	int width, int height, int channels, int level, size_t *n);

/* Writes it as folder/path; the folders are made. */
void picture_files_write(const char *folder, const char *path, int width,
	int height, int channels, int level);

#endif
