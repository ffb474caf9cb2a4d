/* puller.c -- reports out, orders in, over connections that we make. */
#include "service/evolutioner/puller.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/doc.h"
#include "base/identity.h"
#include "dispatch/worker_pull.h"
#include "dispatch/worker_push.h"
#include "http/client.h"
#include "http/url.h"
#include "service/evolutioner/broker_bytes.h"

#define WAIT_MS 5000    /* at the broker, for orders */
#define ANSWER_MS 15000 /* beyond it */
#define CONNECT_MS 3000
#define BYTES_MS 120000
#define AGAIN_MS 500 /* after a failure */
#define BEAT_MS 2000 /* a broker hears from us that often */
#define GOODBYE_MS 1000
#define INFO_EVERY_MS 3000
#define URL_BYTES 1024

struct caller {
	struct puller *p;
	const char *broker; /* as it was named */
	/* Who is called: that one, or who it says leads; under the lock. */
	char base[HTTP_URL_BYTES];
	struct worker_pull *pull;
	pthread_t waiting, hurrying;
	int n_threads;
	int64_t info_ms; /* when it was last told of us; under the lock */
	int calling;     /* exchanges that are under way; under the lock */
	int64_t call_ms; /* when the last one ended; under the lock */
	int joined;      /* the last answer was good; of the waiting thread */
	char why[sizeof((struct err *)0)->text]; /* it was not */
};

struct puller {
	struct evolutioner *v;
	char id[IDENTITY_BYTES]; /* of this start of the process */
	pthread_mutex_t lock;    /* guards what follows */
	pthread_cond_t changed;
	int64_t ends; /* jobs that have ended */
	int draining, leaving;
	size_t n;
	struct caller callers[];
};

static int leaving(void *puller)
{
	struct puller *p = puller;
	int yes;

	pthread_mutex_lock(&p->lock);
	yes = p->leaving;
	pthread_mutex_unlock(&p->lock);
	return yes;
}

static struct http_call call(struct caller *c, const char *method,
	const char *url, int64_t timeout_ms, struct http_lines *lines)
{
	return (struct http_call){.method = method,
		.url = url,
		.token = c->p->v->options->token,
		.timeout_ms = timeout_ms,
		.lines = lines,
		.minded = lines != NULL,
		.cancelled = leaving,
		.cancelled_ctx = c->p};
}

/* -- whom it calls: brokers of one store name the one that leads -- */

static void base_of(struct caller *c, char out[HTTP_URL_BYTES])
{
	pthread_mutex_lock(&c->p->lock);
	memcpy(out, c->base, HTTP_URL_BYTES);
	pthread_mutex_unlock(&c->p->lock);
}

/* Back to the one that was named, whoever leads. */
static void forget_leader(struct caller *c)
{
	pthread_mutex_lock(&c->p->lock);
	snprintf(c->base, sizeof c->base, "%s", c->broker);
	pthread_mutex_unlock(&c->p->lock);
}

/* To the server of where a 307 leads, if only one broker was named: of several
 * one leads or will, perhaps by another name than the one that it gives itself,
 * and nobody may be called twice. */
static void follow(struct caller *c, const char *location)
{
	const char *host = strstr(location, "://");
	char url[HTTP_URL_BYTES];
	struct http_place at;
	size_t n;

	if (c->p->v->options->n_brokers > 1 || !host ||
		(strncmp(c->broker, "https:", 6) == 0 &&
			strncmp(location, "https:", 6) != 0))
		return;
	n = (size_t)(host - location) + 3 + strcspn(host + 3, "/?");
	if (n >= sizeof url)
		return;
	memcpy(url, location, n);
	url[n] = '\0';
	if (http_url(url, &at, NULL))
		return;
	pthread_mutex_lock(&c->p->lock);
	http_url_of(&at, c->base);
	pthread_mutex_unlock(&c->p->lock);
}

/* -- what a job needs comes from the broker -- */

static int offer(void *caller, const json_t *job, struct err *e)
{
	struct caller *c = caller;
	char base[HTTP_URL_BYTES];
	const char *broker = base;
	const struct broker_bytes from = {.brokers = &broker,
		.n_brokers = 1,
		.token = c->p->v->options->token,
		.blobs = c->p->v->blobs,
		.cancelled = leaving,
		.ctx = c->p};
	int rc;

	base_of(c, base);
	rc = broker_bytes_parents(&from, job, e);
	return rc ? rc : evolutioner_take(c->p->v, job, e);
}

/* -- weights go before the result that names them -- */

