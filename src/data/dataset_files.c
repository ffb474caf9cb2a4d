/* dataset_files.c -- a data set's samples, from its files into the cache.
 *
 * A note `source-<key>` beside the prepared file says which hash the source
 * files had when they had these sizes and times, and which names their classes,
 * so that they are unpacked and hashed once.  Who prepares holds a lock; who
 * waited for it finds the note. */
#include "data/dataset_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "data/dataset.h"
#include "data/dataset_lock.h"
#include "data/dataset_names.h"
#include "data/dataset_note.h"
#include "data/dataset_source.h"
#include "data/dataset_writer.h"

#define NOTE_BYTES (DATASET_PATH_MAX + SHA256_HEX_BYTES + 16)

static const struct reading as_it_is;

/* A set on its way from its format to the writer. */
struct transfer {
	const struct dataset_order *order;
	const struct source *source;
	const char *cache_dir;
	struct class_names listed;     /* in classes.txt */
	struct class_names names;      /* that the classes have */
	struct dataset_writer *writer; /* NULL before the announcement */
	size_t done, all;              /* samples */
};

static int stop(void *ctx)
{
	const struct transfer *t = ctx;

	return t->order->progress &&
	       t->order->progress(t->order->ctx, t->done, t->all);
}

static void say(void *ctx, const char *sentence)
{
	const struct transfer *t = ctx;

	if (t->order->say)
		t->order->say(t->order->ctx, sentence);
}

/* The names that the classes shall have. */
static void name_classes(struct transfer *t, const struct dataset_info *d)
{
	struct class_names *names = &t->names;

	names->n = (size_t)d->classes;
	names->names = xcalloc(names->n, sizeof *names->names);
	for (int k = 0; k < d->classes; k++) {
		const char *given = t->listed.n > 0  ? t->listed.names[k]
				    : d->class_names ? d->class_names[k]
						     : NULL;

		if (given)
			strcpy(names->names[k], given);
		else
			source_class_name(t->source, d, k, names->names[k]);
	}
}

static int check_announced(
	const struct transfer *t, const struct dataset_info *d, struct err *e)
{
	int rc = dataset_info_check(d, e);

	if (rc == 0 && t->listed.n > 0 && t->listed.n != (size_t)d->classes)
		rc = err_set(e, ERR_INVALID,
			"classes.txt has %zu names but there are %d classes",
			t->listed.n, d->classes);
	return rc;
}

static int announce(void *ctx, const struct dataset_info *d,
	size_t have[DATASET_PARTS], struct err *e)
{
	struct transfer *t = ctx;
	const struct dataset_writer_options o = {
		.cache_dir = t->cache_dir, .key = t->source->key};
	struct dataset_info named = *d;
	int rc = check_announced(t, d, e);

	if (rc)
		return rc;
	name_classes(t, d);
	named.class_names = (const char(*)[DATASET_NAME_BYTES])t->names.names;
	t->writer = dataset_writer_new(&o, &named, e);
	if (!t->writer)
		return ERR_WORLD;
	memcpy(have, dataset_writer_have(t->writer),
		DATASET_PARTS * sizeof *have);
	t->all = dataset_total(d);
	for (int part = 0; part < DATASET_PARTS; part++)
		t->done += have[part];
	return 0;
}

static int add(void *ctx, const struct dataset_samples *s, struct err *e)
{
	struct transfer *t = ctx;

	if (stop(t))
		return err_set(e, ERR_CANCELLED, "given up");
	t->done += s->n;
	return dataset_writer_add(t->writer, s, e);
}

static int read_source(struct transfer *t, char path[DATASET_PATH_MAX],
	char hash[SHA256_HEX_BYTES], struct err *e)
{
	const struct dataset_place at = {t->source->path, t->source->is_folder};
	const struct reading *how = t->order->how ? t->order->how : &as_it_is;
	struct dataset_sink sink = {.announce = announce,
		.add = add,
		.say = say,
		.stop = stop,
		.ctx = t};
	int rc = source_class_names(t->source, &t->listed, e);

	sink.names = t->listed.n;
	if (rc == 0)
		rc = t->source->format->read(&at, how, &sink, e);
	if (rc == 0)
		rc = dataset_writer_end(t->writer, path, hash, e);
	dataset_writer_free(t->writer, rc == ERR_CANCELLED);
	class_names_release(&t->listed);
	return rc;
}

