/* drivers.c -- the table of drivers. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "service/driver/run_driver.h"

#define ORDER_WAIT_MS 5000

static void driver_free(struct driver *d)
{
	pthread_join(d->thread, NULL);
	collector_leave(d->broker->collector, &d->inbox);
	mailbox_release(&d->mail);
	run_release(&d->run);
	arena_release(&d->row_mem);
	pthread_mutex_destroy(&d->view_lock);
	free(d);
}

/* The active driver of the run, or NULL; runs_lock is held. */
static struct driver *find(struct broker *b, const char *uuid)
{
	for (size_t i = 0; i < b->n_drivers; i++)
		if (strncmp(b->drivers[i]->uuid, uuid, UUID_TEXT_BYTES - 1) ==
			0)
			return b->drivers[i];
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
static void sweep(struct broker *b)
{
	pthread_mutex_lock(&b->runs_lock);
	for (size_t i = 0; i < b->n_drivers;) {
		struct driver *d = b->drivers[i];

		if (d->users > 0 || !ended(d)) {
			i++;
			continue;
		}
		b->drivers[i] = b->drivers[--b->n_drivers];
		driver_free(d);
	}
	pthread_mutex_unlock(&b->runs_lock);
}

int driver_room(struct broker *b, struct err *e)
{
	size_t n;

	sweep(b);
	pthread_mutex_lock(&b->runs_lock);
	n = b->n_drivers;
	pthread_mutex_unlock(&b->runs_lock);
	if (n < BROKER_RUNS_MAX)
		return 0;
	return err_set(e, ERR_BUSY,
		"%d runs are active, which is the limit; wait for one to end "
		"or cancel one",
		BROKER_RUNS_MAX);
}

int driver_start(struct broker *b, const char *uuid, struct err *e)
{
	struct driver *d = xcalloc(1, sizeof *d);
	int rc;

	d->broker = b;
	memcpy(d->uuid, uuid, sizeof d->uuid);
	rc = driver_load(d, e);
	if (rc) {
		arena_release(&d->row_mem);
		free(d);
		return rc;
	}
	mailbox_init(&d->mail);
	pthread_mutex_init(&d->view_lock, NULL);
	d->view_since_ms = INT64_MAX;
	d->inbox.mail = &d->mail;
	memcpy(d->inbox.uuid, uuid, sizeof d->inbox.uuid);
	collector_join(b->collector, &d->inbox);

	pthread_mutex_lock(&b->runs_lock);
	if (b->n_drivers == BROKER_RUNS_MAX || b->stopping)
		rc = err_set(e, ERR_BUSY, "no more runs can be driven now");
	else if (pthread_create(&d->thread, NULL, driver_thread, d))
		rc = err_set(e, ERR_BUSY, "no thread for another run");
	else
		b->drivers[b->n_drivers++] = d;
	pthread_mutex_unlock(&b->runs_lock);
	if (rc) {
		collector_leave(b->collector, &d->inbox);
		mailbox_release(&d->mail);
		pthread_mutex_destroy(&d->view_lock);
		run_release(&d->run);
		arena_release(&d->row_mem);
		free(d);
	}
	return rc;
}

/* `users` keeps sweep() from freeing the driver while its mailbox is in use. */
int driver_order(struct broker *b, const char *uuid, enum driver_order order,
	struct err *e)
{
	struct mailbox *mail = NULL;
	struct driver *d;
	int rc;

	pthread_mutex_lock(&b->runs_lock);
	d = find(b, uuid);
	if (d) {
		mail = &d->mail;
		d->users++;
	}
	pthread_mutex_unlock(&b->runs_lock);
	if (!mail)
		return err_set(e, ERR_NOT_FOUND, "the run is no longer active");
	rc = mailbox_order(mail, order, ORDER_WAIT_MS, e);
	pthread_mutex_lock(&b->runs_lock);
	d->users--;
	pthread_mutex_unlock(&b->runs_lock);
	return rc;
}

int driver_look(struct broker *b, const char *uuid, struct driver_view *out)
{
	struct driver *d;

	pthread_mutex_lock(&b->runs_lock);
	d = find(b, uuid);
	if (d)
		driver_view(d, out);
	pthread_mutex_unlock(&b->runs_lock);
	return d != NULL;
}

void drivers_stop(struct broker *b)
{
	pthread_mutex_lock(&b->runs_lock);
	b->stopping = 1;
	for (size_t i = 0; i < b->n_drivers; i++)
		mailbox_put(&b->drivers[i]->mail,
			&(struct mail){.kind = MAIL_STOP});
	pthread_mutex_unlock(&b->runs_lock);
	/* Nobody adds or looks any more: the server has stopped. */
	for (size_t i = 0; i < b->n_drivers; i++)
		driver_free(b->drivers[i]);
	b->n_drivers = 0;
}
