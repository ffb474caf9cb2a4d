/* collector.c -- one thread, and a list of those who wait. */
#include "service/driver/collector.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define COLLECT_WAIT_MS 200

struct collector {
	struct dispatch *dispatch;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	struct inbox *inboxes;
	int stopping;
};

/* The inbox for the job; the lock is held. */
static struct inbox *find(const struct collector *c, const char *job)
{
	struct inbox *in = c->inboxes;

	while (in && strncmp(in->uuid, job, UUID_TEXT_BYTES - 1) != 0)
		in = in->next;
	return in;
}

/* What nobody waits for falls away here: of a run that is over, the first
 * result won. */
static void hand_over(struct collector *c, struct dispatch_result *result)
{
	struct mail m = {.kind = MAIL_RESULT, .result = *result};
	struct inbox *in;

	pthread_mutex_lock(&c->lock);
	in = find(c, result->id);
	if (in)
		mailbox_put(in->mail, &m);
	pthread_mutex_unlock(&c->lock);
	if (in)
		return;
	dispatch_done(c->dispatch, result->id);
	mail_release(&m);
}

static int stopping(struct collector *c)
{
	int stop;

	pthread_mutex_lock(&c->lock);
	stop = c->stopping;
	pthread_mutex_unlock(&c->lock);
	return stop;
}

static void *collect(void *collector)
{
	struct collector *c = collector;
	struct dispatch_result result;

	while (!stopping(c))
		if (dispatch_take(c->dispatch, COLLECT_WAIT_MS, &result))
			hand_over(c, &result);
	return NULL;
}

struct collector *collector_new(struct dispatch *d, struct err *e)
{
	struct collector *c = xcalloc(1, sizeof *c);

	c->dispatch = d;
	pthread_mutex_init(&c->lock, NULL);
	if (pthread_create(&c->thread, NULL, collect, c) == 0)
		return c;
	pthread_mutex_destroy(&c->lock);
	free(c);
	err_set(e, ERR_WORLD, "no thread for the collector");
	return NULL;
}

void collector_free(struct collector *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = 1;
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void collector_join(struct collector *c, struct inbox *in)
{
	pthread_mutex_lock(&c->lock);
	in->next = c->inboxes;
	c->inboxes = in;
	pthread_mutex_unlock(&c->lock);
}

void collector_leave(struct collector *c, const struct inbox *in)
{
	struct inbox **at = &c->inboxes;

	pthread_mutex_lock(&c->lock);
	while (*at != in)
		at = &(*at)->next;
	*at = in->next;
	pthread_mutex_unlock(&c->lock);
}