static int put_weights(struct caller *c, const char *job, struct err *e)
{
	char url[URL_BYTES], base[HTTP_URL_BYTES], *id = http_encode(job);
	char *bytes;
	struct http_call put = call(c, "PUT", url, BYTES_MS, NULL);
	json_t *answer;
	size_t n;
	int rc = worker_push_weights(c->p->v->worker, job, &bytes, &n, e);

	base_of(c, base);
	snprintf(url, sizeof url, "%s/v1/workers/%s/weights/%s", base, c->p->id,
		id);
	free(id);
	if (rc)
		return rc;
	put.bytes = bytes;
	put.n_bytes = n;
	rc = http_call_json(&put, &answer, NULL, e);
	if (rc == 0)
		json_decref(answer);
	free(bytes);
	return rc;
}

/* A result whose weights have not arrived is not told yet: it comes again. */
static void send_weights(struct caller *c, json_t *report)
{
	json_t *jobs = json_object_get(report, "jobs");

	for (size_t i = json_array_size(jobs); i-- > 0;) {
		const json_t *job = json_array_get(jobs, i);
		const json_t *weights = json_object_get(
			json_object_get(job, "result"), "weights");
		const char *id = json_string_value(json_object_get(job, "id"));
		struct err e;

		if (!json_is_object(weights) || put_weights(c, id, &e) == 0)
			continue;
		log_warn(c->p->v->log, "weights-not-sent", log_job(id),
			log_reason(e.text));
		json_object_set_new(json_array_get(jobs, i), "state",
			json_string(worker_state_name(WORKER_RUNNING)));
		json_object_set_new(
			json_array_get(jobs, i), "result", json_null());
	}
}

/* -- an exchange -- */

/* The broker is told what we are now and then, and when it does not know. */
static void add_self(struct caller *c, json_t *report, int64_t wait_ms)
{
	struct puller *p = c->p;
	const int64_t now_ms = clock_mono_ms();
	int due, draining;

	pthread_mutex_lock(&p->lock);
	draining = p->draining;
	due = now_ms - c->info_ms >= INFO_EVERY_MS;
	if (due)
		c->info_ms = now_ms;
	pthread_mutex_unlock(&p->lock);
	json_object_set_new(report, "wait_ms", json_integer(wait_ms));
	json_object_set_new(report, "draining", json_boolean(draining));
	if (due)
		json_object_set_new(report, "info", evolutioner_info(p->v));
}

static void say_self_again(struct caller *c)
{
	pthread_mutex_lock(&c->p->lock);
	c->info_ms = 0;
	pthread_mutex_unlock(&c->p->lock);
}

static void count_call(struct caller *c, int change)
{
	pthread_mutex_lock(&c->p->lock);
	c->calling += change;
	c->call_ms = clock_mono_ms();
	pthread_mutex_unlock(&c->p->lock);
}

/* An error, too, where it was told of another broker, which is to be asked. */
static int ask(struct caller *c, const struct http_call *post, json_t **orders,
	struct err *e)
{
	struct http_answer a;
	int rc = http_call(post, &a, e);

	if (rc)
		return rc;
	rc = http_answer_json(&a, post->url, orders, e);
	if (a.status == 307)
		follow(c, a.location);
	http_answer_release(&a);
	return rc;
}

static int exchange(struct caller *c, int64_t wait_ms, struct http_lines *lines,
	struct err *e)
{
	char url[URL_BYTES], base[HTTP_URL_BYTES];
	struct http_call post = call(
		c, "POST", url, wait_ms + ANSWER_MS, lines);
	json_t *report = worker_pull_report(c->pull), *orders;
	int rc;

	send_weights(c, report);
	add_self(c, report, wait_ms);
	base_of(c, base);
	snprintf(url, sizeof url, "%s/v1/workers/%s/exchange", base, c->p->id);
	post.json = report;
	post.connect_ms = CONNECT_MS;
	count_call(c, 1);
	rc = ask(c, &post, &orders, e);
	count_call(c, -1);
	json_decref(report);
	if (rc) {
		say_self_again(c);
		return rc;
	}
	rc = worker_pull_orders(c->pull, orders, e);
	json_decref(orders);
	return rc;
}

/* Each reason once. */
static void note(struct caller *c, int rc, const struct err *e)
{
	const struct log *log = c->p->v->log;

	if (rc == 0 && !c->joined)
		log_info(log, "joined", log_text("broker", c->broker));
	if (rc && rc != ERR_CANCELLED && rc != ERR_NOT_FOUND &&
		(c->joined || strcmp(c->why, e->text) != 0))
		log_warn(log, "not-joined", log_text("broker", c->broker),
			log_reason(e->text));
	c->joined = rc == 0;
	strcpy(c->why, rc ? e->text : "");
}

/* -- the threads -- */

/* Until something has changed, or that long. */
static void rest(struct puller *p, int64_t ms)
{
	const int64_t until_ms = clock_mono_ms() + ms;

	pthread_mutex_lock(&p->lock);
	while (!p->leaving && clock_mono_ms() < until_ms)
		cond_wait_until(&p->changed, &p->lock, until_ms);
	pthread_mutex_unlock(&p->lock);
}

