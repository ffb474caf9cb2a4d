/* cache_folder.h -- a folder of files that can all be had again: those that
 * were used longest ago make room for new ones. */
#ifndef BASE_CACHE_FOLDER_H
#define BASE_CACHE_FOLDER_H

#include <stddef.h>

/* What stays: true for the name of a file that cannot be had again. */
struct cache_keeper {
	int (*keeps)(const void *ctx, const char *name);
	const void *ctx;
};

/* Removes files of the folder, the one that was used longest ago first, until
 * those that stay and `n` bytes more are at most `max`, or none is left but
 * those that the keeper (NULL: nobody) keeps.  A draft that a killed process
 * has left is a file like any other. */
void cache_folder_make_room(const char *dir, size_t n, size_t max,
	const struct cache_keeper *keeper);

/* The file counts as used just now: true if it is there. */
int cache_folder_use(const char *path);

#endif
