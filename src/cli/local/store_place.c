/* store_place.c -- from what is typed to two URLs. */
#include "cli/local/store_place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SQLITE "sqlite:"
#define POSTGRES "postgresql:"

static int is_postgres(const char *url)
{
	return strncmp(url, POSTGRES, strlen(POSTGRES)) == 0;
}

static int too_long(const char *text, struct err *e)
{
	return err_set(e, ERR_INVALID, "a path is too long: %.100s", text);
}

/* A data folder's store has a name of its own. */
static int file_of(const char *text, char path[PATH_MAX], struct err *e)
{
	struct stat s;
	const int is_folder = stat(text, &s) == 0 && S_ISDIR(s.st_mode);

	if (!text[0])
		return err_set(e, ERR_INVALID, "a store has no name");
	return snprintf(path, PATH_MAX, "%s%s", text,
		       is_folder ? "/nevod.db" : "") < PATH_MAX
		       ? 0
		       : too_long(text, e);
}

static int read_file(const char *text, struct store_place *out, struct err *e)
{
	char path[PATH_MAX];
	const char *slash;
	int rc = file_of(text, path, e);

	if (rc)
		return rc;
	slash = strrchr(path, '/');
	snprintf(out->store, sizeof out->store, SQLITE "%s", path);
	if (snprintf(out->blobs, sizeof out->blobs, "folder:%.*sblobs",
		    slash ? (int)(slash - path) + 1 : 0,
		    path) >= (int)sizeof out->blobs)
		return too_long(text, e);
	return 0;
}

int store_place_read(const char *text, const char *blobs,
	struct store_place *out, struct err *e)
{
	const int has_scheme = strncmp(text, SQLITE, strlen(SQLITE)) == 0;
	int rc = 0;

	if (is_postgres(text)) {
		if (snprintf(out->store, sizeof out->store, "%s", text) >=
			(int)sizeof out->store)
			return too_long(text, e);
		strcpy(out->blobs, out->store);
	} else {
		rc = read_file(
			text + (has_scheme ? strlen(SQLITE) : 0), out, e);
	}
	if (rc == 0 && blobs &&
		snprintf(out->blobs, sizeof out->blobs, "%s", blobs) >=
			(int)sizeof out->blobs)
		rc = too_long(blobs, e);
	return rc;
}

int store_place_is_there(const struct store_place *p, struct err *e)
{
	const char *path = p->store + strlen(SQLITE);

	if (is_postgres(p->store) || access(path, F_OK) == 0)
		return 0;
	return err_set(e, ERR_NOT_FOUND, "there is no store %.200s: %s", path,
		strerror(errno));
}