/* After a failure of that one: whom it has named is asked at once; one that was
 * named and fails is given up for who named it. */
static void try_elsewhere(struct caller *c, const char *failed)
{
	char base[HTTP_URL_BYTES];

	base_of(c, base);
	if (strcmp(base, failed) != 0)
		return;
	if (strcmp(base, c->broker) != 0)
		forget_leader(c);
	rest(c->p, AGAIN_MS);
}

static void *wait_main(void *caller)
{
	struct http_lines *lines = http_lines_new();
	struct caller *c = caller;

	while (!leaving(c->p)) {
		char base[HTTP_URL_BYTES];
		struct err e = {0};
		int rc;

		base_of(c, base);
		rc = exchange(c, WAIT_MS, lines, &e);

		note(c, rc, &e);
		if (rc && rc != ERR_NOT_FOUND)
			try_elsewhere(c, base);
	}
	http_lines_free(lines);
	return NULL;
}

/* The waiting thread brings or fetches what takes long; the lock is held. */
static int is_silent(const struct caller *c)
{
	return !c->calling && clock_mono_ms() - c->call_ms >= BEAT_MS;
}

/* Waits until more jobs than `*told` have ended, or the broker has not heard
 * from us for a while; false to stop. */
static int await_news(struct caller *c, int64_t *told)
{
	struct puller *p = c->p;
	int go_on;

	pthread_mutex_lock(&p->lock);
	while (!p->leaving && p->ends == *told && !is_silent(c)) {
		const int64_t until_ms = clock_mono_ms() + BEAT_MS;

		cond_wait_until(&p->changed, &p->lock, until_ms);
	}
	*told = p->ends;
	go_on = !p->leaving;
	pthread_mutex_unlock(&p->lock);
	return go_on;
}

/* What fails here is told by the other thread, a little later. */
static void *hurry_main(void *caller)
{
	struct http_lines *lines = http_lines_new();
	struct caller *c = caller;
	int64_t told = 0;

	while (await_news(c, &told))
		exchange(c, 0, lines, NULL);
	http_lines_free(lines);
	return NULL;
}

/* -- the life of the whole -- */

static void say_goodbye(struct caller *c)
{
	char url[URL_BYTES], base[HTTP_URL_BYTES];
	struct http_call bye = call(c, "DELETE", url, GOODBYE_MS, NULL);
	json_t *answer;

	bye.cancelled = NULL;
	bye.connect_ms = GOODBYE_MS;
	base_of(c, base);
	snprintf(url, sizeof url, "%s/v1/workers/%s", base, c->p->id);
	if (http_call_json(&bye, &answer, NULL, NULL) == 0)
		json_decref(answer);
}

static int start(struct caller *c, struct err *e)
{
	c->info_ms = -INFO_EVERY_MS;
	c->pull = worker_pull_new(&(struct worker_clerk){
		.worker = c->p->v->worker, .offer = offer, .ctx = c});
	if (pthread_create(&c->waiting, NULL, wait_main, c) == 0)
		c->n_threads++;
	if (c->n_threads == 1 &&
		pthread_create(&c->hurrying, NULL, hurry_main, c) == 0)
		c->n_threads++;
	return c->n_threads == 2
		       ? 0
		       : err_set(e, ERR_WORLD, "cannot start a thread");
}

static void change(struct puller *p, int *what)
{
	pthread_mutex_lock(&p->lock);
	*what = 1;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

struct puller *puller_new(struct evolutioner *v, struct err *e)
{
	const size_t n = (size_t)v->options->n_brokers;
	struct puller *p = xcalloc(1, sizeof *p + n * sizeof *p->callers);
	int rc = 0;

	p->v = v;
	identity_make(p->id);
	pthread_mutex_init(&p->lock, NULL);
	cond_init(&p->changed);
	for (size_t i = 0; i < n; i++) {
		p->callers[i].p = p;
		p->callers[i].broker = v->options->broker_urls[i];
		forget_leader(&p->callers[i]);
	}
	while (rc == 0 && p->n < n)
		rc = start(&p->callers[p->n++], e);
	if (rc == 0)
		return p;
	puller_stop(p);
	puller_free(p);
	return NULL;
}

void puller_job_ended(struct puller *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->ends++;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/* The brokers hear of it as of a job's end. */
void puller_drain(struct puller *p)
{
	change(p, &p->draining);
	puller_job_ended(p);
}

void puller_stop(struct puller *p)
{
	change(p, &p->leaving);
	for (size_t i = 0; i < p->n; i++) {
		struct caller *c = &p->callers[i];

		if (c->n_threads > 0)
			pthread_join(c->waiting, NULL);
		if (c->n_threads > 1)
			pthread_join(c->hurrying, NULL);
		c->n_threads = 0;
		say_goodbye(c);
	}
}

void puller_free(struct puller *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		worker_pull_free(p->callers[i].pull);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
