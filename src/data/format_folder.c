/* format_folder.c -- every picture is looked at first, which says what size and
 * how many channels all will have; then decoded, one after another. */
#include "data/format_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "data/class_tree.h"
#include "data/picture.h"
#include "data/picture_shape.h"
#include "data/sample_piece.h"
#include "data/seal.h"

#define LOOK_BYTES                                                \
	16384 /* more than most pictures have before their pixels \
	       */
#define READ_BYTES 65536

static int find(
	const struct dataset_place *at, struct sha256 *key, struct err *e)
{
	struct class_tree t;
	char path[DATASET_PATH_MAX];
	int rc = 0;

	if (!at->is_folder)
		return 0;
	rc = class_tree_read(at->path, &t, e);
	for (size_t i = 0; rc == 1 && i < t.n; i++)
		if (class_tree_path(&t, &t.files[i], path) == 0)
			dataset_file_key(path, key);
	class_tree_release(&t);
	return rc;
}

/* A folder that is being read. */
struct folder {
	struct class_tree tree;
	struct picture_shape shape;
	struct dataset_info info;
	const struct dataset_sink *to;
	size_t have[DATASET_PARTS];
	struct buf bytes; /* of the picture */
};

/* -- a picture's bytes -- */

static int cannot_read(const char *shown, struct err *e)
{
	return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_WORLD,
		"cannot read %s: %s", shown, strerror(errno));
}

