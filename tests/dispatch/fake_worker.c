/* fake_worker.c -- see fake_worker.h. */
#include "fake_worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static const struct log silent = {.service = "fake", .level = LOG_ERROR};

static void refuse(struct http_reply *r, int code, const char *sentence)
{
	struct err e;

	err_set(&e, code, "%s", sentence);
	http_reply_error(r, &e);
}

static void info(void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct fake_worker *w = ctx;

	(void)q;
	http_reply_json(r, 200,
		json_pack("{s:i, s:i, s:[s], s:s, s:s, s:[]}", "slots",
			w->slots, "free", w->slots, "kernels", w->kernels,
			"cpu", "a fake", "version", NEVOD_VERSION, "datasets"));
}

static int find(const struct fake_worker *w, const char *id)
{
	int i = 0;

	while (i < w->n_known && strcmp(w->known[i], id) != 0)
		i++;
	return i;
}

/* Attaches to the job, or runs it and remembers it until it is deleted. */
static void learn(struct fake_worker *w, const char *id)
{
	pthread_mutex_lock(&w->lock);
	if (find(w, id) == w->n_known && w->n_known < FAKE_JOBS_MAX) {
		w->runs++;
		strcpy(w->known[w->n_known++], id);
	}
	pthread_mutex_unlock(&w->lock);
}

static void forget(struct fake_worker *w, const char *id)
{
	int i;

	pthread_mutex_lock(&w->lock);
	i = find(w, id);
	if (i < w->n_known)
		memmove(w->known[i], w->known[--w->n_known],
			sizeof w->known[i]);
	pthread_mutex_unlock(&w->lock);
}

static void put(void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct fake_worker *w = ctx;
	char hex[SHA256_HEX_BYTES];
	size_t n;
	const char *bytes = http_bytes(q, &n);

	sha256_of(bytes, n, hex);
	w->puts++;
	if (strcmp(hex, http_param(q, "sha256")) != 0) {
		refuse(r, ERR_INVALID, "another hash");
		return;
	}
	w->wants--;
	http_reply_json(r, 200, json_object());
}

/* The mode of this look, after which it may be over. */
static int look(struct fake_worker *w)
{
	int mode = w->mode;

	if (w->bad_looks > 0 && --w->bad_looks == 0)
		w->mode = FAKE_GOOD;
	return mode;
}

static json_t *weights(const char *id)
{
	char hex[SHA256_HEX_BYTES];

	if (!strstr(id, "/final/"))
		return json_null();
	sha256_of(FAKE_WEIGHTS, strlen(FAKE_WEIGHTS), hex);
	return json_pack("{s:s, s:i}", "sha256", hex, "bytes",
		(int)strlen(FAKE_WEIGHTS));
}

static json_t *done(const char *id, const char *whose)
{
	json_t *failure = whose ? json_pack("{s:s}", "whose", whose)
				: json_null();

	return json_pack("{s:s, s:s, s:{s:s, s:f, s:o, s:o}, s:n}", "id", id,
		"state", whose ? "failed" : "done", "result", "id", id,
		"fitness", whose ? 0.0 : 0.1, "weights", weights(id), "failure",
		failure, "failure");
}

static json_t *refused(const char *id, const char *code)
{
	return json_pack("{s:s, s:s, s:n, s:{s:s, s:s, s:s}}", "id", id,
		"state", "refused", "result", "failure", "whose", "world",
		"code", code, "reason", code);
}

/* What it says of a job that it has been told to take or to watch. */
static json_t *status(struct fake_worker *w, const char *id)
{
	switch (look(w)) {
	case FAKE_GOOD: return done(id, NULL);
	case FAKE_LIES: {
		json_t *doc = done(id, NULL);

		json_object_set_new(json_object_get(doc, "result"), "fitness",
			json_real(0.9));
		return doc;
	}
	case FAKE_CRASHES: return done(id, "crash");
	case FAKE_CONFUSES: {
		json_t *doc = done("another", NULL);

		json_object_set_new(doc, "id", json_string(id));
		return doc;
	}
	case FAKE_FORGETS:
		return json_pack("{s:s, s:s}", "id", id, "state", "unknown");
	case FAKE_BABBLES: return json_pack("{s:s, s:i}", "id", id, "state", 5);
	case FAKE_FAILS:
		return json_pack("{s:s, s:s, s:n, s:{s:s, s:s}}", "id", id,
			"state", "failed", "result", "failure", "whose",
			"world", "reason", "out of luck");
	default:
		return json_pack("{s:s, s:s, s:{s:i, s:i}, s:n, s:n}", "id", id,
			"state", "running", "progress", "images", 7, "total", 9,
			"result", "failure");
	}
}

static json_t *take(struct fake_worker *w, const char *id)
{
	w->posts++;
	if (w->mode == FAKE_BUSY)
		return refused(id, "busy");
	if (w->wants > 0)
		return refused(id, "missing");
	learn(w, id);
	return status(w, id);
}

/* Orders are done and reported on at once. */
static void exchange(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	static const char *const ends[] = {"forget", "cancel"};
	const json_t *orders = http_body(q), *v;
	struct fake_worker *w = ctx;
	json_t *jobs = json_array();
	size_t i;

	for (int k = 0; k < 2; k++)
		json_array_foreach(json_object_get(orders, ends[k]), i, v) {
			forget(w, json_string_value(v));
			w->deletes++;
		}
	json_array_foreach(json_object_get(orders, "watch"), i, v)
		json_array_append_new(jobs, status(w, json_string_value(v)));
	json_array_foreach(json_object_get(orders, "take"), i, v)
		json_array_append_new(jobs,
			take(w, json_string_value(json_object_get(v, "id"))));
	http_reply_json(r, 200, json_pack("{s:o}", "jobs", jobs));
}

static void show_weights(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct fake_worker *w = ctx;
	size_t n = strlen(FAKE_WEIGHTS);

	(void)q;
	if (w->cut_weights > 0) {
		w->cut_weights--;
		n /= 2;
	}
	http_reply_bytes(r, 200, "application/octet-stream", FAKE_WEIGHTS, n);
}

void fake_start(struct fake_worker *w, int port)
{
	static const struct http_route routes[] = {
		{"GET", "/v1/info", info, 0, 0, NULL},
		{"POST", "/v1/exchange", exchange, 0, 8 << 20, NULL},
		{"PUT", "/v1/blobs/{sha256}", put, HTTP_BYTES, 0, NULL},
		{"GET", "/v1/jobs/{id}/weights", show_weights, 0, 0, NULL},
	};
	struct http_options o = {
		.service = "fake",
		.bind = "127.0.0.1",
		.port = port,
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.ctx = w,
		.log = &silent,
	};
	struct err e;

	pthread_mutex_init(&w->lock, NULL);
	w->n_known = 0;
	w->server = http_server_new(&o, &e);
	if (!w->server) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	w->port = http_server_port(w->server);
	snprintf(w->url, sizeof w->url, "http://127.0.0.1:%d", w->port);
}

void fake_stop(struct fake_worker *w)
{
	http_server_free(w->server, 0);
	pthread_mutex_destroy(&w->lock);
	w->server = NULL;
}
