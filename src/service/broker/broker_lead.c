/* broker_lead.c -- a thread that looks, a few times a second, whether the lead
 * is to be had, or is lost. */
#include "service/broker/broker_lead.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cond.h"

#define LOOK_MS 300
#define HOST_BYTES 256

/* -- taking over -- */

int broker_lead_or_stand_by(struct broker *b, struct err *e)
{
	struct err why;
	int rc = store_lead(b->store, "", &why);

	if (rc == 0) {
		rc = broker_begin(b, e);
		b->leads = rc == 0;
		return rc;
	}
	if (rc != ERR_CONFLICT)
		return err_set(e, rc, "%s", why.text);
	log_info(b->log, "stands-by", log_reason(why.text));
	return 0;
}

/* The process ends as one that was told to. */
static void give_up(struct broker *b, const char *event, const char *why)
{
	log_error(b->log, event, log_reason(why));
	b->lead.failed = 1;
	kill(getpid(), SIGTERM);
}

static void take_over(struct broker *b)
{
	const int64_t since_ms = clock_mono_ms();
	struct err e;

	if (broker_begin(b, &e)) {
		give_up(b, "not-taken-over", e.text);
		return;
	}
	b->leads = 1;
	log_info(b->log, "leads", log_int("ms", clock_mono_ms() - since_ms));
	broker_sweep(b);
}

/* -- the watch -- */

static int stopped_within(struct lead *l, int64_t ms)
{
	const int64_t until_ms = clock_mono_ms() + ms;
	int stop;

	pthread_mutex_lock(&l->lock);
	while (!l->stop && clock_mono_ms() < until_ms)
		cond_wait_until(&l->told, &l->lock, until_ms);
	stop = l->stop;
	pthread_mutex_unlock(&l->lock);
	return stop;
}

/* Each reason once. */
static void note(struct broker *b, int rc, const struct err *e)
{
	const char *why = rc && rc != ERR_CONFLICT ? e->text : "";

	if (why[0] && strcmp(why, b->lead.why) != 0)
		log_warn(b->log, "lead-not-seen", log_reason(why));
	snprintf(b->lead.why, sizeof b->lead.why, "%s", why);
}

static void *watch(void *broker)
{
	struct broker *b = broker;
	struct lead *l = &b->lead;

	while (!l->failed && !stopped_within(l, LOOK_MS)) {
		struct err e = {0};
		int rc;

		if (b->leads) {
			if (store_deposed(b->store))
				give_up(b, "deposed",
					"another broker has taken the lead of "
					"the store; this one ends");
			continue;
		}
		rc = store_lead(b->store, l->url, &e);
		note(b, rc, &e);
		if (rc == 0)
			take_over(b);
	}
	return NULL;
}

static void init_waiting(struct lead *l)
{
	pthread_mutex_init(&l->lock, NULL);
	cond_init(&l->told);
}

/* Bound to all addresses, it is found by its host's name. */
static void own_url(
	const struct service_options *o, int port, char out[HTTP_URL_BYTES])
{
	struct http_place at = {.tls = o->tls.cert != NULL, .port = port};
	char host[HOST_BYTES] = "";

	if (o->advertise && http_url(o->advertise, &at, NULL) == 0) {
		http_url_of(&at, out);
		return;
	}
	if (strcmp(o->bind, "0.0.0.0") == 0 || strcmp(o->bind, "::") == 0)
		gethostname(host, sizeof host - 1);
	snprintf(at.host, sizeof at.host, "%s", host[0] ? host : o->bind);
	http_url_of(&at, out);
}

void broker_lead_serving(void *broker, int port)
{
	struct broker *b = broker;
	struct lead *l = &b->lead;
	struct err e;

	own_url(b->options, port, l->url);
	if (b->leads && store_advertise(b->store, l->url, &e))
		log_warn(b->log, "not-advertised", log_reason(e.text));
	if (!b->options->store)
		return;
	init_waiting(l);
	if (pthread_create(&l->thread, NULL, watch, b) == 0)
		l->watching = 1;
	else
		give_up(b, "lead-not-watched",
			"there is no thread to watch the store's lead");
}

void broker_lead_stopping(void *broker)
{
	struct broker *b = broker;
	struct lead *l = &b->lead;

	if (!l->watching)
		return;
	pthread_mutex_lock(&l->lock);
	l->stop = 1;
	pthread_cond_signal(&l->told);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	pthread_cond_destroy(&l->told);
	pthread_mutex_destroy(&l->lock);
	l->watching = 0;
}

/* -- who leads -- */

/* "" where nobody says, or it would be ourselves. */
static void find_leader(struct broker *b, char out[HTTP_URL_BYTES])
{
	struct buf url;

	out[0] = '\0';
	buf_init(&url, HTTP_URL_BYTES - 1);
	if (store_leader(b->store, &url, NULL) == 0 && url.data &&
		strcmp(url.data, b->lead.url) != 0)
		snprintf(out, HTTP_URL_BYTES, "%s", url.data);
	buf_release(&url);
}

int broker_lead_ready(struct broker *b, struct err *e)
{
	char url[HTTP_URL_BYTES];

	if (b->leads)
		return 0;
	find_leader(b, url);
	return err_set(e, ERR_BUSY, "standby: %s%s leads", url,
		url[0] ? "" : "another broker");
}

int broker_lead_elsewhere(
	void *broker, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = broker;
	char url[HTTP_URL_BYTES];
	struct err e;

	(void)q;
	if (b->leads)
		return 0;
	find_leader(b, url);
	if (url[0]) {
		http_reply_elsewhere(r, url,
			"this broker stands by: the one that leads answers "
			"this");
		return 1;
	}
	err_set(&e, ERR_BUSY,
		"this broker stands by, and none says that it leads; try "
		"again in a moment");
	http_reply_error(r, &e);
	return 1;
}
