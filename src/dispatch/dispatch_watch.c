/* dispatch_watch.c -- one thread a worker: is it there, how many slots has it,
 * what can it run?  It also starts the worker's lanes. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/doc.h"
#include "dispatch/dispatch_private.h"
#include "http/client.h"

#define ASK_MS 3000
#define ASK_SOON_MS 300 /* at the start, and after a worker fell silent */
#define ANSWER_MS 5000
#define KERNELS_MAX 16

static int stopping(void *ctx)
{
	struct dispatch *d = ctx;
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

static int ask(struct worker *w, struct dispatch_worker *out, struct err *e)
{
	char url[sizeof w->info.url + sizeof "/v1/info"];
	struct http_call c = {
		.method = "GET",
		.url = url,
		.token = w->d->token,
		.timeout_ms = ANSWER_MS,
		.cancelled = stopping,
		.cancelled_ctx = w->d,
	};
	json_t *info;
	int rc;

	snprintf(url, sizeof url, "%s/v1/info", w->info.url);
	rc = http_call_json(&c, &info, NULL, e);
	if (rc)
		return rc;
	rc = read_info(info, out, e);
	json_decref(info);
	return rc;
}

/* A lane for every slot; those of a worker that shrank rest. */
static void start_lanes(struct worker *w)
{
	int64_t wanted = w->info.slots < LANES_MAX ? w->info.slots : LANES_MAX;

	while (w->n_lanes < wanted) {
		struct lane *l = &w->lanes[w->n_lanes];
		struct err e;

		*l = (struct lane){.worker = w, .index = w->n_lanes};
		if (dispatch_thread(&l->thread, lane_main, l, &e)) {
			log_error(w->d->log, "lane-not-started",
				"worker=%s why=\"%s\"", w->info.url, e.text);
			return; /* at the next look */
		}
		w->n_lanes++;
	}
}

/* Takes over the answer, or the reason for none; the URL stays, for lanes read
 * it without the lock.  Returns whether the worker came or went. */
static int note(struct worker *w, const struct dispatch_worker *now,
	const struct err *e)
{
	int was_up;

	pthread_mutex_lock(&w->d->lock);
	was_up = w->up;
	w->up = e->code == 0;
	if (w->up) {
		w->info.slots = now->slots;
		w->info.free = now->free;
		strcpy(w->info.kernels, now->kernels);
		strcpy(w->info.version, now->version);
		strcpy(w->info.cpu, now->cpu);
		w->info.error[0] = '\0';
		w->info.seen_ms = clock_wall_ms();
		w->answered_ms = clock_mono_ms();
	} else {
		snprintf(w->info.error, sizeof w->info.error, "%.*s",
			(int)sizeof w->info.error - 1, e->text);
	}
	pthread_cond_broadcast(&w->d->work);
	pthread_mutex_unlock(&w->d->lock);
	return was_up != (e->code == 0);
}

static int is_lost(const struct worker *w)
{
	return clock_mono_ms() - w->answered_ms > WORKER_LOST_MS;
}

/* Waits until the next look is due: soon while the worker is missed, and at
 * once when a lane finds it missing. */
static void rest(struct worker *w)
{
	struct dispatch *d = w->d;
	int64_t start_ms = clock_mono_ms(), due_ms;

	pthread_mutex_lock(&d->lock);
	for (;;) {
		int soon = !w->up && !is_lost(w);

		due_ms = start_ms + (soon ? ASK_SOON_MS : ASK_MS);
		if (d->stopping || clock_mono_ms() >= due_ms)
			break;
		queue_wait(d, &d->work, due_ms);
	}
	pthread_mutex_unlock(&d->lock);
}

void *watch_main(void *worker)
{
	struct worker *w = worker;

	while (!stopping(w->d)) {
		struct dispatch_worker now = {0};
		struct err e = {0};

		ask(w, &now, &e);
		if (e.code == ERR_CANCELLED)
			break;
		if (note(w, &now, &e))
			log_info(w->d->log,
				e.code ? "worker-silent" : "worker-seen",
				"worker=%s", w->info.url);
		start_lanes(w);
		rest(w);
	}
	return NULL;
}

size_t dispatch_workers(
	struct dispatch *d, struct dispatch_worker *out, size_t max)
{
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < d->n_workers && i < max; i++) {
		out[i] = d->workers[i].info;
		out[i].lost = is_lost(&d->workers[i]);
	}
	pthread_mutex_unlock(&d->lock);
	return d->n_workers;
}
