/* broker_events.c -- a run's events as a stream, from any event on.
 *
 * Events are rows, so a client that comes back with Last-Event-ID misses
 * nothing, whatever died meanwhile.  A trouble is none: it is how the run
 * stands now, told without a number, and so is told also when no row can be
 * written. The stream ends with the run; a client that comes back after the
 * last event gets a 204, which tells an EventSource to stop asking. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "run/run.h"
#include "service/broker/standing.h"

#define SIGN_OF_LIFE_MS 15000
#define FIGURES_EVERY_MS 2000 /* what is waited for is as it was, but them */
#define EVENTS_PAGE 64

struct event_stream {
	struct broker *broker;
	char uuid[UUID_TEXT_BYTES];
	char kernels[SETTINGS_KERNELS_MAX];
	struct err trouble, waiting; /* as told last */
	int64_t told_ms;             /* when that was */
	int64_t after;               /* the last event sent */
	int64_t spoken_ms;           /* when something was sent */
	struct buf text;             /* to be sent */
	size_t sent;                 /* of it */
};

static int is_over(const struct store_run *row)
{
	return run_state_over(run_state_named(row->state));
}

/* A run that cannot be read has none, and no trouble that rests on them. */
static void note_kernels(struct event_stream *s, const struct store_run *row)
{
	struct run run;

	if (broker_run_glance(row, &run, NULL))
		return;
	memcpy(s->kernels, run.settings.kernels, sizeof s->kernels);
	run_release(&run);
}

static int run_is_over(struct event_stream *s)
{
	struct store_run row;
	struct arena mem;
	int over = 1;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (store_run_get(s->broker->store, &mem, s->uuid, &row, NULL) == 0) {
		over = is_over(&row);
		if (!s->kernels[0]) /* they may be chosen by now */
			note_kernels(s, &row);
	}
	arena_release(&mem);
	return over;
}

/* Puts the next events into s->text.  How many, or -1. */
static int load(struct event_stream *s)
{
	struct store_event *rows;
	struct arena mem;
	size_t n = 0;
	int rc;

	arena_init(&mem, BROKER_ARENA_MAX);
	rc = store_events(s->broker->store, &mem, s->uuid, s->after,
		EVENTS_PAGE, &rows, &n, NULL);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = buf_printf(&s->text, NULL,
			"id: %lld\nevent: %s\ndata: %s\n\n",
			(long long)rows[i].number, rows[i].type, rows[i].data);
		if (rc == 0)
			s->after = rows[i].number;
	}
	arena_release(&mem);
	return rc ? -1 : (int)n;
}

static json_t *sentence(const struct err *e)
{
	return e->code ? json_string(e->text) : json_null();
}

static int is_news(const struct event_stream *s, const struct standing *now)
{
	if (strcmp(now->trouble.text, s->trouble.text) != 0 ||
		!now->waiting.code != !s->waiting.code)
		return 1;
	return strcmp(now->waiting.text, s->waiting.text) != 0 &&
	       clock_mono_ms() - s->told_ms >= FIGURES_EVERY_MS;
}

/* Puts what keeps the run into s->text, where that has changed.  Whether it
 * has, or -1. */
static int tell_trouble(struct event_stream *s)
{
	struct standing now;
	char *data;
	json_t *doc;
	int rc;

	standing_look(s->broker, s->uuid, RUN_RUNNING, s->kernels, &now);
	if (!is_news(s, &now))
		return 0;
	s->told_ms = clock_mono_ms();
	s->trouble = now.trouble;
	s->waiting = now.waiting;
	doc = json_pack("{s:o,s:o}", "trouble", sentence(&now.trouble),
		"waiting", sentence(&now.waiting));
	data = json_dumps(doc, JSON_COMPACT);
	rc = buf_printf(&s->text, NULL, "event: trouble\ndata: %s\n\n", data);
	free(data);
	json_decref(doc);
	return rc ? -1 : 1;
}

/* Makes s->text hold something.  0 when there is nothing yet, -1 at the end. */
static int refill(struct event_stream *s)
{
	int over = run_is_over(s), n;

	buf_release(&s->text);
	s->sent = 0;
	n = load(s);
	if (n != 0)
		return n;
	if (over)
		return -1;
	n = tell_trouble(s);
	if (n != 0)
		return n;
	if (clock_mono_ms() - s->spoken_ms < SIGN_OF_LIFE_MS)
		return 0;
	return buf_puts(&s->text, ": alive\n\n", NULL) ? -1 : 1;
}

static int next_bytes(void *stream, char *out, size_t max)
{
	struct event_stream *s = stream;
	size_t n;

	if (s->sent == s->text.len) {
		int more = refill(s);

		if (more <= 0)
			return more;
	}
	n = s->text.len - s->sent;
	if (n > max)
		n = max;
	memcpy(out, s->text.data + s->sent, n);
	s->sent += n;
	s->spoken_ms = clock_mono_ms();
	return (int)n;
}

static void end_stream(void *stream)
{
	struct event_stream *s = stream;

	buf_release(&s->text);
	free(s);
}

static int last_event(
	const struct http_request *q, int64_t *after, struct err *e)
{
	const char *text = http_header(q, "Last-Event-ID");
	size_t digits;

	*after = 0;
	if (!text || !text[0])
		return 0;
	digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 18 || text[digits])
		return err_set(e, ERR_INVALID,
			"Last-Event-ID must be a number of 1 to 18 digits");
	*after = strtoll(text, NULL, 10);
	return 0;
}

/* No event will ever follow.  A store that fails does not say so: a 204 would
 * keep the client away for good. */
static int nothing_left(
	struct broker *b, const struct store_run *row, int64_t after)
{
	struct store_event *rows;
	struct arena mem;
	size_t n;
	int rc;

	if (!is_over(row))
		return 0;
	arena_init(&mem, BROKER_ARENA_MAX);
	rc = store_events(b->store, &mem, row->uuid, after, 1, &rows, &n, NULL);
	arena_release(&mem);
	return rc == 0 && n == 0;
}

void broker_events(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_run row;
	struct event_stream *s;
	struct arena mem;
	int64_t after;
	struct err e;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &row))
		goto release;
	if (last_event(q, &after, &e)) {
		broker_reply_failure(b, r, &e);
		goto release;
	}
	if (after > 0 && nothing_left(b, &row, after)) {
		http_reply_bytes(r, 204, "text/event-stream", "", 0);
		goto release;
	}
	s = xcalloc(1, sizeof *s);
	s->broker = b;
	memcpy(s->uuid, row.uuid, sizeof s->uuid);
	note_kernels(s, &row);
	s->after = after;
	s->spoken_ms = clock_mono_ms();
	buf_init(&s->text, (size_t)1 << 24);
	http_reply_header(r, "Cache-Control", "no-store");
	http_reply_stream(r, "text/event-stream", next_bytes, end_stream, s);

release:
	arena_release(&mem);
}
