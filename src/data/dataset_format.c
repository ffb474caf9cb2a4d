/* dataset_format.c -- what the formats share: looking for a file, saying
 * something. */
#include "data/dataset_format.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#define SENTENCE_BYTES 400

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

int dataset_file_key(const char *path, struct sha256 *key)
{
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	if (key)
		add_to_key(key, path, &st);
	return 1;
}

int dataset_may_go_on(const struct dataset_sink *to, struct err *e)
{
	if (to->stop && to->stop(to->ctx))
		return err_set(e, ERR_CANCELLED, "given up");
	return 0;
}

void dataset_say(const struct dataset_sink *to, const char *fmt, ...)
{
	char sentence[SENTENCE_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sentence, sizeof sentence, fmt, args);
	va_end(args);
	to->say(to->ctx, sentence);
}
