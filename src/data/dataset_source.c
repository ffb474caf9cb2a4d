/* dataset_source.c -- the files of a data set: found, then read. */
#include "data/dataset_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

#define KEY_BYTES_MAX (SOURCE_FILES * (DATASET_PATH_MAX + 64))

static const char *const known[] = {"fashion-mnist", NULL};

/* Xiao, Rasul & Vollgraf, 2017. */
static const char *const fashion_names[] = {"T-shirt/top", "Trouser",
	"Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
	"Ankle boot", NULL};

/* The spellings in use for each file; the first that exists counts. */
static const char *const spellings[SOURCE_FILES][5] = {
	[SOURCE_TRAIN_IMAGES] = {"train-images-idx3-ubyte",
		"train-images.idx3-ubyte", "train-images-idx4-ubyte",
		"train-images.idx4-ubyte"},
	[SOURCE_TRAIN_LABELS] = {"train-labels-idx1-ubyte",
		"train-labels.idx1-ubyte"},
	[SOURCE_TEST_IMAGES] = {"t10k-images-idx3-ubyte",
		"t10k-images.idx3-ubyte", "t10k-images-idx4-ubyte",
		"t10k-images.idx4-ubyte"},
	[SOURCE_TEST_LABELS] = {"t10k-labels-idx1-ubyte",
		"t10k-labels.idx1-ubyte"},
	[SOURCE_CLASSES] = {"classes.txt"},
};

const char *const *dataset_known(void)
{
	return known;
}

/* Adds what changes when the file does to `key`. */
static int add_to_key(
	struct buf *key, const char *path, const struct stat *st, struct err *e)
{
	return buf_printf(key, e, "%s %lld %lld.%09ld\n", path,
		(long long)st->st_size, (long long)st->st_mtim.tv_sec,
		st->st_mtim.tv_nsec);
}

/* Writes the path of the folder's file `which`, or "" if there is none. */
static int find_file(const char *folder, enum source_file which,
	char path[DATASET_PATH_MAX], struct buf *key, struct err *e)
{
	static const char *const endings[] = {"", ".gz"};
	struct stat st;

	for (int i = 0; i < 5 && spellings[which][i]; i++) {
		for (int j = 0; j < 2; j++) {
			int n = snprintf(path, DATASET_PATH_MAX, "%s/%s%s",
				folder, spellings[which][i], endings[j]);

			if (n >= DATASET_PATH_MAX)
				return err_set(e, ERR_NOT_FOUND,
					"a data set's path has at most %d "
					"bytes",
					DATASET_PATH_MAX - 1);
			if (stat(path, &st) == 0)
				return add_to_key(key, path, &st, e);
		}
	}
	path[0] = '\0';
	return 0;
}

static int find_files(const char *folder, struct source *s, struct err *e)
{
	struct buf key;
	int rc = 0;

	buf_init(&key, KEY_BYTES_MAX);
	for (int f = 0; rc == 0 && f < SOURCE_FILES; f++) {
		rc = find_file(folder, f, s->path[f], &key, e);
		if (rc == 0 && !s->path[f][0] && f != SOURCE_CLASSES)
			rc = err_set(e, ERR_NOT_FOUND,
				"the data set's folder has no %s, plain or .gz",
				spellings[f][0]);
	}
	if (rc == 0)
		sha256_of(key.data, key.len, s->key);
	buf_release(&key);
	return rc;
}

int source_find(const char *name, const char *packages, struct source *out,
	struct err *e)
{
	char folder[DATASET_PATH_MAX];
	struct stat st;

	out->names = NULL;
	if (name[0] == '/')
		return find_files(name, out, e);
	if (strcmp(name, known[0]) != 0)
		return err_set(e, ERR_NOT_FOUND,
			"there is no data set \"%.60s\"; known are %s and the "
			"absolute path of a folder with IDX files",
			name, known[0]);
	snprintf(folder, sizeof folder, "%s/%s", packages, name);
	if (stat(folder, &st))
		return err_set(e, ERR_NOT_FOUND,
			"the data set fashion-mnist is not installed; run: "
			"apt-get install dataset-fashion-mnist");
	out->names = fashion_names;
	return find_files(folder, out, e);
}
