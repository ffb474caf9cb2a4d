/* temp_folder.c -- made by mkdtemp, walked to its end. */
#include "temp_folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#define DESCRIPTORS 16

void temp_folder_make(char path[TEMP_FOLDER_BYTES])
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(path, TEMP_FOLDER_BYTES, "%s/nevod-test-XXXXXX",
		tmp && *tmp ? tmp : "/tmp");

	if (n < TEMP_FOLDER_BYTES && mkdtemp(path))
		return;
	perror("a temporary folder");
	exit(1);
}

static int remove_one(
	const char *path, const struct stat *st, int kind, struct FTW *place)
{
	(void)st;
	(void)kind;
	(void)place;
	return remove(path);
}

void temp_folder_remove(const char *path)
{
	if (nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS))
		perror(path);
}
