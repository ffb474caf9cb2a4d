/* format_tar.c -- a tar file, or all in a folder in the order of their names.
 *
 * Shards are read twice: what classes there are, and whether every picture is
 * gray, is known when all has been seen. */
#include "data/format_tar.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "data/label_map.h"
#include "data/members.h"
#include "data/picture_shape.h"
#include "data/sample_piece.h"
#include "data/seal.h"
#include "data/tar_samples.h"

#define SHARDS_MAX 65536

/* Paths by part, each to be freed. */
struct shards {
	char **paths[DATASET_PARTS];
	size_t n[DATASET_PARTS];
};

/* -- which files -- */

static int has_ending(const char *name)
{
	static const char *const endings[] = {".tar", ".tar.gz", ".tgz"};
	const size_t n = strlen(name);

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		const size_t k = strlen(endings[i]);

		if (n > k && strcmp(name + n - k, endings[i]) == 0)
			return 1;
	}
	return 0;
}

static int is_word(const char *at, size_t n, const char *word)
{
	return strlen(word) == n && strncmp(at, word, n) == 0;
}

/* By the first word in the name that names a part: "set-train-0001.tar". */
static enum dataset_part part_of(const char *name)
{
	while (*name) {
		size_t n = 0;

		while (isalpha((unsigned char)name[n]))
			n++;
		if (is_word(name, n, "train"))
			return DATASET_TRAIN;
		if (is_word(name, n, "test"))
			return DATASET_TEST;
		if (is_word(name, n, "val") || is_word(name, n, "valid") ||
			is_word(name, n, "validation"))
			return DATASET_VALIDATION;
		name += n ? n : 1;
	}
	return DATASET_TRAIN;
}

static void add_shard(
	struct shards *s, enum dataset_part part, const char *path)
{
	s->paths[part] = xrealloc(
		s->paths[part], (s->n[part] + 1) * sizeof *s->paths[part]);
	s->paths[part][s->n[part]++] = xstrdup(path);
}

static void release_shards(struct shards *s)
{
	for (int part = 0; part < DATASET_PARTS; part++) {
		for (size_t i = 0; i < s->n[part]; i++)
			free(s->paths[part][i]);
		free(s->paths[part]);
	}
}

