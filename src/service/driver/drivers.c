/* drivers.c -- the table of drivers. */
#include "service/driver/drivers.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "service/driver/driver_load.h"
#include "service/driver/driver_show.h"
#include "service/driver/run_driver.h"

#define ORDER_WAIT_MS                                           \
	25000 /* a step of the largest run, and others' commits \
	       */

struct drivers {
	struct driver_world world;
	pthread_mutex_t lock; /* guards the table, never held across I/O */
	struct driver *all[DRIVERS_MAX];
	size_t n;
};

/* A driver whose run is loaded and whose thread is not yet there. */
static struct driver *new_driver(
	const struct driver_world *w, const char *uuid, struct err *e)
{
	struct driver *d = xcalloc(1, sizeof *d);

	d->world = w;
	memcpy(d->uuid, uuid, sizeof d->uuid);
	if (driver_load(d, e)) {
		arena_release(&d->row_mem);
		free(d);
		return NULL;
	}
	trace_of_run(d->row.trace, uuid, &d->trace);
	mailbox_init(&d->mail);
	pthread_mutex_init(&d->view_lock, NULL);
	d->view_since_ms = INT64_MAX;
	d->inbox.mail = &d->mail;
	memcpy(d->inbox.uuid, uuid, sizeof d->inbox.uuid);
	collector_join(w->collector, &d->inbox);
	return d;
}

/* Of one without a thread. */
static void free_driver(struct driver *d)
{
	collector_leave(d->world->collector, &d->inbox);
	mailbox_release(&d->mail);
	pthread_mutex_destroy(&d->view_lock);
	run_release(&d->run);
	arena_release(&d->row_mem);
	free(d);
	malloc_trim(0); /* a run may have been most of what there was */
}

/* The active driver of the run, or NULL; the lock is held. */
static struct driver *find(struct drivers *t, const char *uuid)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->all[i]->uuid, uuid) == 0)
			return t->all[i];
	return NULL;
}

static int ended(struct driver *d)
{
	int closed;

	pthread_mutex_lock(&d->mail.lock);
	closed = d->mail.closed;
	pthread_mutex_unlock(&d->mail.lock);
	return closed;
}

/* Takes the drivers whose runs are over out of the table.  A closed mailbox is
 * the thread's last act, so joining it does not wait. */
static void sweep(struct drivers *t)
{
	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < t->n;) {
		struct driver *d = t->all[i];

		if (d->users > 0 || !ended(d)) {
			i++;
			continue;
		}
		t->all[i] = t->all[--t->n];
		pthread_join(d->thread, NULL);
		free_driver(d);
	}
	pthread_mutex_unlock(&t->lock);
}

struct drivers *drivers_new(const struct driver_world *w)
{
	struct drivers *t = xcalloc(1, sizeof *t);

	t->world = *w;
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void drivers_free(struct drivers *t)
{
	if (!t)
		return;
	/* All are told before the first is waited for. */
	for (size_t i = 0; i < t->n; i++)
		mailbox_put(
			&t->all[i]->mail, &(struct mail){.kind = MAIL_STOP});
	for (size_t i = 0; i < t->n; i++) {
		pthread_join(t->all[i]->thread, NULL);
		free_driver(t->all[i]);
	}
	pthread_mutex_destroy(&t->lock);
	free(t);
}

int drivers_room(struct drivers *t, struct err *e)
{
	size_t n;

	sweep(t);
	pthread_mutex_lock(&t->lock);
	n = t->n;
	pthread_mutex_unlock(&t->lock);
	if (n < DRIVERS_MAX)
		return 0;
	return err_set(e, ERR_BUSY,
		"%d runs are active, which is the limit; wait for one to end "
		"or cancel one",
		DRIVERS_MAX);
}

/* Gives the driver its thread and its place; the lock is held. */
static int add(struct drivers *t, struct driver *d, struct err *e)
{
	if (t->n == DRIVERS_MAX)
		return err_set(e, ERR_BUSY, "no more runs can be driven now");
	if (pthread_create(&d->thread, NULL, driver_thread, d))
		return err_set(e, ERR_BUSY, "no thread for another run");
	t->all[t->n++] = d;
	return 0;
}

int drivers_start(struct drivers *t, const char *uuid, struct err *e)
{
	struct err why = {0};
	struct driver *d = new_driver(&t->world, uuid, &why);
	int rc = why.code;

	if (d) {
		pthread_mutex_lock(&t->lock);
		rc = add(t, d, &why);
		pthread_mutex_unlock(&t->lock);
	}
	if (d && rc)
		free_driver(d);
	if (rc && e)
		*e = why;
	return rc;
}

/* `users` keeps sweep() from freeing the driver while its mailbox is in use. */
int drivers_order(struct drivers *t, const char *uuid, enum driver_order order,
	struct err *e)
{
	struct driver *d;
	int rc;

	pthread_mutex_lock(&t->lock);
	d = find(t, uuid);
	if (d)
		d->users++;
	pthread_mutex_unlock(&t->lock);
	if (!d)
		return err_set(e, ERR_NOT_FOUND, "the run is no longer active");
	rc = mailbox_order(&d->mail, order, ORDER_WAIT_MS, e);
	pthread_mutex_lock(&t->lock);
	d->users--;
	pthread_mutex_unlock(&t->lock);
	return rc;
}

int drivers_look(struct drivers *t, const char *uuid, struct driver_view *out)
{
	struct driver *d;

	pthread_mutex_lock(&t->lock);
	d = find(t, uuid);
	if (d)
		driver_view(d, out);
	pthread_mutex_unlock(&t->lock);
	return d != NULL;
}

int drivers_save(struct drivers *t, struct err *e)
{
	struct driver_view view = {0};

	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < t->n && view.store.since_ms == 0; i++)
		driver_view(t->all[i], &view);
	pthread_mutex_unlock(&t->lock);
	if (view.store.since_ms == 0)
		return 0;
	return err_set(
		e, ERR_WORLD, "nothing can be saved: %s", view.store.why);
}