/* Up to `most` bytes of an open file.  True if these are all. */
static int read_some(
	int fd, const char *shown, size_t most, struct buf *out, struct err *e)
{
	char chunk[READ_BYTES];

	while (out->len < most) {
		const size_t left = most - out->len;
		ssize_t n = read(
			fd, chunk, left < READ_BYTES ? left : READ_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot_read(shown, e);
		if (n == 0)
			return 1;
		if (buf_add(out, chunk, (size_t)n, e))
			return err_set(e, ERR_INVALID,
				"%s is over %zu MB: no picture is read that "
				"large",
				shown, PICTURE_BYTES_MAX >> 20);
	}
	return 0;
}

/* Opens a picture whose name is written to `shown`: a descriptor, or an error.
 */
static int open_picture(const struct folder *f, const struct tree_file *file,
	char shown[CLASS_TREE_SHOWN_BYTES], struct err *e)
{
	char path[DATASET_PATH_MAX];
	int fd;

	class_tree_shown(&f->tree, file, shown);
	if (class_tree_path(&f->tree, file, path))
		return err_set(
			e, ERR_INVALID, "the path of %s is too long", shown);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? cannot_read(shown, e) : fd;
}

/* -- a look -- */

static int see(struct folder *f, const struct tree_file *file, struct err *e)
{
	char shown[CLASS_TREE_SHOWN_BYTES];
	int fd = open_picture(f, file, shown, e), whole, rc;

	if (fd < 0)
		return fd;
	f->bytes.len = 0;
	rc = whole = read_some(fd, shown, LOOK_BYTES, &f->bytes, e);
	if (rc >= 0)
		rc = picture_shape_see(&f->shape, shown, f->bytes.data,
			f->bytes.len, whole, e);
	if (rc == 0) { /* the beginning was not enough */
		rc = read_some(fd, shown, SIZE_MAX, &f->bytes, e);
		if (rc >= 0)
			rc = picture_shape_see(&f->shape, shown, f->bytes.data,
				f->bytes.len, 1, e);
	}
	close(fd);
	return rc < 0 ? rc : 0;
}

/* A tenth of each class becomes the test part, in place. */
static void seal_test(struct folder *f)
{
	struct class_tree *t = &f->tree;
	size_t *counts = xcalloc((size_t)t->classes, sizeof *counts);
	struct tree_file *files = xcalloc(t->n, sizeof *files);
	struct seal *seal;
	size_t train = 0, test;

	for (size_t i = 0; i < t->counts[DATASET_TRAIN]; i++)
		counts[t->files[i].class]++;
	seal = seal_new(counts, t->classes);
	test = t->counts[DATASET_TRAIN] - seal_count(seal);
	memcpy(files, t->files, t->n * sizeof *files);
	for (size_t i = 0; i < t->counts[DATASET_TRAIN]; i++) {
		int takes = seal_takes(seal, files[i].class);

		t->files[takes ? test++ : train++] = files[i];
	}
	t->counts[DATASET_TRAIN] = train;
	t->counts[DATASET_TEST] = test - train;
	dataset_say(f->to,
		"there is no test folder: a tenth of each class, %zu images in "
		"all, is sealed as test",
		test - train);
	seal_free(seal);
	free(counts);
	free(files);
}

static void describe(struct folder *f)
{
	const struct class_tree *t = &f->tree;

	f->info = (struct dataset_info){.classes = t->classes,
		.n_train = t->counts[DATASET_TRAIN],
		.n_test = t->counts[DATASET_TEST],
		.n_validation = t->counts[DATASET_VALIDATION],
		.class_names = (const char(*)[DATASET_NAME_BYTES])t->names};
	picture_shape_describe(&f->shape, &f->info);
	if (t->others > 0)
		dataset_say(f->to,
			"%zu files in class folders are neither .png nor .jpg "
			"and are left out",
			t->others);
}

static int look(struct folder *f, const struct reading *how, struct err *e)
{
	int rc = 0;

	picture_shape_init(&f->shape, how);
	for (size_t i = 0; rc == 0 && i < f->tree.n; i++) {
		rc = dataset_may_go_on(f->to, e);
		if (rc == 0)
			rc = see(f, &f->tree.files[i], e);
	}
	if (rc)
		return rc;
	if (f->tree.counts[DATASET_TEST] == 0)
		seal_test(f);
	describe(f);
	return 0;
}

/* -- pixels -- */

static int take(struct folder *f, const struct tree_file *file,
	struct sample_piece *piece, struct err *e)
{
	char shown[CLASS_TREE_SHOWN_BYTES];
	int fd = open_picture(f, file, shown, e), rc;

	if (fd < 0)
		return fd;
	f->bytes.len = 0;
	rc = read_some(fd, shown, SIZE_MAX, &f->bytes, e);
	close(fd);
	if (rc < 0)
		return rc;
	rc = picture_shape_take(&f->shape, shown, f->bytes.data, f->bytes.len,
		sample_piece_pixels(piece), e);
	return rc ? rc : sample_piece_add(piece, file->class, e);
}

/* Of a part, whose first file is number `first`. */
static int copy_part(
	struct folder *f, enum dataset_part part, size_t first, struct err *e)
{
	struct sample_piece piece;
	int rc = 0;

	sample_piece_init(&piece, &f->info, part, f->to);
	for (size_t i = f->have[part]; rc == 0 && i < f->tree.counts[part]; i++)
		rc = take(f, &f->tree.files[first + i], &piece, e);
	if (rc == 0)
		rc = sample_piece_flush(&piece, e);
	sample_piece_release(&piece);
	return rc;
}

static int copy_parts(struct folder *f, struct err *e)
{
	size_t first = 0;
	int rc = 0;

	for (int part = 0; rc == 0 && part < DATASET_PARTS; part++) {
		rc = copy_part(f, part, first, e);
		first += f->tree.counts[part];
	}
	if (rc == 0 && f->shape.transparent > 0)
		dataset_say(f->to,
			"%zu pictures are transparent in places, which lie on "
			"black",
			f->shape.transparent);
	return rc;
}

static int read_folder(const struct dataset_place *at,
	const struct reading *how, const struct dataset_sink *to, struct err *e)
{
	struct folder *f = xcalloc(1, sizeof *f);
	int rc;

	f->to = to;
	buf_init(&f->bytes, PICTURE_BYTES_MAX);
	rc = class_tree_read(at->path, &f->tree, e);
	if (rc == 0)
		rc = err_set(e, ERR_NOT_FOUND, "the pictures are gone");
	if (rc == 1)
		rc = look(f, how, e);
	if (rc == 0)
		rc = to->announce(to->ctx, &f->info, f->have, e);
	if (rc == 0)
		rc = copy_parts(f, e);
	class_tree_release(&f->tree);
	buf_release(&f->bytes);
	free(f);
	return rc;
}

const struct dataset_format format_folder = {
	.name = "pictures",
	.files = ".png or .jpg, in a folder a class",
	.uses = READING_USES_RESIZE,
	.find = find,
	.read = read_folder,
};
