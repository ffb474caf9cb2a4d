/* dataset_table.c -- one preparation a name at a time.
 *
 * Every request prepares again: that is a look at the files' times while the
 * cache is good, and notices when somebody replaced or removed a file. */
#include "service/evolutioner/dataset_table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define NAMES_MAX 256

struct entry {
	struct entry *next;
	int preparing;
	char *name;
	char hash[SHA256_HEX_BYTES]; /* "" before the first success */
};

struct dataset_table {
	char *cache_dir;
	atomic_int stopping;
	pthread_mutex_t lock; /* guards the entries */
	pthread_cond_t done;  /* a preparation ended */
	struct entry *entries;
	int n;
};

struct dataset_table *dataset_table_new(const char *cache_dir)
{
	struct dataset_table *t = xcalloc(1, sizeof *t);

	t->cache_dir = xstrdup(cache_dir);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->done, NULL);
	return t;
}

void dataset_table_free(struct dataset_table *t)
{
	struct entry *x;

	if (!t)
		return;
	while ((x = t->entries)) {
		t->entries = x->next;
		free(x->name);
		free(x);
	}
	pthread_cond_destroy(&t->done);
	pthread_mutex_destroy(&t->lock);
	free(t->cache_dir);
	free(t);
}

/* The functions from here to `begin` are called with the lock held. */

/* The place of the entry in the list. */
static struct entry **place(struct dataset_table *t, const char *name)
{
	struct entry **at = &t->entries;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static void drop(struct dataset_table *t, struct entry **at)
{
	struct entry *x = *at;

	*at = x->next;
	t->n--;
	free(x->name);
	free(x);
}

/* The one that nobody has asked for for longest goes: a set has as many names
 * as there are spellings of its path.  False if all are being prepared. */
static int make_room(struct dataset_table *t)
{
	struct entry **idle = NULL;

	if (t->n < NAMES_MAX)
		return 1;
	for (struct entry **at = &t->entries; *at; at = &(*at)->next)
		if (!(*at)->preparing)
			idle = at;
	if (idle)
		drop(t, idle);
	return idle != NULL;
}

static void push(struct dataset_table *t, struct entry *x)
{
	x->next = t->entries;
	t->entries = x;
}

static struct entry *add(
	struct dataset_table *t, const char *name, struct err *e)
{
	struct entry *x;

	if (!make_room(t)) {
		err_set(e, ERR_BUSY,
			"%d data sets are being prepared at this moment",
			NAMES_MAX);
		return NULL;
	}
	x = xcalloc(1, sizeof *x);
	x->name = xstrdup(name);
	push(t, x);
	t->n++;
	return x;
}

/* Who has been asked for last is the first of the list. */
static struct entry *take(
	struct dataset_table *t, const char *name, struct err *e)
{
	struct entry **at = place(t, name), *x = *at;

	if (!x)
		return add(t, name, e);
	*at = x->next;
	push(t, x);
	return x;
}

static struct entry *begin(
	struct dataset_table *t, const char *name, struct err *e)
{
	struct entry *x;

	pthread_mutex_lock(&t->lock);
	/* Found anew after each wait: a failed entry is gone. */
	while ((x = *place(t, name)) && x->preparing)
		pthread_cond_wait(&t->done, &t->lock);
	x = take(t, name, e);
	if (x)
		x->preparing = 1;
	pthread_mutex_unlock(&t->lock);
	return x;
}

static void end(struct dataset_table *t, struct entry *x, int rc,
	const char hash[SHA256_HEX_BYTES])
{
	pthread_mutex_lock(&t->lock);
	x->preparing = 0;
	if (rc == 0)
		memcpy(x->hash, hash, SHA256_HEX_BYTES);
	else if (x->hash[0] == '\0') /* a name that never was a data set */
		drop(t, place(t, x->name));
	pthread_cond_broadcast(&t->done);
	pthread_mutex_unlock(&t->lock);
}

static int stops(void *table, size_t done, size_t all)
{
	struct dataset_table *t = table;

	(void)done;
	(void)all;
	return t->stopping;
}

static int about_to_stop(struct err *e)
{
	return err_set(e, ERR_BUSY, "this service is about to stop");
}

static int prepare_entry(struct dataset_table *t, const char *name,
	char path[DATASET_PATH_MAX], char hash[SHA256_HEX_BYTES], struct err *e)
{
	const struct dataset_order order = {
		.name = name, .progress = stops, .ctx = t};
	struct dataset *d;
	int rc = dataset_order(&order, t->cache_dir, path, e);

	if (rc == ERR_CANCELLED)
		return about_to_stop(e);
	if (rc)
		return rc;
	d = dataset_open(path, e);
	if (!d)
		return e->code;
	memcpy(hash, dataset_info(d)->hash, SHA256_HEX_BYTES);
	dataset_close(d);
	return 0;
}

int dataset_table_get(struct dataset_table *t, const char *name,
	char path[DATASET_PATH_MAX], char hash[SHA256_HEX_BYTES], struct err *e)
{
	struct entry *x = begin(t, name, e);
	int rc;

	if (!x)
		return ERR_BUSY;
	rc = prepare_entry(t, name, path, hash, e);
	end(t, x, rc, hash);
	return rc;
}

void dataset_table_stop(struct dataset_table *t)
{
	t->stopping = 1;
}

json_t *dataset_table_list(struct dataset_table *t)
{
	json_t *list = json_array();

	pthread_mutex_lock(&t->lock);
	for (const struct entry *x = t->entries; x; x = x->next)
		if (x->hash[0])
			json_array_append_new(
				list, json_pack("{s:s, s:s}", "name", x->name,
					      "hash", x->hash));
	pthread_mutex_unlock(&t->lock);
	return list;
}
