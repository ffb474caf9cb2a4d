/* dispatch_nats_keep.c -- the keeper: what should be in the queue is there, and
 * nothing else. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "dispatch/dispatch_nats.h"

#define TURN_MS 250
#define SWEEP_EVERY_MS 1000
#define LOOK_EVERY_MS 5000
#define FIRST_MS 2500 /* by then workers have told what they have */
#define TOGETHER 256  /* messages */
#define AGAIN_MS 1000 /* of what the queue did not take */
#define GAP_MS 2000   /* between turns: we stood still, or the queue did */

/* What the keeper remembers from turn to turn. */
struct keeping {
	struct nats_dispatch *d;
	int made; /* of the link, when the streams were last made */
	int64_t sweep_ms, look_ms, make_ms;
	int64_t turn_ms;   /* when the last turn was that the queue served in */
	int64_t served_ms; /* since when all of them were */
	int missing;       /* looks in a row that found too few messages */
};

/* -- the streams -- */

static void say(struct nats_dispatch *d, const char *why)
{
	int news;

	pthread_mutex_lock(&d->lock);
	news = strcmp(d->fault, why) != 0;
	snprintf(d->fault, sizeof d->fault, "%s", why);
	pthread_mutex_unlock(&d->lock);
	if (news && why[0])
		log_warn(d->log, "queue-fails", log_reason(why));
	else if (news)
		log_info(d->log, "queue-serves", log_bare());
}

static void set_ready(struct nats_dispatch *d, int ready, int followed)
{
	pthread_mutex_lock(&d->lock);
	d->ready = ready;
	d->led |= ready;
	d->followed |= followed;
	pthread_mutex_unlock(&d->lock);
}

/* True while jobs can go out. */
static int make(struct keeping *k)
{
	struct nats_dispatch *d = k->d;
	const int made = atomic_load(&d->link.made);
	int is_ready, is_followed, rc;
	struct err e = {0};

	pthread_mutex_lock(&d->lock);
	is_ready = d->ready;
	is_followed = d->followed;
	pthread_mutex_unlock(&d->lock);
	if (is_followed)
		return 0;
	if (!nats_link_up(&d->link)) {
		if (clock_mono_ms() - d->opened_ms > FIRST_MS)
			say(d, "the queue does not answer");
		return 0;
	}
	if (k->made == made && is_ready)
		return 1;
	if (clock_mono_ms() < k->make_ms)
		return 0;
	k->make_ms = clock_mono_ms() + AGAIN_MS;
	rc = nats_streams_make(d, &e);
	say(d, rc ? e.text : "");
	set_ready(d, rc == 0, rc == ERR_CONFLICT);
	if (rc == 0)
		k->made = made;
	k->look_ms = 0;
	return rc == 0;
}

/* -- messages that nobody wants -- */

static void remove_gone(struct nats_dispatch *d)
{
	uint64_t seq;

	for (int i = 0; i < TOGETHER; i++) {
		pthread_mutex_lock(&d->lock);
		seq = d->n_gone ? d->gone[--d->n_gone] : 0;
		pthread_mutex_unlock(&d->lock);
		if (seq == 0)
			return;
		/* One that is not there is as good. */
		js_DeleteMsg(d->link.js, NATS_JOBS, seq, NULL, NULL);
	}
}

/* -- messages that are missing -- */

struct letter {
	char id[DISPATCH_ID_MAX], subject[sizeof NATS_JOBS_SUBJECT + 32];
	char *body;
};

/* The consumer first: a message that nobody may ask for would wait unseen. */
static int know_class(struct nats_dispatch *d, const char *kernels)
{
	struct err e;
	size_t i = 0;

	pthread_mutex_lock(&d->lock);
	while (i < d->n_classes && strcmp(d->classes[i], kernels) != 0)
		i++;
	i = i < d->n_classes;
	pthread_mutex_unlock(&d->lock);
	if (i)
		return 1;
	if (nats_streams_class(d, kernels, &e)) {
		say(d, e.text);
		return 0;
	}
	pthread_mutex_lock(&d->lock);
	d->classes = xrealloc(
		d->classes, (d->n_classes + 1) * sizeof *d->classes);
	snprintf(d->classes[d->n_classes++], sizeof *d->classes, "%s", kernels);
	pthread_mutex_unlock(&d->lock);
	return 1;
}

static size_t collect(struct nats_dispatch *d, struct letter *letters,
	struct nats_publication *out)
{
	const int64_t now_ms = clock_mono_ms();
	size_t n = 0;

	pthread_mutex_lock(&d->lock);
	for (struct nats_job *j = d->jobs; j && n < TOGETHER; j = j->next) {
		struct letter *l = &letters[n];

		if (nats_places_missing(j, now_ms) <= 0)
			continue;
		j->publishing = 1;
		strcpy(l->id, j->id);
		snprintf(l->subject, sizeof l->subject, NATS_JOBS_SUBJECT "%s",
			j->kernels);
		l->body = xstrdup(j->body);
		out[n] = (struct nats_publication){.subject = l->subject,
			.body = l->body,
			.n = strlen(l->body)};
		snprintf(out[n].id, sizeof out[n].id, "%s:%s:%" PRId64, j->id,
			d->consumer, ++j->publications);
		n++;
	}
	pthread_mutex_unlock(&d->lock);
	return n;
}

