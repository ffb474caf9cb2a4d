/* class_tree.c -- lists two levels of folders, numbers classes, sorts files. */
#include "data/class_tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "data/class_names.h"

#define TEXT_MAX ((size_t)UINT32_MAX)
#define DIGITS_MAX 18

static int is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* folder/name, with links followed; a hidden one is none. */
static int is_subfolder(const char *folder, const struct dirent *d)
{
	char path[DATASET_PATH_MAX];

	if (d->d_name[0] == '.')
		return 0;
	if (d->d_type == DT_DIR)
		return 1;
	if (d->d_type != DT_LNK && d->d_type != DT_UNKNOWN)
		return 0;
	return snprintf(path, sizeof path, "%s/%s", folder, d->d_name) <
		       (int)sizeof path &&
	       is_folder(path);
}

static int is_picture(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot &&
	       (strcasecmp(dot, ".png") == 0 || strcasecmp(dot, ".jpg") == 0 ||
		       strcasecmp(dot, ".jpeg") == 0);
}

/* -- growing -- */

static int add_file(struct class_tree *t, const char *name, int class, int part,
	struct err *e)
{
	const size_t n = strlen(name) + 1;

	if (t->n == DATASET_SAMPLES_MAX || n > TEXT_MAX - t->text_bytes)
		return err_set(e, ERR_TOO_BIG,
			"there are more pictures than are read: %zu, with "
			"names of 4 GB",
			(size_t)DATASET_SAMPLES_MAX);
	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 1024;
		t->files = xrealloc(t->files, t->room * sizeof *t->files);
	}
	if (t->text_bytes + n > t->text_room) {
		t->text_room = 2 * (t->text_bytes + n);
		t->text = xrealloc(t->text, t->text_room);
	}
	memcpy(t->text + t->text_bytes, name, n);
	t->files[t->n++] = (struct tree_file){.name = (uint32_t)t->text_bytes,
		.class = (uint16_t) class,
		.part = (uint8_t)part};
	t->text_bytes += n;
	t->counts[part]++;
	return 0;
}

static int find_class(const struct class_tree *t, const char *name)
{
	int k = 0;

	while (k < t->classes && strcmp(t->names[k], name) != 0)
		k++;
	return k;
}

/* The number of the class folder, for now in the order of its appearance. */
static int add_class(
	struct class_tree *t, const char *name, int *number, struct err *e)
{
	*number = find_class(t, name);
	if (*number < t->classes)
		return 0;
	if (!class_name_is_fit(name, strlen(name)))
		return err_set(e, ERR_INVALID,
			"the class folder %.80s has a name that is no class's: "
			"1 to %d bytes of UTF-8 without control characters",
			name, DATASET_NAME_BYTES - 1);
	if (t->classes == DATASET_CLASSES_MAX)
		return err_set(e, ERR_INVALID,
			"there are more than %d class folders",
			DATASET_CLASSES_MAX);
	t->names = xrealloc(
		t->names, (size_t)(t->classes + 1) * sizeof *t->names);
	memset(t->names[t->classes], 0, sizeof *t->names);
	strcpy(t->names[t->classes++], name);
	return 0;
}

/* -- reading -- */

static int cannot_list(const char *name, struct err *e)
{
	return err_set(
		e, ERR_WORLD, "cannot list %s: %s", name, strerror(errno));
}

/* The pictures of one class folder. */
static int read_class(struct class_tree *t, const char *folder,
	const char *name, int part, struct err *e)
{
	char path[DATASET_PATH_MAX];
	const struct dirent *entry;
	int class = 0, rc = 0;
	size_t before = t->n;
	DIR *d;

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >=
		(int)sizeof path)
		return err_set(
			e, ERR_INVALID, "the path of %s is too long", name);
	d = opendir(path);
	if (!d)
		return cannot_list(name, e);
	while (rc == 0 && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		if (!is_picture(entry->d_name)) {
			t->others++;
			continue;
		}
		if (t->n == before)
			rc = add_class(t, name, &class, e);
		if (rc == 0)
			rc = add_file(t, entry->d_name, class, part, e);
	}
	closedir(d);
	return rc;
}

/* The class folders of one part. */
static int read_part(
	struct class_tree *t, const char *folder, int part, struct err *e)
{
	const struct dirent *entry;
	size_t loose = 0;
	DIR *d = opendir(folder);
	int rc = 0;

	if (!d)
		return cannot_list("the data set's folder", e);
	while (rc == 0 && (entry = readdir(d))) {
		if (is_subfolder(folder, entry))
			rc = read_class(t, folder, entry->d_name, part, e);
		else
			loose += entry->d_name[0] != '.' &&
				 is_picture(entry->d_name);
	}
	closedir(d);
	if (rc == 0 && loose > 0)
		rc = err_set(e, ERR_INVALID,
			"%zu picture%s of no class: put those of each class "
			"in a folder of its own",
			loose, loose == 1 ? " is" : "s are");
	return rc;
}

/* The folder of a part, by one of its names; NULL if there is none. */
static const char *part_folder(
	const char *folder, enum dataset_part part, char path[DATASET_PATH_MAX])
{
	static const char *const names[DATASET_PARTS][4] = {
		[DATASET_TRAIN] = {"train", "training"},
		[DATASET_TEST] = {"test", "testing"},
		[DATASET_VALIDATION] = {"val", "valid", "validation"},
	};

	for (int i = 0; names[part][i]; i++)
		if (snprintf(path, DATASET_PATH_MAX, "%s/%s", folder,
			    names[part][i]) < DATASET_PATH_MAX &&
			is_folder(path))
			return names[part][i];
	return NULL;
}

