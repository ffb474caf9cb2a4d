/* dataset_source.c -- a name or a path: its folder, and the format that knows
 * it. */
#include "data/dataset_source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "data/class_names.h"
#include "data/dataset.h"
#include "data/format_idx.h"

#define CLASSES_FILE "classes.txt"
#define SENTENCE_BYTES 300

/* Asked in this order; the first that knows a folder reads it. */
static const struct dataset_format *const formats[] = {
	&format_idx,
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

static int no_format(struct err *e)
{
	struct buf list;
	int rc = 0;

	buf_init(&list, SENTENCE_BYTES);
	for (size_t i = 0; rc == 0 && i < FORMATS; i++)
		rc = buf_printf(&list, NULL, "%s%s (%s)", i > 0 ? "; " : "",
			formats[i]->name, formats[i]->files);
	err_set(e, ERR_NOT_FOUND,
		"the folder holds no data set of a known format: %.*s",
		(int)list.len, list.len > 0 ? list.data : "");
	buf_release(&list);
	return ERR_NOT_FOUND;
}

/* 0 when a format has been found. */
static int ask_formats(struct source *s, struct sha256 *key, struct err *e)
{
	for (size_t i = 0; i < FORMATS; i++) {
		int rc = formats[i]->find(s->folder, key, e);

		if (rc < 0)
			return rc;
		if (rc == 0)
			continue;
		s->format = formats[i];
		return 0;
	}
	return no_format(e);
}

static int find_format(struct source *s, struct err *e)
{
	struct sha256 *key = sha256_new();
	char classes[DATASET_PATH_MAX];
	int rc = ask_formats(s, key, e);

	if (rc == 0)
		dataset_file(s->folder, CLASSES_FILE, classes, key);
	sha256_end(key, s->key);
	return rc;
}

static int find_known(
	const char *name, const char *packages, struct source *s, struct err *e)
{
	struct stat st;

	if (strcmp(name, DATASET_DEFAULT) != 0)
		return err_set(e, ERR_NOT_FOUND,
			"there is no data set \"%.60s\"; known are %s and the "
			"absolute path of a folder with a data set",
			name, DATASET_DEFAULT);
	snprintf(s->folder, sizeof s->folder, "%s/%s", packages, name);
	if (stat(s->folder, &st))
		return err_set(e, ERR_NOT_FOUND,
			"the data set " DATASET_DEFAULT " is not installed; "
			"run: apt-get install dataset-" DATASET_DEFAULT);
	s->names = fashion_names;
	return find_format(s, e);
}

int source_find(const char *name, const char *packages, struct source *out,
	struct err *e)
{
	*out = (struct source){.names = NULL};
	if (name[0] != '/')
		return find_known(name, packages, out, e);
	if (snprintf(out->folder, sizeof out->folder, "%s", name) >=
		(int)sizeof out->folder)
		return err_set(e, ERR_NOT_FOUND,
			"a data set's path has at most %d bytes",
			DATASET_PATH_MAX - 1);
	return find_format(out, e);
}

static int count_names(const char *const *names)
{
	int n = 0;

	while (names && names[n])
		n++;
	return n;
}

int source_name_classes(
	const struct source *s, struct dataset_info *d, struct err *e)
{
	int built_in = count_names(s->names) == d->classes;
	char path[DATASET_PATH_MAX];

	if (d->class_names[0][0])
		return 0;
	if (dataset_file(s->folder, CLASSES_FILE, path, NULL))
		return class_names_read(path, d, e);
	for (int i = 0; i < d->classes; i++) {
		if (built_in)
			snprintf(d->class_names[i], DATASET_NAME_BYTES, "%s",
				s->names[i]);
		else
			snprintf(
				d->class_names[i], DATASET_NAME_BYTES, "%d", i);
	}
	return 0;
}