/* With the lock held. */
static void note(struct nats_dispatch *d, const struct letter *l,
	const struct nats_publication *p)
{
	struct nats_job *j = nats_job_find(d, l->id);

	if (!j || !j->publishing) {
		/* Nobody wants it any more; whoever takes it is told so. */
		return;
	}
	j->publishing = 0;
	if (p->seq) {
		j->seq = p->seq;
		j->waiting++;
		j->waiting_ms = clock_mono_ms();
		return;
	}
	nats_job_failed(j, NULL, p->why.text, clock_mono_ms());
	j->not_before_ms = clock_mono_ms() + AGAIN_MS;
}

/* How many. */
static size_t publish_missing(struct nats_dispatch *d)
{
	static const size_t room = TOGETHER;
	struct letter *letters = xcalloc(room, sizeof *letters);
	struct nats_publication *list = xcalloc(room, sizeof *list);
	size_t n = collect(d, letters, list);
	int known = 1;

	for (size_t i = 0; i < n; i++)
		known &= know_class(
			d, letters[i].subject + strlen(NATS_JOBS_SUBJECT));
	if (known)
		nats_publish(&d->link, list, n);
	else
		for (size_t i = 0; i < n; i++)
			err_set(&list[i].why, ERR_WORLD,
				"the queue has no consumer for it");
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < n; i++)
		note(d, &letters[i], &list[i]);
	pthread_mutex_unlock(&d->lock);
	for (size_t i = 0; i < n; i++)
		free(letters[i].body);
	free(letters);
	free(list);
	return n;
}

/* -- messages that were lost -- */

/* With the lock held. */
static int64_t should_wait(const struct nats_dispatch *d)
{
	int64_t n = 0;

	for (const struct nats_job *j = d->jobs; j; j = j->next)
		n += j->stage == NATS_OPEN ? j->waiting : 0;
	return n;
}

/* Where the stream twice has fewer messages than it should, it has lost some,
 * and which ones nobody knows: all are published again, and those that are
 * there twice are turned down when they are taken. */
static void look(struct keeping *k)
{
	struct nats_dispatch *d = k->d;
	struct dispatch_queue depth;
	int64_t messages = 0, should;
	struct err e;

	pthread_mutex_lock(&d->lock);
	should = should_wait(d);
	pthread_mutex_unlock(&d->lock);
	if (nats_streams_look(d, &depth, &messages, &e)) {
		set_ready(d, 0, 0); /* and made again */
		return;
	}
	k->missing = messages < should ? k->missing + 1 : 0;
	pthread_mutex_lock(&d->lock);
	d->depth = depth;
	if (depth.waiting == 0)
		nats_places_miss(d, clock_mono_ms());
	for (struct nats_job *j = d->jobs; j && k->missing > 1; j = j->next)
		j->waiting = 0;
	pthread_mutex_unlock(&d->lock);
	if (k->missing > 1) {
		log_warn(d->log, "queue-refilled",
			log_int("messages", messages),
			log_int("expected", should));
		k->missing = 0;
	}
}

/* -- the thread -- */

static void rest(struct nats_dispatch *d)
{
	const int64_t until_ms = clock_mono_ms() + TURN_MS;

	pthread_mutex_lock(&d->lock);
	if (!atomic_load(&d->closing))
		cond_wait_until(&d->work, &d->lock, until_ms);
	pthread_mutex_unlock(&d->lock);
}

/* Who was silent while nobody could be heard is not lost for it. */
static void sweep(struct keeping *k, int64_t now_ms)
{
	struct nats_dispatch *d = k->d;

	if (now_ms - k->turn_ms > GAP_MS)
		k->served_ms = now_ms;
	k->turn_ms = now_ms;
	if (now_ms < k->sweep_ms || now_ms - k->served_ms < NATS_LOST_MS)
		return;
	k->sweep_ms = now_ms + SWEEP_EVERY_MS;
	pthread_mutex_lock(&d->lock);
	nats_places_sweep(d, now_ms);
	nats_places_copy(d, now_ms);
	pthread_mutex_unlock(&d->lock);
}

/* Whether there is more to do at once. */
static int turn(struct keeping *k)
{
	struct nats_dispatch *d = k->d;
	const int64_t now_ms = clock_mono_ms();
	size_t n;

	if (!make(k) || (!d->fresh && now_ms - d->opened_ms < FIRST_MS))
		return 0;
	sweep(k, now_ms);
	remove_gone(d);
	n = publish_missing(d);
	if (now_ms >= k->look_ms) {
		k->look_ms = now_ms + LOOK_EVERY_MS;
		look(k);
	}
	return n == TOGETHER;
}

void *nats_keep_main(void *dispatch)
{
	struct keeping k = {.d = dispatch};

	while (!atomic_load(&k.d->closing))
		if (!turn(&k))
			rest(k.d);
	return NULL;
}
