/* dataset_sources.c -- the notes of what was read, the newest of each place. */
#include "data/dataset_sources.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "data/dataset_note.h"
#include "data/dataset_writer.h"
#include "data/remote_set.h"

#define NOTE "source-"

struct place {
	char *from;
	char hash[SHA256_HEX_BYTES];
	struct class_names names;
	struct timespec when;
};

struct places {
	struct place *list;
	size_t n;
};

static int is_note(const struct dirent *d)
{
	return strncmp(d->d_name, NOTE, sizeof NOTE - 1) == 0;
}

static void add(struct places *p, const char *path)
{
	struct dataset_note n;
	struct stat st;

	if (stat(path, &st) || dataset_note_read(path, &n, NULL))
		return;
	if (!n.from[0]) {
		dataset_note_release(&n);
		return;
	}
	if ((p->n & (p->n - 1)) == 0) /* room for a power of two */
		p->list = xrealloc(
			p->list, (p->n ? 2 * p->n : 1) * sizeof *p->list);
	p->list[p->n] = (struct place){
		.from = xstrdup(n.from), .names = n.names, .when = st.st_mtim};
	memcpy(p->list[p->n++].hash, n.hash, sizeof n.hash);
}

/* By place, and of one the latest first. */
static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	const int by_place = strcmp(x->from, y->from);

	if (by_place)
		return by_place;
	if (x->when.tv_sec != y->when.tv_sec)
		return x->when.tv_sec > y->when.tv_sec ? -1 : 1;
	return (x->when.tv_nsec < y->when.tv_nsec) -
	       (x->when.tv_nsec > y->when.tv_nsec);
}

static int is_there(const char *from)
{
	return remote_is(from) || access(from, F_OK) == 0;
}

static struct dataset *open_place(const char *cache_dir, const struct place *p)
{
	char path[DATASET_PATH_MAX];
	struct dataset *d = NULL;

	if (is_there(p->from) &&
		dataset_writer_path(cache_dir, p->hash, path, NULL) == 0)
		d = dataset_open(path, NULL);
	if (d)
		dataset_rename(d,
			(const char(*)[DATASET_NAME_BYTES])p->names.names,
			p->names.n);
	return d;
}

static int read_places(const char *cache_dir, struct places *out, struct err *e)
{
	char path[DATASET_PATH_MAX];
	struct dirent **list;
	int n = scandir(cache_dir, &list, is_note, NULL);

	if (n < 0 && errno == ENOENT)
		return 0;
	if (n < 0)
		return err_set(e, ERR_WORLD, "cannot list the data sets: %s",
			strerror(errno));
	for (int i = 0; i < n; i++) {
		if (snprintf(path, sizeof path, "%s/%s", cache_dir,
			    list[i]->d_name) < (int)sizeof path)
			add(out, path);
		free(list[i]);
	}
	free(list);
	return 0;
}

int dataset_sources_each(const char *cache_dir,
	void (*each)(void *ctx, const char *from, const struct dataset *d),
	void *ctx, struct err *e)
{
	struct places p = {.n = 0};
	int rc = read_places(cache_dir, &p, e);

	if (p.n > 1)
		qsort(p.list, p.n, sizeof *p.list, compare);
	for (size_t i = 0; i < p.n; i++) {
		struct dataset *d = NULL;

		if (i == 0 || strcmp(p.list[i].from, p.list[i - 1].from) != 0)
			d = open_place(cache_dir, &p.list[i]);
		if (d)
			each(ctx, p.list[i].from, d);
		dataset_close(d);
	}
	for (size_t i = 0; i < p.n; i++) {
		free(p.list[i].from);
		class_names_release(&p.list[i].names);
	}
	free(p.list);
	return rc;
}
