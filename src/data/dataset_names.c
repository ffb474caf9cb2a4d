/* dataset_names.c -- notes in the cache folder. */
#include "data/dataset_names.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "data/dataset_manifest.h"
#include "data/dataset_note.h"
#include "data/dataset_source.h"
#include "data/dataset_writer.h"

#define NOTE "named-"
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789._-"

static int is_name(const char *name)
{
	const size_t n = strlen(name);

	return n >= 1 && n <= DATASET_NAME_MAX && !strchr("._-", name[0]) &&
	       strspn(name, NAME_CHARACTERS) == n;
}

int dataset_name_check(const char *name, struct err *e)
{
	if (!is_name(name))
		return err_set(e, ERR_INVALID,
			"a data set's name is 1 to %d lower-case letters, "
			"digits, '.', '_' and '-', the first a letter or a "
			"digit",
			DATASET_NAME_MAX);
	for (const char *const *known = source_known(); *known; known++)
		if (strcmp(*known, name) == 0)
			return err_set(e, ERR_INVALID,
				"%s is a data set that is known without an "
				"import: choose another name",
				name);
	return 0;
}

static int note_path(const char *cache_dir, const char *name,
	char out[DATASET_PATH_MAX], struct err *e)
{
	if (snprintf(out, DATASET_PATH_MAX, "%s/" NOTE "%s", cache_dir, name) >=
		DATASET_PATH_MAX)
		return err_set(
			e, ERR_WORLD, "the cache folder's path is too long");
	return 0;
}

/* To be released. */
static int read_note(const char *cache_dir, const char *name,
	struct dataset_note *out, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = is_name(name) ? note_path(cache_dir, name, path, e)
			       : ERR_NOT_FOUND;

	if (rc == 0)
		rc = dataset_note_read(path, out, NULL);
	if (rc == ERR_NOT_FOUND)
		return err_set(e, rc, "there is no data set \"%s\"", name);
	return rc ? err_set(e, ERR_WORLD,
			    "the note on the data set \"%s\" cannot be read",
			    name)
		  : 0;
}

int dataset_name_keep(const char *cache_dir, const char *name,
	const struct dataset_info *d, struct err *e)
{
	struct dataset_note n = {.hash = ""};
	char path[DATASET_PATH_MAX];
	int rc = dataset_name_check(name, e);

	if (rc == 0)
		rc = note_path(cache_dir, name, path, e);
	if (rc)
		return rc;
	strcpy(n.hash, d->hash);
	class_names_copy(d->class_names, (size_t)d->classes, &n.names);
	rc = dataset_note_write(path, &n, e);
	dataset_note_release(&n);
	return rc;
}

int dataset_name_find(const char *cache_dir, const char *name,
	char path[DATASET_PATH_MAX], struct class_names *names, struct err *e)
{
	struct dataset_note n = {.hash = ""};
	struct stat st;
	int rc = read_note(cache_dir, name, &n, e);

	if (rc == 0)
		rc = dataset_writer_path(cache_dir, n.hash, path, e);
	if (rc == 0 && stat(path, &st))
		rc = err_set(e, ERR_WORLD,
			"the files of the data set \"%s\" are gone: import it "
			"again",
			name);
	if (rc || !names)
		dataset_note_release(&n);
	else
		*names = n.names;
	return rc;
}

/* -- all of them -- */

static int is_note(const struct dirent *d)
{
	return strncmp(d->d_name, NOTE, sizeof NOTE - 1) == 0 &&
	       is_name(d->d_name + sizeof NOTE - 1);
}

int dataset_name_each(const char *cache_dir,
	void (*each)(void *ctx, const char *name, const char *hash), void *ctx,
	struct err *e)
{
	struct dirent **list;
	int n = scandir(cache_dir, &list, is_note, alphasort);

	if (n < 0 && errno == ENOENT)
		return 0;
	if (n < 0)
		return err_set(e, ERR_WORLD, "cannot list the data sets: %s",
			strerror(errno));
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name + sizeof NOTE - 1;
		struct dataset_note note;

		if (read_note(cache_dir, name, &note, NULL) == 0) {
			each(ctx, name, note.hash);
			dataset_note_release(&note);
		}
		free(list[i]);
	}
	free(list);
	return 0;
}

struct same {
	const char *hash;
	int n;
};

static void count_same(void *ctx, const char *name, const char *hash)
{
	struct same *s = ctx;

	(void)name;
	s->n += strcmp(hash, s->hash) == 0;
}

int dataset_name_keeps(const char *cache_dir, const char *file)
{
	char hash[SHA256_HEX_BYTES];
	struct same same = {hash, 0};

	if (strncmp(file, NOTE, sizeof NOTE - 1) == 0)
		return 1;
	snprintf(hash, sizeof hash, "%s", file);
	return sha256_is_hex(hash) &&
	       dataset_name_each(cache_dir, count_same, &same, NULL) == 0 &&
	       same.n > 0;
}

/* The first piece goes first: then the set is not there. */
static void remove_set(const char *path, const char *hash)
{
	char manifest[DATASET_PATH_MAX];
	struct pieces p;
	struct manifest m;

	if (manifest_load(hash, path, &m, NULL))
		return;
	manifest_pieces(&m, path, &p);
	manifest_release(&m);
	pieces_remove(&p);
	manifest_path(path, manifest);
	unlink(manifest);
}

int dataset_name_remove(const char *cache_dir, const char *name, struct err *e)
{
	char path[DATASET_PATH_MAX];
	struct dataset_note note;
	struct same same = {note.hash, 0};
	int rc = read_note(cache_dir, name, &note, e);

	if (rc)
		return rc;
	dataset_note_release(&note);
	rc = note_path(cache_dir, name, path, e);
	if (rc)
		return rc;
	if (unlink(path))
		return err_set(e, ERR_WORLD, "cannot remove the data set: %s",
			strerror(errno));
	rc = dataset_name_each(cache_dir, count_same, &same, e);
	if (rc || same.n > 0)
		return rc;
	rc = dataset_writer_path(cache_dir, note.hash, path, e);
	if (rc == 0)
		remove_set(path, note.hash);
	return rc;
}
