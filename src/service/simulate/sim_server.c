/* sim_server.c -- routes of an evolutioner for all of them, told apart by the
 * Host that was asked, and a thread that tells the broker that they are there.
 */
#include "service/simulate/sim_server.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "dispatch/worker_orders.h"
#include "dispatch/worker_push.h"
#include "http/client.h"
#include "http/server.h"
#include "service/simulate/sim_queue.h"

#define BEAT_MS 3000
#define BEAT_ANSWER_MS 5000
#define ORDERS_BYTES_MAX ((size_t)8 << 20)
#define PER_NET 250 /* workers of 127.1.x */

struct sim_server {
	struct sim_server_options o;
	struct sim *sim;
	struct http_news *news;
	struct http_access *access;
	struct http_server *http;
	struct sim_queue *_Atomic queue; /* in its place */
	pthread_t beats;
	pthread_mutex_t lock; /* guards `stopping` */
	pthread_cond_t changed;
	int stopping, beating;
};

/* -- who is asked -- */

static void write_url(const struct sim_server *s, int i, char out[64])
{
	snprintf(out, 64, "http://127.1.%d.%d:%d", i / PER_NET + 1,
		i % PER_NET + 1, http_server_port(s->http));
}

/* The worker of the request, or -1 after a refusal. */
static int asked(const struct sim_server *s, const struct http_request *q,
	struct http_reply *r)
{
	const char *host = http_header(q, "Host");
	int net = 0, at = 0, i;
	struct err e;

	if (host)
		sscanf(host, "127.1.%d.%d", &net, &at);
	i = (net - 1) * PER_NET + at - 1;
	if (net > 0 && at > 0 && at <= PER_NET && i < s->o.sim.workers)
		return i;
	err_set(&e, ERR_NOT_FOUND, "no worker has that address");
	http_reply_error(r, &e);
	return -1;
}

/* -- handlers -- */

struct asked_worker {
	struct sim *sim;
	int i;
};

static int offer(void *ctx, const json_t *job, struct err *e)
{
	const struct asked_worker *a = ctx;

	return sim_offer(a->sim, a->i, job, e);
}

static void exchange(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct sim_server *s = ctx;
	struct asked_worker a = {.sim = s->sim, .i = asked(s, q, r)};
	struct worker_clerk clerk = {.offer = offer, .ctx = &a};
	const json_t *orders = http_body(q);
	int64_t *memo = http_memo(q), left_ms;
	json_t *refused = NULL;
	struct err e = {0};

	if (a.i < 0)
		return;
	clerk.worker = sim_worker(s->sim, a.i);
	if ((*memo)++ == 0 && worker_orders_do(&clerk, orders, &refused, &e)) {
		http_reply_error(r, &e);
		return;
	}
	left_ms = worker_orders_wait_ms(orders) - http_waited_ms(q);
	if (left_ms > 0 && !refused && !http_draining(q) && *memo == 1 &&
		!worker_orders_news(&clerk, orders))
		http_reply_later(r, left_ms, http_topic(clerk.worker));
	else
		http_reply_json(
			r, 200, worker_orders_report(&clerk, orders, refused));
	json_decref(refused);
}

static void info(void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct sim_server *s = ctx;
	int i = asked(s, q, r), n, n_free;

	if (i < 0)
		return;
	worker_push_count(sim_worker(s->sim, i), &n, &n_free);
	http_reply_json(r, 200,
		json_pack("{s:i, s:i, s:[s], s:s, s:s, s:[]}", "slots", n,
			"free", n_free, "kernels", "simd128-2", "cpu",
			"simulated", "version", NEVOD_VERSION, "datasets"));
}

static void weights(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct sim_server *s = ctx;
	int i = asked(s, q, r);
	struct err e = {0};
	char *bytes;
	size_t n;

	if (i < 0)
		return;
	if (worker_push_weights(sim_worker(s->sim, i), http_param(q, "id"),
		    &bytes, &n, &e)) {
		http_reply_error(r, &e);
		return;
	}
	http_reply_bytes(r, 200, "application/octet-stream", bytes, n);
	free(bytes);
}