/* True if the note leads to a good prepared file.  Anything odd about either
 * means no: preparing again puts both right.  So does an older program's note,
 * which has no names. */
static int prepared_before(const char *note, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct class_names *names)
{
	struct dataset_note n = {.hash = ""};
	struct dataset *d = NULL;
	int good;

	if (dataset_note_read(note, &n, NULL) == 0 &&
		dataset_writer_path(cache_dir, n.hash, path, NULL) == 0)
		d = dataset_open(path, NULL);
	good = d && (size_t)dataset_info(d)->classes == n.names.n;
	dataset_close(d);
	if (good)
		*names = n.names;
	else
		dataset_note_release(&n);
	return good;
}

/* True if the files are understood as they say themselves: then their path is
 * enough to mean the set. */
static int is_plain(const struct reading *how)
{
	return !how || reading_check(how, 0, "", NULL) == 0;
}

/* With the lock held. */
static int prepare_source(struct transfer *t, const char *note,
	char path[DATASET_PATH_MAX], struct err *e)
{
	struct dataset_note n = {.hash = ""};
	int rc;

	if (prepared_before(note, t->cache_dir, path, &t->names))
		return 0;
	rc = read_source(t, path, n.hash, e);
	n.names = t->names;
	if (rc == 0 && t->order->name[0] == '/' && is_plain(t->order->how))
		snprintf(n.from, sizeof n.from, "%s", t->order->name);
	return rc ? rc : dataset_note_write(note, &n, e);
}

static int prepare_alone(struct transfer *t, const char *note,
	char path[DATASET_PATH_MAX], struct err *e)
{
	char lock[NOTE_BYTES];
	int fd, rc;

	snprintf(lock, sizeof lock, "%s/new-%s.lock", t->cache_dir,
		t->source->key);
	fd = dataset_lock(lock, stop, t, e);
	if (fd < 0)
		return fd;
	rc = prepare_source(t, note, path, e);
	dataset_unlock(lock, fd);
	return rc;
}

/* Drafts that nobody has gone on with for so long. */
#define ABANDONED_S (7 * 24 * 3600)

static int is_abandoned(const char *path, const char *name, time_t now)
{
	struct stat st;

	return (strncmp(name, "new-", 4) == 0 ||
		       strncmp(name, "put-", 4) == 0) &&
	       stat(path, &st) == 0 && now - st.st_mtime > ABANDONED_S;
}

static void sweep(const char *cache_dir)
{
	char path[DATASET_PATH_MAX];
	const struct dirent *entry;
	DIR *d = opendir(cache_dir);

	while (d && (entry = readdir(d)))
		if (snprintf(path, sizeof path, "%s/%s", cache_dir,
			    entry->d_name) < (int)sizeof path &&
			is_abandoned(path, entry->d_name, time(NULL)) &&
			unlink(path) && errno == EISDIR)
			file_remove_folder(path);
	if (d)
		closedir(d);
}

int dataset_files_read(const struct dataset_order *o, const char *key,
	const char *cache_dir, char path[DATASET_PATH_MAX],
	struct class_names *names, struct err *e)
{
	char note[NOTE_BYTES], found[DATASET_PATH_MAX];
	struct source source;
	struct transfer t = {o, &source, cache_dir, .writer = NULL};
	int rc = source_find(o->name, o->how ? o->how : &as_it_is,
		DATASET_PACKAGES, &source, e);

	if (rc == 0)
		rc = file_mkdirs(cache_dir, e);
	if (rc)
		return rc;
	if (key)
		strcpy(source.key, key);
	snprintf(note, sizeof note, "%s/source-%s", cache_dir, source.key);
	if (!prepared_before(note, cache_dir, found, &t.names)) {
		sweep(cache_dir);
		rc = prepare_alone(&t, note, found, e);
	}
	if (rc) {
		class_names_release(&t.names);
		return rc;
	}
	strcpy(path, found);
	*names = t.names;
	return 0;
}

int dataset_files_before(const char *key, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct class_names *names)
{
	char note[NOTE_BYTES];

	snprintf(note, sizeof note, "%s/source-%s", cache_dir, key);
	return prepared_before(note, cache_dir, path, names);
}