static int has_subfolders(const char *path)
{
	const struct dirent *entry;
	DIR *d = opendir(path);
	int found = 0;

	while (d && !found && (entry = readdir(d)))
		found = is_subfolder(path, entry);
	if (d)
		closedir(d);
	return found;
}

/* A class may be called "train", too. */
static int read_parts(struct class_tree *t, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = 0;

	if (!part_folder(t->folder, DATASET_TRAIN, path) ||
		!has_subfolders(path)) {
		t->part_folders[DATASET_TRAIN] = "";
		return read_part(t, t->folder, DATASET_TRAIN, e);
	}
	for (int part = 0; rc == 0 && part < DATASET_PARTS; part++) {
		t->part_folders[part] = part_folder(t->folder, part, path);
		if (t->part_folders[part])
			rc = read_part(t, path, part, e);
	}
	return rc;
}

/* -- order -- */

static int is_number(const char *name)
{
	const size_t digits = strspn(name, "0123456789");

	return digits > 0 && digits <= DIGITS_MAX && name[digits] == '\0';
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* "1" comes before "01", so that equal numbers have an order. */
static int by_value(const void *a, const void *b)
{
	const long long x = atoll(a), y = atoll(b);

	if (x != y)
		return x < y ? -1 : 1;
	return strlen(a) < strlen(b) ? -1 : strlen(a) > strlen(b);
}

/* Classes by their final numbers. */
static void number_classes(struct class_tree *t)
{
	const size_t bytes = (size_t)t->classes * sizeof *t->names;
	char(*before)[DATASET_NAME_BYTES] = xcalloc(1, bytes);
	uint16_t *number = xcalloc((size_t)t->classes, sizeof *number);
	int (*order)(const void *, const void *) = by_value;

	memcpy(before, t->names, bytes);
	for (int k = 0; k < t->classes; k++)
		if (!is_number(t->names[k]))
			order = by_bytes;
	qsort(t->names, (size_t)t->classes, sizeof *t->names, order);
	for (int k = 0; k < t->classes; k++) {
		const char(*at)[DATASET_NAME_BYTES] = bsearch(before[k],
			t->names, (size_t)t->classes, sizeof *t->names, order);

		number[k] = (uint16_t)(at - (const char(*)[DATASET_NAME_BYTES])
						    t->names);
	}
	for (size_t i = 0; i < t->n; i++)
		t->files[i].class = number[t->files[i].class];
	free(before);
	free(number);
}

static int by_name(const void *a, const void *b, void *tree)
{
	const struct class_tree *t = tree;
	const struct tree_file *x = a, *y = b;
	int order;

	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	order = strcmp(t->text + x->name, t->text + y->name);
	return order ? order : strcmp(t->names[x->class], t->names[y->class]);
}

int class_tree_read(const char *folder, struct class_tree *out, struct err *e)
{
	int rc;

	*out = (struct class_tree){.n = 0};
	snprintf(out->folder, sizeof out->folder, "%s", folder);
	rc = read_parts(out, e);
	if (rc)
		return rc;
	if (out->n == 0)
		return 0;
	number_classes(out);
	qsort_r(out->files, out->n, sizeof *out->files, by_name, out);
	return 1;
}

void class_tree_release(struct class_tree *t)
{
	free(t->names);
	free(t->files);
	free(t->text);
}

/* -- names -- */

/* Every picture's name is put together several times: by printf that would be a
 * twentieth of the time that a set of small ones takes. */
struct joined {
	char *out;
	size_t room, n;
	int cut; /* something did not fit */
};

/* Adds up to `most` bytes of a name behind a stroke; nothing of an empty one.
 */
static void join(struct joined *j, const char *name, size_t most)
{
	const size_t n = strnlen(name, most);
	const size_t stroke = j->n > 0;

	if (n == 0 || j->cut)
		return;
	j->cut = j->n + stroke + n >= j->room;
	if (j->cut)
		return;
	if (stroke)
		j->out[j->n++] = '/';
	memcpy(j->out + j->n, name, n);
	j->n += n;
	j->out[j->n] = '\0';
}

int class_tree_path(const struct class_tree *t, const struct tree_file *f,
	char out[DATASET_PATH_MAX])
{
	struct joined j = {.out = out, .room = DATASET_PATH_MAX};

	join(&j, t->folder, SIZE_MAX);
	join(&j, t->part_folders[f->part], SIZE_MAX);
	join(&j, t->names[f->class], SIZE_MAX);
	join(&j, t->text + f->name, SIZE_MAX);
	return j.cut ? -1 : 0;
}

void class_tree_shown(const struct class_tree *t, const struct tree_file *f,
	char out[CLASS_TREE_SHOWN_BYTES])
{
	struct joined j = {.out = out, .room = CLASS_TREE_SHOWN_BYTES};

	join(&j, t->part_folders[f->part], SIZE_MAX);
	join(&j, t->names[f->class], SIZE_MAX);
	join(&j, t->text + f->name, 100);
}