static int is_shard(const struct dirent *d)
{
	return d->d_name[0] != '.' && has_ending(d->d_name);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* True if there are any. */
static int find_shards(const struct dataset_place *at, struct shards *out)
{
	char path[DATASET_PATH_MAX];
	struct dirent **list = NULL;
	int n;

	*out = (struct shards){.n = {0}};
	if (!at->is_folder) {
		if (members_is(at->path, MEMBERS_TAR))
			add_shard(out, DATASET_TRAIN, at->path);
		return out->n[DATASET_TRAIN] > 0;
	}
	n = scandir(at->path, &list, is_shard, by_bytes);
	for (int i = 0; i < n; i++) {
		if (i < SHARDS_MAX &&
			dataset_file(at->path, list[i]->d_name, path, NULL))
			add_shard(out, part_of(list[i]->d_name), path);
		free(list[i]);
	}
	free(list);
	return n > 0;
}

static int find(
	const struct dataset_place *at, struct sha256 *key, struct err *e)
{
	struct shards s;
	int found = find_shards(at, &s), train = s.n[DATASET_TRAIN] > 0;

	for (int part = 0; part < DATASET_PARTS; part++)
		for (size_t i = 0; i < s.n[part]; i++)
			dataset_file_key(s.paths[part][i], key);
	release_shards(&s);
	if (found && !train)
		return err_set(e, ERR_NOT_FOUND,
			"the data set's folder has shards, but none to train "
			"on");
	return found;
}

/* -- a set that is being read -- */

struct tar_set {
	struct shards shards;
	struct picture_shape shape;
	struct label_map labels;
	struct seal *seal; /* where test is taken out of train */
	struct dataset_info info;
	char (*names)[DATASET_NAME_BYTES]; /* of classes that are mapped */
	const struct dataset_sink *to;
	size_t n[DATASET_PARTS]; /* samples in their shards */
	size_t have[DATASET_PARTS];
};

static int look_at_part(struct tar_set *s, int part, struct err *e)
{
	struct tar_samples *t = tar_samples_new(
		s->shards.paths[part], s->shards.n[part]);
	const struct tar_sample *x;
	int rc;

	while ((rc = tar_samples_next(t, &x, e)) == 1) {
		rc = dataset_may_go_on(s->to, e);
		if (rc == 0)
			rc = picture_shape_see(&s->shape, x->shown,
				x->picture.data, x->picture.len, 1, e);
		if (rc > 0)
			rc = label_map_see(&s->labels, &x->label, 1,
				part == DATASET_TRAIN, e);
		if (rc < 0)
			break;
		s->n[part]++;
	}
	tar_samples_free(t);
	return rc;
}

static void seal_test(struct tar_set *s)
{
	size_t *counts = label_map_counts(&s->labels);

	s->seal = seal_new(counts, s->labels.classes);
	free(counts);
	dataset_say(s->to,
		"there are no test shards: a tenth of each class, %zu images "
		"in all, is sealed as test",
		seal_count(s->seal));
}

static void name_classes(struct tar_set *s)
{
	char text[LABEL_MAP_TEXT_BYTES];

	label_map_text(&s->labels, text);
	dataset_say(s->to, "%s", text);
	s->names = xcalloc((size_t)s->labels.classes, sizeof *s->names);
	for (int k = 0; k < s->labels.classes; k++)
		snprintf(s->names[k], sizeof *s->names, "%lld",
			(long long)label_map_label(&s->labels, k));
	s->info.class_names = (const char(*)[DATASET_NAME_BYTES])s->names;
}

static int look(struct tar_set *s, const struct reading *how, struct err *e)
{
	size_t sealed;
	int rc = 0;

	picture_shape_init(&s->shape, how);
	for (int part = 0; rc == 0 && part < DATASET_PARTS; part++)
		rc = look_at_part(s, part, e);
	if (rc == 0 && s->n[DATASET_TRAIN] == 0)
		rc = err_set(e, ERR_INVALID,
			"%s has no samples: pictures (.png, .jpg) with a class "
			"(.cls)",
			stream_base_name(s->shards.paths[DATASET_TRAIN][0]));
	if (rc == 0)
		rc = label_map_settle(&s->labels, s->to->names, e);
	if (rc)
		return rc;
	if (s->n[DATASET_TEST] == 0)
		seal_test(s);
	sealed = s->seal ? seal_count(s->seal) : 0;
	s->info = (struct dataset_info){.classes = s->labels.classes,
		.n_train = s->n[DATASET_TRAIN] - sealed,
		.n_test = s->seal ? sealed : s->n[DATASET_TEST],
		.n_validation = s->n[DATASET_VALIDATION]};
	picture_shape_describe(&s->shape, &s->info);
	if (label_map_is_mapped(&s->labels))
		name_classes(s);
	return 0;
}

/* True if the sample of the shards of `from` belongs to the part `to`. */
static int belongs(struct tar_set *s, int class, enum dataset_part to)
{
	if (!s->seal || to == DATASET_VALIDATION)
		return 1;
	return seal_takes(s->seal, class) == (to == DATASET_TEST);
}

static int take(struct tar_set *s, const struct tar_sample *x,
	struct sample_piece *piece, size_t *skip, struct err *e)
{
	int class = label_map_class(&s->labels, x->label), rc;

	if (class < 0)
		return err_set(
			e, ERR_INVALID, "the files change while they are read");
	if (!belongs(s, class, piece->part))
		return 0;
	if (*skip > 0) {
		--*skip;
		return 0;
	}
	rc = picture_shape_take(&s->shape, x->shown, x->picture.data,
		x->picture.len, sample_piece_pixels(piece), e);
	return rc ? rc : sample_piece_add(piece, class, e);
}

static int copy_part(struct tar_set *s, enum dataset_part from,
	enum dataset_part to, struct err *e)
{
	size_t skip = s->have[to];
	struct tar_samples *t;
	struct sample_piece piece;
	const struct tar_sample *x;
	int rc;

	if (skip == dataset_count(&s->info, to))
		return 0;
	if (s->seal)
		seal_rewind(s->seal);
	t = tar_samples_new(s->shards.paths[from], s->shards.n[from]);
	sample_piece_init(&piece, &s->info, to, s->to);
	while ((rc = tar_samples_next(t, &x, e)) == 1) {
		rc = take(s, x, &piece, &skip, e);
		if (rc)
			break;
	}
	if (rc == 0)
		rc = sample_piece_flush(&piece, e);
	sample_piece_release(&piece);
	tar_samples_free(t);
	return rc;
}

static int copy_parts(struct tar_set *s, struct err *e)
{
	int rc = copy_part(s, DATASET_TRAIN, DATASET_TRAIN, e);

	if (rc == 0)
		rc = copy_part(s, s->seal ? DATASET_TRAIN : DATASET_TEST,
			DATASET_TEST, e);
	if (rc == 0)
		rc = copy_part(s, DATASET_VALIDATION, DATASET_VALIDATION, e);
	if (rc == 0 && s->shape.transparent > 0)
		dataset_say(s->to,
			"%zu pictures are transparent in places, which lie on "
			"black",
			s->shape.transparent);
	return rc;
}

static int read_shards(const struct dataset_place *at,
	const struct reading *how, const struct dataset_sink *to, struct err *e)
{
	struct tar_set *s = xcalloc(1, sizeof *s);
	int rc = 0;

	s->to = to;
	if (!find_shards(at, &s->shards) || s->shards.n[DATASET_TRAIN] == 0)
		rc = err_set(e, ERR_NOT_FOUND, "the shards are gone");
	if (rc == 0)
		rc = look(s, how, e);
	if (rc == 0)
		rc = to->announce(to->ctx, &s->info, s->have, e);
	if (rc == 0)
		rc = copy_parts(s, e);
	release_shards(&s->shards);
	label_map_release(&s->labels);
	seal_free(s->seal);
	free(s->names);
	free(s);
	return rc;
}

const struct dataset_format format_tar = {
	.name = "tar shards",
	.files = ".png or .jpg with .cls in *.tar",
	.uses = READING_USES_RESIZE,
	.find = find,
	.read = read_shards,
};
