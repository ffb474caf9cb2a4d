/* dataset_source.c -- a name or a path: its folder, and the format that knows
 * it. */
#include "data/dataset_source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "data/dataset.h"
#include "data/format_cifar.h"
#include "data/format_folder.h"
#include "data/format_idx.h"
#include "data/format_npy.h"
#include "data/format_npz.h"
#include "data/format_tar.h"

#define CLASSES_FILE "classes.txt"
#define SENTENCE_BYTES 360

/* Asked in this order; the first that knows a folder reads it. */
static const struct dataset_format *const formats[] = {
	&format_idx,
	&format_npy,
	&format_npz,
	&format_cifar,
	&format_tar,
	&format_folder,
};
#define FORMATS (sizeof formats / sizeof *formats)

static const char *const known[] = {DATASET_DEFAULT, NULL};

/* Xiao, Rasul & Vollgraf, 2017. */
static const char *const fashion_names[] = {"T-shirt/top", "Trouser",
	"Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
	"Ankle boot", NULL};

const char *const *source_known(void)
{
	return known;
}

static int no_format(const struct source *s, struct err *e)
{
	struct buf list;
	int rc = 0;

	buf_init(&list, SENTENCE_BYTES);
	for (size_t i = 0; rc == 0 && i < FORMATS; i++)
		rc = buf_printf(&list, NULL, "%s%s (%s)", i > 0 ? "; " : "",
			formats[i]->name, formats[i]->files);
	err_set(e, ERR_NOT_FOUND,
		"the %s holds no data set of a known format: %.*s",
		s->is_folder ? "folder" : "file", (int)list.len,
		list.len > 0 ? list.data : "");
	buf_release(&list);
	return ERR_NOT_FOUND;
}

/* 0 when a format has been found. */
static int ask_formats(struct source *s, struct sha256 *key, struct err *e)
{
	const struct dataset_place at = {s->path, s->is_folder};

	for (size_t i = 0; i < FORMATS; i++) {
		int rc = formats[i]->find(&at, key, e);

		if (rc < 0)
			return rc;
		if (rc == 0)
			continue;
		s->format = formats[i];
		return 0;
	}
	return no_format(s, e);
}

/* Where names may be: in the set's folder, or beside its file. */
struct classes_place {
	char folder[DATASET_PATH_MAX];
	char file[DATASET_PATH_MAX + sizeof CLASSES_FILE];
};

static void classes_place(const struct source *s, struct classes_place *out)
{
	const char *slash = strrchr(s->path, '/');

	snprintf(out->folder, sizeof out->folder, "%s", s->path);
	if (s->is_folder) {
		strcpy(out->file, CLASSES_FILE);
		return;
	}
	out->folder[slash + 1 - s->path] = '\0';
	snprintf(out->file, sizeof out->file, "%s." CLASSES_FILE, slash + 1);
}

static int find_format(
	struct source *s, const struct reading *how, struct err *e)
{
	struct sha256 *key = sha256_new();
	char what[64], path[DATASET_PATH_MAX];
	struct classes_place classes;
	int rc = ask_formats(s, key, e);

	classes_place(s, &classes);
	if (rc == 0)
		dataset_file(classes.folder, classes.file, path, key);
	reading_key(how, key);
	sha256_end(key, s->key);
	if (rc)
		return rc;
	snprintf(what, sizeof what, "%s data sets", s->format->name);
	return reading_check(how, s->format->uses, what, e);
}

static int find_known(const char *name, const struct reading *how,
	const char *packages, struct source *s, struct err *e)
{
	struct stat st;

	if (strcmp(name, DATASET_DEFAULT) != 0)
		return err_set(e, ERR_NOT_FOUND,
			"there is no data set \"%.60s\"; known are %s and the "
			"absolute path of a folder or file with a data set",
			name, DATASET_DEFAULT);
	snprintf(s->path, sizeof s->path, "%s/%s", packages, name);
	if (stat(s->path, &st))
		return err_set(e, ERR_NOT_FOUND,
			"the data set " DATASET_DEFAULT " is not installed; "
			"run: apt-get install dataset-" DATASET_DEFAULT);
	s->is_folder = 1;
	s->names = fashion_names;
	return find_format(s, how, e);
}

int source_find(const char *name, const struct reading *how,
	const char *packages, struct source *out, struct err *e)
{
	struct stat st;

	*out = (struct source){.names = NULL};
	if (name[0] != '/')
		return find_known(name, how, packages, out, e);
	if (snprintf(out->path, sizeof out->path, "%s", name) >=
		(int)sizeof out->path)
		return err_set(e, ERR_NOT_FOUND,
			"a data set's path has at most %d bytes",
			DATASET_PATH_MAX - 1);
	if (stat(out->path, &st))
		return err_set(e, ERR_NOT_FOUND,
			"the data set's folder or file is not there");
	out->is_folder = S_ISDIR(st.st_mode);
	return find_format(out, how, e);
}

int source_class_names(
	const struct source *s, struct class_names *out, struct err *e)
{
	struct classes_place at;
	struct err why = {0};
	int rc;

	*out = (struct class_names){.n = 0};
	classes_place(s, &at);
	rc = class_names_read(at.folder, at.file, out, &why);
	if (rc == ERR_NOT_FOUND)
		return 0;
	if (rc && e)
		*e = why;
	return rc;
}

static int count_names(const char *const *names)
{
	int n = 0;

	while (names && names[n])
		n++;
	return n;
}

void source_class_name(const struct source *s, const struct dataset_info *d,
	int k, char out[DATASET_NAME_BYTES])
{
	if (count_names(s->names) == d->classes)
		snprintf(out, DATASET_NAME_BYTES, "%s", s->names[k]);
	else
		snprintf(out, DATASET_NAME_BYTES, "%d", k);
}