static const struct http_route routes[] = {
	{"POST", "/v1/exchange", exchange, HTTP_WORK, ORDERS_BYTES_MAX, NULL},
	{"GET", "/v1/info", info, HTTP_WORK, 0, NULL},
	{"GET", "/v1/jobs/{id}/weights", weights, HTTP_WORK, 0, NULL},
};

/* -- joining -- */

static void beat(struct sim_server *s, int i, struct http_lines *lines)
{
	char url[512], own[64];
	struct http_call c = {.method = "PUT",
		.url = url,
		.token = s->o.token,
		.timeout_ms = BEAT_ANSWER_MS,
		.lines = lines};
	json_t *body, *answer;

	write_url(s, i, own);
	snprintf(url, sizeof url, "%s/v1/workers/sim-%d", s->o.broker, i);
	c.json = body = json_pack("{s:s}", "url", own);
	if (http_call_json(&c, &answer, NULL, NULL) == 0)
		json_decref(answer);
	json_decref(body);
}

/* Until the next beat is due, or true to stop. */
static int rest(struct sim_server *s, int64_t until_ms)
{
	int stop;

	pthread_mutex_lock(&s->lock);
	while (!s->stopping && clock_mono_ms() < until_ms)
		cond_wait_until(&s->changed, &s->lock, until_ms);
	stop = s->stopping;
	pthread_mutex_unlock(&s->lock);
	return stop;
}

static void *beats_main(void *server)
{
	struct http_lines *lines = http_lines_new();
	struct sim_server *s = server;
	int64_t next_ms;

	do {
		next_ms = clock_mono_ms() + BEAT_MS;
		for (int i = 0; i < s->o.sim.workers && !rest(s, 0); i++)
			beat(s, i, lines);
	} while (!rest(s, next_ms));
	http_lines_free(lines);
	return NULL;
}

/* -- the life of the whole -- */

static void ended(void *server, int i)
{
	struct sim_server *s = server;

	http_news_tell(s->news, http_topic(sim_worker(s->sim, i)));
	sim_queue_ended(s->queue, i);
}

static int start_on_queue(struct sim_server *s, struct err *e)
{
	s->queue = sim_queue_new(&(struct sim_queue_options){.at = s->o.queue,
					 .workers = s->o.sim.workers,
					 .broker = s->o.broker,
					 .token = s->o.token,
					 .log = s->o.log},
		s->sim, e);
	return s->queue ? 0 : ERR_WORLD;
}

static int start(struct sim_server *s, struct err *e)
{
	const struct http_options http = {.service = "simulate",
		.bind = "0.0.0.0",
		.access = s->access,
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.ctx = s,
		.news = s->news,
		.log = s->o.log};

	s->o.sim.ended = ended;
	s->o.sim.ctx = s;
	s->sim = sim_new(&s->o.sim, e);
	if (!s->sim)
		return ERR_WORLD;
	if (s->o.queue.url)
		return start_on_queue(s, e);
	s->http = http_server_new(&http, e);
	if (!s->http)
		return ERR_WORLD;
	if (pthread_create(&s->beats, NULL, beats_main, s))
		return err_set(e, ERR_WORLD, "cannot start a thread");
	s->beating = 1;
	return 0;
}

struct sim_server *sim_server_new(
	const struct sim_server_options *o, struct err *e)
{
	struct sim_server *s = xcalloc(1, sizeof *s);

	s->o = *o;
	s->news = http_news_new();
	s->access = o->token ? http_access_of(o->token) : NULL;
	pthread_mutex_init(&s->lock, NULL);
	cond_init(&s->changed);
	if (start(s, e) == 0)
		return s;
	sim_server_free(s);
	return NULL;
}

void sim_server_free(struct sim_server *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = 1;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	if (s->beating)
		pthread_join(s->beats, NULL);
	http_server_free(s->http, 1000);
	sim_queue_stop(s->queue);
	sim_free(s->sim);
	sim_queue_free(s->queue);
	http_news_free(s->news);
	http_access_free(s->access);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct sim *sim_server_sim(struct sim_server *s)
{
	return s->sim;
}
