/* membership.c -- a thread for each broker, so that one that hangs keeps nobody
 * else waiting. */
#include "service/evolutioner/membership.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/identity.h"
#include "http/client.h"

#define BEAT_MS 3000
#define BEAT_SOON_MS 500 /* after a failure */
#define ANSWER_MS 3000
#define GOODBYE_MS 1000

struct member {
	struct membership *m;
	const char *broker;
	pthread_t thread;
	int joined; /* the last answer was good; its thread's own */
	char why[sizeof((struct err *)0)->text]; /* it was not */
};

struct membership {
	struct membership_options o;
	char *url;               /* ours, or NULL */
	char id[IDENTITY_BYTES]; /* of this start of the process */
	pthread_mutex_t lock;    /* guards the two below */
	pthread_cond_t changed;
	int draining, leaving;
	size_t n;
	struct member members[];
};

/* -- what is said -- */

static int stopped(void *membership)
{
	struct membership *m = membership;
	int yes;

	pthread_mutex_lock(&m->lock);
	yes = m->leaving;
	pthread_mutex_unlock(&m->lock);
	return yes;
}

static int draining(struct membership *m)
{
	int yes;

	pthread_mutex_lock(&m->lock);
	yes = m->draining;
	pthread_mutex_unlock(&m->lock);
	return yes;
}

/* A PUT of `body`, or a DELETE without one. */
static int say(struct member *member, json_t *body, struct err *e)
{
	struct membership *m = member->m;
	char url[512];
	struct http_call c = {
		.method = body ? "PUT" : "DELETE",
		.url = url,
		.json = body,
		.token = m->o.token,
		.timeout_ms = body ? ANSWER_MS : GOODBYE_MS,
		.connect_ms = GOODBYE_MS,
		.follow = 1, /* to the one that leads */
		.cancelled = body ? stopped : NULL,
		.cancelled_ctx = m,
	};
	json_t *answer;
	int rc;

	snprintf(url, sizeof url, "%s/v1/workers/%s", member->broker, m->id);
	rc = http_call_json(&c, &answer, NULL, e);
	if (rc == 0)
		json_decref(answer);
	return rc;
}

static int join(struct member *member, struct err *e)
{
	const struct membership *m = member->m;
	json_t *body = m->url ? json_pack("{s:s}", "url", m->url)
			      : json_pack("{s:i}", "port", m->o.port);

	int rc;

	/* A broker of before knows no such member. */
	if (!m->url && m->o.tls)
		json_object_set_new(body, "tls", json_true());
	json_object_set_new(
		body, "draining", json_boolean(draining(member->m)));
	json_object_set_new(body, "version", json_string(NEVOD_VERSION));
	rc = say(member, body, e);
	json_decref(body);
	return rc;
}

/* Each reason once. */
static void note(struct member *member, int rc, const struct err *e)
{
	const struct log *log = member->m->o.log;

	if (rc == 0 && !member->joined)
		log_info(log, "joined", log_text("broker", member->broker));
	if (rc && rc != ERR_CANCELLED &&
		(member->joined || strcmp(member->why, e->text) != 0))
		log_warn(log, "not-joined", log_text("broker", member->broker),
			log_reason(e->text));
	member->joined = rc == 0;
	strcpy(member->why, rc ? e->text : "");
}

/* -- when -- */

/* Until the next beat is due or something has changed. */
static void rest(struct membership *m, int64_t ms, int was_draining)
{
	const int64_t until_ms = clock_mono_ms() + ms;

	pthread_mutex_lock(&m->lock);
	while (!m->leaving && m->draining == was_draining &&
		clock_mono_ms() < until_ms)
		cond_wait_until(&m->changed, &m->lock, until_ms);
	pthread_mutex_unlock(&m->lock);
}

static void *member_main(void *arg)
{
	struct member *member = arg;
	struct membership *m = member->m;

	while (!stopped(m)) {
		const int was_draining = draining(m);
		struct err e = {0};
		int rc = join(member, &e);

		note(member, rc, &e);
		rest(m, rc ? BEAT_SOON_MS : BEAT_MS, was_draining);
	}
	say(member, NULL, NULL);
	return NULL;
}

/* -- the life of the whole -- */

static void tell(struct membership *m, int *what)
{
	pthread_mutex_lock(&m->lock);
	*what = 1;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

struct membership *membership_new(
	const struct membership_options *o, struct err *e)
{
	struct membership *m = xcalloc(
		1, sizeof *m + o->n_brokers * sizeof *m->members);

	m->o = *o;
	m->url = o->url ? xstrdup(o->url) : NULL;
	identity_make(m->id);
	pthread_mutex_init(&m->lock, NULL);
	cond_init(&m->changed);
	for (size_t i = 0; i < o->n_brokers; i++) {
		struct member *member = &m->members[i];

		*member = (struct member){.m = m, .broker = o->brokers[i]};
		if (pthread_create(
			    &member->thread, NULL, member_main, member)) {
			err_set(e, ERR_WORLD, "cannot start a thread");
			membership_free(m);
			return NULL;
		}
		m->n++;
	}
	return m;
}

void membership_drain(struct membership *m)
{
	tell(m, &m->draining);
}

void membership_free(struct membership *m)
{
	if (!m)
		return;
	tell(m, &m->leaving);
	for (size_t i = 0; i < m->n; i++)
		pthread_join(m->members[i].thread, NULL);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
	free(m->url);
	free(m);
}
