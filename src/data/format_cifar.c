/* format_cifar.c -- which of the two it is is told by the files' names, and how
 * many images there are by their sizes. */
#include "data/format_cifar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "data/class_names.h"
#include "data/file_stream.h"

#define CHANNELS 3
#define SIDE 32
#define PIXELS ((size_t)CHANNELS * SIDE * SIDE)
#define RECORDS 256 /* read at a time */
#define BATCHES_MAX 99
#define FILE_NAME_MAX 32
#define LABELS_MAX 2

static const struct kind {
	const char *train, *test; /* a %d in `train`: batches from 1 on */
	size_t labels;            /* of a record */
	int column;               /* that counts where nothing is said */
	int classes[LABELS_MAX];
	const char *names[LABELS_MAX]; /* files */
} kinds[] = {
	{"data_batch_%d.bin", "test_batch.bin", 1, 0, {10},
		{"batches.meta.txt"}},
	{"train.bin", "test.bin", 2, 1, {20, 100},
		{"coarse_label_names.txt", "fine_label_names.txt"}},
};
#define KINDS (sizeof kinds / sizeof *kinds)

/* Of the i-th file of a part, from 0: true if there may be one. */
static int file_name(const struct kind *k, enum dataset_part part, int i,
	char out[FILE_NAME_MAX])
{
	const char *name = part == DATASET_TRAIN ? k->train : k->test;
	const char *number = strstr(name, "%d");

	if (i >= (number ? BATCHES_MAX : 1))
		return 0;
	if (number)
		snprintf(out, FILE_NAME_MAX, "%.*s%d%s", (int)(number - name),
			name, i + 1, number + 2);
	else
		snprintf(out, FILE_NAME_MAX, "%s", name);
	return 1;
}

static size_t record_bytes(const struct kind *k)
{
	return k->labels + PIXELS;
}

/* True if the file is there and is whole records; adds them. */
static int count_records(
	const struct kind *k, const char *path, size_t *records)
{
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode) || st.st_size == 0 ||
		(size_t)st.st_size % record_bytes(k) != 0)
		return 0;
	*records += (size_t)st.st_size / record_bytes(k);
	return 1;
}

/* How many files of a part there are. */
static int count_files(const char *folder, const struct kind *k,
	enum dataset_part part, struct sha256 *key)
{
	char name[FILE_NAME_MAX], path[DATASET_PATH_MAX];
	int i = 0;

	while (file_name(k, part, i, name) &&
		dataset_file(folder, name, path, key))
		i++;
	return i;
}

static const struct kind *find_kind(const char *folder, struct sha256 *key)
{
	for (size_t i = 0; i < KINDS; i++)
		if (count_files(folder, &kinds[i], DATASET_TRAIN, key) > 0)
			return &kinds[i];
	return NULL;
}

static int find(
	const struct dataset_place *at, struct sha256 *key, struct err *e)
{
	const struct kind *k = at->is_folder ? find_kind(at->path, key) : NULL;
	char path[DATASET_PATH_MAX];

	if (!k)
		return 0;
	if (count_files(at->path, k, DATASET_TEST, key) == 0)
		return err_set(e, ERR_NOT_FOUND,
			"the data set's folder has no %s", k->test);
	for (size_t i = 0; i < k->labels; i++)
		dataset_file(at->path, k->names[i], path, key);
	return 1;
}

/* A folder that is being read. */
struct cifar {
	const char *folder;
	const struct kind *kind;
	int column;
	struct dataset_info info;
	struct class_names names;
	const struct dataset_sink *to;
	size_t have[DATASET_PARTS];

	/* The piece that is handed over. */
	uint8_t records[RECORDS * (LABELS_MAX + PIXELS)];
	uint8_t pixels[RECORDS * PIXELS];
	uint16_t labels[RECORDS];
};

static int choose_column(
	struct cifar *c, const struct reading *how, struct err *e)
{
	c->column = c->kind->column;
	if (!how->has_label_column)
		return 0;
	if ((size_t)how->label_column >= c->kind->labels)
		return err_set(e, ERR_INVALID,
			"the records have %zu label%s, counted from 0: there "
			"is no column %d",
			c->kind->labels, c->kind->labels == 1 ? "" : "s",
			how->label_column);
	c->column = how->label_column;
	return 0;
}

static int count_part(
	struct cifar *c, enum dataset_part part, size_t *records, struct err *e)
{
	char name[FILE_NAME_MAX], path[DATASET_PATH_MAX];

