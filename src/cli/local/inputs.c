/* inputs.c -- folders of files, by name. */
#include "cli/local/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/field.h"
#include "data/images.h"

/* A line of the answer begins with it. */
static int can_be_shown(const char *path)
{
	json_t *utf8 = json_string(path);
	int ok = utf8 && field_printable(path);

	json_decref(utf8);
	return ok;
}

static int add(struct inputs *p, const char *path, struct err *e)
{
	if (!can_be_shown(path))
		return err_set(e, ERR_INVALID,
			"the name of a file has control characters or is not "
			"UTF-8: rename it");
	if (p->n == INPUTS_MAX)
		return err_set(e, ERR_RANGE,
			"--input names more than %zu files", INPUTS_MAX);
	if ((p->n & (p->n - 1)) == 0) /* a power of two, or nothing: full */
		p->paths = xrealloc(
			p->paths, (p->n ? 2 * p->n : 1) * sizeof *p->paths);
	p->paths[p->n++] = xstrdup(path);
	return 0;
}

static int is_folder(const char *path)
{
	struct stat s;

	return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static int is_regular(const char *path)
{
	struct stat s;

	return stat(path, &s) == 0 && S_ISREG(s.st_mode);
}

static int seen(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int bytewise(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_entry(
	struct inputs *p, const char *folder, const char *name, struct err *e)
{
	const size_t room = strlen(folder) + strlen(name) + 2;
	const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
	char *path = xcalloc(room, 1);
	int rc = 0;

	snprintf(path, room, "%s%s%s", folder, slash, name);
	if (is_regular(path) && images_is(path))
		rc = add(p, path, e);
	else if (!is_folder(path))
		p->left_out++;
	free(path);
	return rc;
}

static int add_folder(struct inputs *p, const char *folder, struct err *e)
{
	const size_t before = p->n;
	struct dirent **entries;
	int n = scandir(folder, &entries, seen, bytewise), rc = 0;

	if (n < 0)
		return err_set(e, ERR_WORLD, "cannot read the folder %s: %s",
			folder, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (rc == 0)
			rc = add_entry(p, folder, entries[i]->d_name, e);
		free(entries[i]);
	}
	free(entries);
	if (rc == 0 && p->n == before)
		rc = err_set(e, ERR_INVALID,
			"the folder %s has no PNG or JPEG picture and no IDX "
			"file",
			folder);
	return rc;
}

int inputs_list(
	const char *const *given, size_t n, struct inputs *out, struct err *e)
{
	int rc = 0;

	*out = (struct inputs){.paths = NULL};
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = is_folder(given[i]) ? add_folder(out, given[i], e)
					 : add(out, given[i], e);
	return rc;
}

void inputs_release(struct inputs *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->paths[i]);
	free(p->paths);
	*p = (struct inputs){.paths = NULL};
}
