/* mailbox.c -- a list under one mutex and one condition. */
#include "service/driver/mailbox.h"

#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"

#define NEVER INT64_MAX

void mailbox_init(struct mailbox *b)
{
	*b = (struct mailbox){.head = NULL};
	b->tail = &b->head;
	pthread_mutex_init(&b->lock, NULL);
	cond_init(&b->changed);
}

int mail_is_result(const struct mail *m)
{
	return m->kind == MAIL_RESULT || m->kind == MAIL_CACHED;
}

void mail_release(struct mail *m)
{
	if (mail_is_result(m))
		dispatch_result_release(&m->result);
}

/* Tells the waiting sender; the lock is held. */
static void settle(struct mail_answer *a, int rc, const struct err *e)
{
	a->rc = rc;
	if (rc)
		a->e = *e;
	a->done = 1;
	if (!a->waiting)
		free(a);
}

static void drop_all(struct mailbox *b)
{
	struct err gone;

	err_set(&gone, ERR_NOT_FOUND, "the run is no longer active");
	while (b->head) {
		struct mail *m = b->head;

		b->head = m->next;
		if (m->kind == MAIL_ORDER)
			settle(m->answer, gone.code, &gone);
		mail_release(m);
		free(m);
	}
	b->tail = &b->head;
	b->orders = 0;
}

void mailbox_close(struct mailbox *b)
{
	pthread_mutex_lock(&b->lock);
	b->closed = 1;
	drop_all(b);
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
}

void mailbox_release(struct mailbox *b)
{
	mailbox_close(b);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
}

/* Behind the orders that wait: a person is not kept by ten thousand results. */
static struct mail **place_of_order(struct mailbox *b)
{
	struct mail **at = &b->head;

	while (*at && (*at)->kind == MAIL_ORDER)
		at = &(*at)->next;
	return at;
}

/* Adds a copy; the lock is held. */
static void add(struct mailbox *b, const struct mail *m)
{
	const int order = m->kind == MAIL_ORDER;
	struct mail **at = order ? place_of_order(b) : b->tail;
	struct mail *copy = xcalloc(1, sizeof *copy);

	*copy = *m;
	copy->box = b;
	copy->next = *at;
	*at = copy;
	if (!copy->next)
		b->tail = &copy->next;
	b->orders += order;
	pthread_cond_broadcast(&b->changed);
}

void mailbox_put(struct mailbox *b, const struct mail *m)
{
	struct mail lost = *m;

	pthread_mutex_lock(&b->lock);
	if (m->kind == MAIL_STOP) {
		b->stop = 1;
		pthread_cond_broadcast(&b->changed);
	} else if (!b->closed) {
		add(b, m);
		lost.kind = MAIL_STOP; /* it has gone along */
	}
	pthread_mutex_unlock(&b->lock);
	mail_release(&lost);
}

static int64_t deadline(int64_t wait_ms)
{
	return wait_ms < 0 ? NEVER : clock_mono_ms() + wait_ms;
}

/* One wait; false once the time is up.  The lock is held. */
static int wait_change(struct mailbox *b, int64_t until_ms)
{
	if (until_ms == NEVER)
		return pthread_cond_wait(&b->changed, &b->lock) == 0;
	return cond_wait_until(&b->changed, &b->lock, until_ms);
}

int mailbox_order(struct mailbox *b, int order, int64_t wait_ms, struct err *e)
{
	struct mail_answer *a = xcalloc(1, sizeof *a);
	const int64_t until_ms = deadline(wait_ms);
	int rc;

	pthread_mutex_lock(&b->lock);
	if (b->closed) {
		pthread_mutex_unlock(&b->lock);
		free(a);
		return err_set(e, ERR_NOT_FOUND, "the run is no longer active");
	}
	a->waiting = 1;
	add(b, &(struct mail){.kind = MAIL_ORDER, .order = order, .answer = a});
	while (!a->done && wait_change(b, until_ms))
		continue;
	a->waiting = 0;
	rc = a->done ? a->rc
		     : err_set(&a->e, ERR_BUSY,
			       "the run is busy; the order waits for its "
			       "turn, and is forgotten if the broker stops "
			       "before: look at the run, then ask again");
	if (rc && e)
		*e = a->e;
	if (a->done)
		free(a);
	pthread_mutex_unlock(&b->lock);
	return rc;
}

void mailbox_answer(struct mail *m, int rc, const struct err *e)
{
	struct mailbox *b = m->box;

	pthread_mutex_lock(&b->lock);
	settle(m->answer, rc, e);
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
}

/* Takes the first mail; the lock is held. */
static void take_first(struct mailbox *b, struct mail *out)
{
	struct mail *m = b->head;

	b->head = m->next;
	if (!b->head)
		b->tail = &b->head;
	b->orders -= m->kind == MAIL_ORDER;
	*out = *m;
	free(m);
}

int mailbox_take(struct mailbox *b, int64_t wait_ms, struct mail *out)
{
	const int64_t until_ms = deadline(wait_ms);
	int taken;

	pthread_mutex_lock(&b->lock);
	while (!b->head && !b->stop && wait_change(b, until_ms))
		continue;
	taken = b->head && !b->stop;
	if (taken)
		take_first(b, out);
	pthread_mutex_unlock(&b->lock);
	return taken;
}

int mailbox_take_result(struct mailbox *b, struct mail *out)
{
	int taken;

	pthread_mutex_lock(&b->lock);
	taken = b->head && !b->stop && mail_is_result(b->head);
	if (taken)
		take_first(b, out);
	pthread_mutex_unlock(&b->lock);
	return taken;
}

void mailbox_wait(struct mailbox *b, int64_t wait_ms)
{
	const int64_t until_ms = deadline(wait_ms);

	pthread_mutex_lock(&b->lock);
	while (!b->stop && wait_change(b, until_ms))
		continue;
	pthread_mutex_unlock(&b->lock);
}

int mailbox_has(struct mailbox *b, enum mail_kind kind)
{
	int has;

	pthread_mutex_lock(&b->lock);
	has = kind == MAIL_STOP ? b->stop : b->orders > 0;
	pthread_mutex_unlock(&b->lock);
	return has;
}
