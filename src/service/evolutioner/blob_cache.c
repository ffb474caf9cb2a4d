/* blob_cache.c -- a folder of files. */
#include "service/evolutioner/blob_cache.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cache_folder.h"
#include "base/file.h"
#include "base/hash.h"

struct blob_cache {
	char *dir;
	size_t max_bytes;
	pthread_mutex_t lock; /* one makes room at a time */
};

struct blob_cache *blob_cache_open(
	const char *dir, size_t max_bytes, struct err *e)
{
	struct blob_cache *c;

	if (file_mkdirs(dir, e))
		return NULL;
	c = xcalloc(1, sizeof *c);
	c->dir = xstrdup(dir);
	c->max_bytes = max_bytes;
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void blob_cache_close(struct blob_cache *c)
{
	if (!c)
		return;
	pthread_mutex_destroy(&c->lock);
	free(c->dir);
	free(c);
}

const char *blob_cache_dir(const struct blob_cache *c)
{
	return c->dir;
}

static void path_of(
	const struct blob_cache *c, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", c->dir, name);
}

int blob_cache_put(struct blob_cache *c, const char *sha256, const void *bytes,
	size_t n, struct err *e)
{
	char hash[SHA256_HEX_BYTES], path[PATH_MAX];
	int rc;

	sha256_of(bytes, n, hash);
	if (strcmp(hash, sha256) != 0)
		return err_set(e, ERR_INVALID,
			"the bytes have the SHA-256 %s, which is not their "
			"name",
			hash);
	if (n > c->max_bytes)
		return err_set(e, ERR_TOO_BIG,
			"a blob of %zu bytes, and at most %zu are kept", n,
			c->max_bytes);
	path_of(c, hash, path);
	pthread_mutex_lock(&c->lock);
	cache_folder_make_room(c->dir, n, c->max_bytes, NULL);
	rc = file_replace(path, bytes, n, e);
	pthread_mutex_unlock(&c->lock);
	return rc;
}

int blob_cache_has(struct blob_cache *c, const char *sha256)
{
	char path[PATH_MAX];

	if (!sha256_is_hex(sha256))
		return 0;
	path_of(c, sha256, path);
	return cache_folder_use(path);
}