	for (int i = 0; file_name(c->kind, part, i, name) &&
			dataset_file(c->folder, name, path, NULL);
		i++)
		if (!count_records(c->kind, path, records))
			return err_set(e, ERR_INVALID,
				"%s is cut short: it is no multiple of %zu "
				"bytes",
				name, record_bytes(c->kind));
	return 0;
}

static int look(struct cifar *c, struct err *e)
{
	const char *names = c->kind->names[c->column];
	char path[DATASET_PATH_MAX];
	int rc;

	c->info = (struct dataset_info){.channels = CHANNELS,
		.height = SIDE,
		.width = SIDE,
		.classes = c->kind->classes[c->column]};
	rc = count_part(c, DATASET_TRAIN, &c->info.n_train, e);
	if (rc == 0)
		rc = count_part(c, DATASET_TEST, &c->info.n_test, e);
	/* Names that do not fit are as good as none. */
	if (rc == 0 && dataset_file(c->folder, names, path, NULL) &&
		class_names_read(c->folder, names, &c->names, NULL) == 0 &&
		c->names.n == (size_t)c->info.classes)
		c->info.class_names = (const char(*)[DATASET_NAME_BYTES])
					      c->names.names;
	return rc;
}

/* Takes the piece's n records, of which the first is number `at` of its file,
 * apart. */
static int take_apart(
	struct cifar *c, const char *name, size_t at, size_t n, struct err *e)
{
	const uint8_t *record = c->records;

	for (size_t i = 0; i < n; i++, record += record_bytes(c->kind)) {
		c->labels[i] = record[c->column];
		memcpy(c->pixels + i * PIXELS, record + c->kind->labels,
			PIXELS);
		if (c->labels[i] >= c->info.classes)
			return err_set(e, ERR_INVALID,
				"record %zu of %s has the label %d; the labels "
				"are 0 to %d",
				at + i, name, c->labels[i],
				c->info.classes - 1);
	}
	return 0;
}

static int copy_piece(struct cifar *c, struct stream *in,
	enum dataset_part part, size_t at, size_t n, struct err *e)
{
	const struct dataset_samples some = {part, n, c->pixels, c->labels};
	int rc = stream_read(in, c->records, n * record_bytes(c->kind), e);

	if (rc == 0)
		rc = take_apart(c, stream_name(in), at, n, e);
	return rc ? rc : c->to->add(c->to->ctx, &some, e);
}

/* Passes over what is there already, of which `skip` are left. */
static int copy_file(struct cifar *c, const char *path, enum dataset_part part,
	size_t *skip, struct err *e)
{
	struct stream *in;
	size_t n = 0, at;
	int rc;

	if (!count_records(c->kind, path, &n))
		return err_set(
			e, ERR_INVALID, "the files change while they are read");
	at = *skip < n ? *skip : n;
	*skip -= at;
	if (at == n)
		return 0;
	rc = file_stream_open(path, &in, e);
	if (rc)
		return rc;
	rc = stream_skip(in, at * record_bytes(c->kind), e);
	for (; rc == 0 && at < n; at += RECORDS)
		rc = copy_piece(c, in, part, at,
			n - at < RECORDS ? n - at : RECORDS, e);
	stream_close(in);
	return rc;
}

static int copy_part(struct cifar *c, enum dataset_part part, struct err *e)
{
	char name[FILE_NAME_MAX], path[DATASET_PATH_MAX];
	size_t skip = c->have[part];
	int rc = 0;

	for (int i = 0; rc == 0 && file_name(c->kind, part, i, name) &&
			dataset_file(c->folder, name, path, NULL);
		i++)
		rc = copy_file(c, path, part, &skip, e);
	return rc;
}

static int read_folder(const struct dataset_place *at,
	const struct reading *how, const struct dataset_sink *to, struct err *e)
{
	struct cifar *c = xcalloc(1, sizeof *c);
	int rc;

	c->folder = at->path;
	c->kind = find_kind(at->path, NULL);
	c->to = to;
	rc = c->kind ? choose_column(c, how, e)
		     : err_set(e, ERR_NOT_FOUND, "the files are gone");
	if (rc == 0)
		rc = look(c, e);
	if (rc == 0)
		rc = to->announce(to->ctx, &c->info, c->have, e);
	if (rc == 0)
		rc = copy_part(c, DATASET_TRAIN, e);
	if (rc == 0)
		rc = copy_part(c, DATASET_TEST, e);
	class_names_release(&c->names);
	free(c);
	return rc;
}

const struct dataset_format format_cifar = {
	.name = "CIFAR",
	.files = "data_batch_1.bin, ... or train.bin",
	.uses = READING_USES_LABEL_COLUMN,
	.find = find,
	.read = read_folder,
};
