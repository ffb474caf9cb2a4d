/* dispatch_http_watch.c -- one thread a worker: is it there, how many slots has
 * it, what can it run?  It also starts the worker's lanes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/doc.h"
#include "dispatch/dispatch_http.h"
#include "http/client.h"

#define ASK_MS 3000
#define ASK_SOON_MS 300 /* at the start, and after a worker fell silent */
#define ANSWER_MS 5000
#define KERNELS_MAX 16
#define LANES_MAX 4096 /* a worker that names more slots is mistaken */

static int stopping(void *ctx)
{
	struct http_dispatch *d = ctx;
	int yes;

	pthread_mutex_lock(&d->lock);
	yes = d->stopping;
	pthread_mutex_unlock(&d->lock);
	return yes;
}

/* Joins the list of kernel classes with blanks. */
static int read_kernels(
	const json_t *info, char *out, size_t max, struct err *e)
{
	const json_t *list;
	size_t n = 0;

	if (doc_list(info, "", "kernels", 1, KERNELS_MAX, &list, e))
		return e->code;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));

		if (!name || strchr(name, ' ') || n + strlen(name) + 2 > max)
			return err_at(e, ERR_INVALID, "", "kernels",
				"must be a list of short names");
		n += (size_t)snprintf(
			out + n, max - n, "%s%s", i ? " " : "", name);
	}
	return 0;
}

/* Reads what GET /v1/info says into those members of `out`. */
static int read_info(
	const json_t *info, struct dispatch_worker *out, struct err *e)
{
	const char *version, *cpu;
	int rc;

	if ((rc = doc_int(info, "", "slots", 0, 1 << 20, &out->slots, e)) ||
		(rc = doc_int(info, "", "free", 0, 1 << 20, &out->free, e)) ||
		(rc = read_kernels(
			 info, out->kernels, sizeof out->kernels, e)) ||
		(rc = doc_str(info, "", "version", 0, sizeof out->version - 1,
			 &version, e)) ||
		(rc = doc_str(
			 info, "", "cpu", 0, sizeof out->cpu - 1, &cpu, e)))
		return rc;
	strcpy(out->version, version);
	strcpy(out->cpu, cpu);
	return 0;
}

static int ask(struct peer *p, struct http_lines *lines,
	struct dispatch_worker *out, struct err *e)
{
	char url[sizeof p->info.url + sizeof "/v1/info"];
	struct http_call c = {
		.method = "GET",
		.url = url,
		.token = p->d->token,
		.timeout_ms = ANSWER_MS,
		.lines = lines,
		.cancelled = stopping,
		.cancelled_ctx = p->d,
	};
	json_t *info;
	int rc;

	snprintf(url, sizeof url, "%s/v1/info", p->info.url);
	rc = http_call_json(&c, &info, NULL, e);
	if (rc)
		return rc;
	rc = read_info(info, out, e);
	json_decref(info);
	return rc;
}

/* A lane for every slot; those of a worker that shrank rest. */
static void start_lanes(struct peer *p)
{
	int64_t wanted = p->info.slots < LANES_MAX ? p->info.slots : LANES_MAX;

	while (p->n_lanes < wanted) {
		struct lane *l = xcalloc(1, sizeof *l);
		struct err e;

		*l = (struct lane){.peer = p, .index = p->n_lanes};
		if (dispatch_http_thread(&l->thread, lane_main, l, &e)) {
			log_error(p->d->log, "lane-not-started",
				"worker=%s why=\"%s\"", p->info.url, e.text);
			free(l);
			return; /* at the next look */
		}
		p->lanes = xrealloc(p->lanes,
			(size_t)(p->n_lanes + 1) * sizeof(struct lane *));
		p->lanes[p->n_lanes++] = l;
	}
}

/* Takes over the answer, or the reason for none; the URL stays, for lanes read
 * it without the lock.  Returns whether the worker came or went. */
static int note(
	struct peer *p, const struct dispatch_worker *now, const struct err *e)
{
	int was_up;

	pthread_mutex_lock(&p->d->lock);
	was_up = p->up;
	p->up = e->code == 0;
	if (p->up) {
		p->info.slots = now->slots;
		p->info.free = now->free;
		strcpy(p->info.kernels, now->kernels);
		strcpy(p->info.version, now->version);
		strcpy(p->info.cpu, now->cpu);
		p->info.error[0] = '\0';
		p->info.seen_ms = clock_wall_ms();
		p->answered_ms = clock_mono_ms();
	} else {
		snprintf(p->info.error, sizeof p->info.error, "%.*s",
			(int)sizeof p->info.error - 1, e->text);
		queue_leave(p);
	}
	pthread_cond_broadcast(&p->d->work);
	pthread_mutex_unlock(&p->d->lock);
	return was_up != (e->code == 0);
}

static int is_lost(const struct peer *p)
{
	return clock_mono_ms() - p->answered_ms > WORKER_LOST_MS;
}

/* Waits until the next look is due: soon while the worker is missed, and at
 * once when a lane finds it missing. */
static void rest(struct peer *p)
{
	struct http_dispatch *d = p->d;
	int64_t start_ms = clock_mono_ms(), due_ms;

	pthread_mutex_lock(&d->lock);
	for (;;) {
		int soon = !p->up && !is_lost(p);

		due_ms = start_ms + (soon ? ASK_SOON_MS : ASK_MS);
		if (d->stopping || clock_mono_ms() >= due_ms)
			break;
		queue_wait(d, &d->work, due_ms);
	}
	pthread_mutex_unlock(&d->lock);
}

void *watch_main(void *peer)
{
	struct http_lines *lines = http_lines_new();
	struct peer *p = peer;

	while (!stopping(p->d)) {
		struct dispatch_worker now = {0};
		struct err e = {0};

		ask(p, lines, &now, &e);
		if (e.code == ERR_CANCELLED)
			break;
		if (note(p, &now, &e))
			log_info(p->d->log,
				e.code ? "worker-silent" : "worker-seen",
				"worker=%s", p->info.url);
		start_lanes(p);
		rest(p);
	}
	http_lines_free(lines);
	return NULL;
}

size_t watch_workers(struct dispatch *dispatch, struct arena *mem,
	struct dispatch_worker **out)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	size_t n;

	pthread_mutex_lock(&d->lock);
	n = d->n_peers;
	*out = arena_array(mem, n, sizeof **out);
	for (size_t i = 0; i < n; i++) {
		(*out)[i] = d->peers[i].info;
		(*out)[i].lost = is_lost(&d->peers[i]);
	}
	pthread_mutex_unlock(&d->lock);
	return n;
}
