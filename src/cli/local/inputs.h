/* inputs.h -- the files of images that a person names, folders opened. */
#ifndef CLI_LOCAL_INPUTS_H
#define CLI_LOCAL_INPUTS_H

#include <stddef.h>

#include "base/err.h"

#define INPUTS_MAX ((size_t)1000 * 1000)

struct inputs {
	char **paths; /* in order */
	size_t n;
	size_t left_out; /* files of folders that are no images */
};

/* Lists the files: of a folder those that are images by their first bytes, by
 * name, without hidden ones and those of folders in it.  ERR_NOT_FOUND and
 * ERR_WORLD for a folder; ERR_INVALID where it has no image, or a name cannot
 * be shown; ERR_RANGE over INPUTS_MAX.  What is no folder is left to who reads
 * it.  To be freed by inputs_release whatever comes back. */
int inputs_list(
	const char *const *given, size_t n, struct inputs *out, struct err *e);

/* Frees the list. */
void inputs_release(struct inputs *p);

#endif
