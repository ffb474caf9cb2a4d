/* cache_folder.c -- the files' times say which was used last. */
#include "base/cache_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_older(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec
				      : a->tv_nsec < b->tv_nsec;
}

static int is_kept(const struct cache_keeper *keeper, const char *name)
{
	return keeper && keeper->keeps(keeper->ctx, name);
}

/* The bytes of all files, and the path of the one that was used longest ago of
 * those that may go. */
static size_t survey(const char *dir, const struct cache_keeper *keeper,
	char oldest[PATH_MAX])
{
	struct timespec least = {.tv_sec = 0};
	DIR *d = opendir(dir);
	const struct dirent *entry;
	size_t bytes = 0;

	oldest[0] = '\0';
	while (d && (entry = readdir(d))) {
		char path[PATH_MAX];
		struct stat st;

		if (snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) >=
				(int)sizeof path ||
			stat(path, &st) || !S_ISREG(st.st_mode))
			continue;
		bytes += (size_t)st.st_size;
		if ((oldest[0] && !is_older(&st.st_mtim, &least)) ||
			is_kept(keeper, entry->d_name))
			continue;
		least = st.st_mtim;
		strcpy(oldest, path);
	}
	if (d)
		closedir(d);
	return bytes;
}

void cache_folder_make_room(const char *dir, size_t n, size_t max,
	const struct cache_keeper *keeper)
{
	char oldest[PATH_MAX];

	while (survey(dir, keeper, oldest) + n > max && oldest[0])
		if (unlink(oldest))
			return;
}

int cache_folder_use(const char *path)
{
	return utimensat(AT_FDCWD, path, NULL, 0) == 0;
}
