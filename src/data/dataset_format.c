/* dataset_format.c -- what the formats share: looking for a file. */
#include "data/dataset_format.h"

#include <stdio.h>
#include <sys/stat.h>

static void add_to_key(
	struct sha256 *key, const char *path, const struct stat *st)
{
	char line[DATASET_PATH_MAX + 96];
	int n = snprintf(line, sizeof line, "%s %lld %lld.%09ld\n", path,
		(long long)st->st_size, (long long)st->st_mtim.tv_sec,
		st->st_mtim.tv_nsec);

	sha256_add(key, line, (size_t)n);
}

int dataset_file(const char *folder, const char *name,
	char path[DATASET_PATH_MAX], struct sha256 *key)
{
	int n = snprintf(path, DATASET_PATH_MAX, "%s/%s", folder, name);
	struct stat st;

	if (n >= DATASET_PATH_MAX || stat(path, &st))
		return 0;
	if (key)
		add_to_key(key, path, &st);
	return 1;
}
