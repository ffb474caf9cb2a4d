/* fake_worker.c -- see fake_worker.h. */
#include "fake_worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static const struct log silent = {"fake", LOG_ERROR};

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
			"cpu", "a fake", "version", "0", "datasets"));
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

static void create(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	const char *id = json_string_value(json_object_get(http_body(q), "id"));
	struct fake_worker *w = ctx;

	w->posts++;
	if (w->mode == FAKE_BUSY) {
		refuse(r, ERR_BUSY, "no slot");
		return;
	}
	learn(w, id);
	http_reply_json(r, 202, json_object());
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

static void show(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const char *id = http_param(q, "id");

	switch (look(ctx)) {
	case FAKE_GOOD: http_reply_json(r, 200, done(id, NULL)); break;
	case FAKE_CRASHES: http_reply_json(r, 200, done(id, "crash")); break;
	case FAKE_CONFUSES:
		http_reply_json(r, 200, done("another", NULL));
		break;
	case FAKE_FORGETS: refuse(r, ERR_NOT_FOUND, "no such job"); break;
	case FAKE_BABBLES:
		http_reply_json(r, 200, json_pack("{s:i}", "state", 5));
		break;
	case FAKE_FAILS:
		http_reply_json(r, 200,
			json_pack("{s:s, s:s, s:n, s:{s:s, s:s}}", "id", id,
				"state", "failed", "result", "failure", "whose",
				"world", "reason", "out of luck"));
		break;
	default:
		http_reply_json(r, 200,
			json_pack("{s:s, s:s, s:{s:i, s:i}, s:n, s:n}", "id",
				id, "state", "running", "progress", "images", 7,
				"total", 9, "result", "failure"));
	}
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

static void end(void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct fake_worker *w = ctx;

	forget(w, http_param(q, "id"));
	w->deletes++;
	http_reply_json(r, 200, json_object());
}

void fake_start(struct fake_worker *w, int port)
{
	static const struct http_route routes[] = {
		{"GET", "/v1/info", info, 0, 0, NULL},
		{"POST", "/v1/jobs", create, 0, 0, NULL},
		{"GET", "/v1/jobs/{id}", show, 0, 0, "wait_s"},
		{"GET", "/v1/jobs/{id}/weights", show_weights, 0, 0, NULL},
		{"DELETE", "/v1/jobs/{id}", end, 0, 0, NULL},
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
