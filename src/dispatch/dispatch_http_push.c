/* dispatch_http_push.c -- the loop's turn: every peer is told what it is to do,
 * and waited for until it has something to say.
 *
 * A peer with jobs has one exchange under way that waits for their ends, and a
 * second one while there is something to tell it that cannot wait. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dispatch/dispatch_http.h"

#define WAIT_MS 2000    /* keeps progress fresh */
#define ANSWER_MS 60000 /* beyond it; the watch knows much sooner */
#define LOOK_MS 50      /* while jobs wait: a back-off may be over */
#define LOOK_IDLE_MS 250
#define ASLEEP_MS 2000
#define REST_MS 50 /* for workers that answer without waiting */
#define MISSED_MOST 2
#define ORDERS_BYTES ((size_t)1 << 30) /* orders_write keeps far below it */
#define REPORT_BYTES ((size_t)256 << 20)
#define STATUS_UNAVAILABLE 503

/* -- the answer -- */

/* A first silence is looked into; who is there and stays silent has lost its
 * jobs. */
static void not_answered(struct peer *p, int64_t number, const struct err *why)
{
	orders_lost(p, number, number);
	p->up = 0;
	p->ask_now = 1;
	if (++p->missed >= MISSED_MOST)
		errands_lose(p, why);
}

/* The orders were turned down as a whole: a worker that drains says 503 and
 * will be gone in a moment; one that knows no exchange is an old one. */
static void turned_down(
	struct peer *p, int64_t number, int status, const struct err *why)
{
	struct errand *e = p->errands, *next;

	for (; e; e = next) {
		next = e->next;
		if (e->orders != number)
			continue;
		e->orders = 0;
		if (e->stage != ERRAND_TOLD && e->stage != ERRAND_THERE)
			continue;
		if (status == STATUS_UNAVAILABLE)
			errand_no_room(e, why);
		else
			errand_refused(e, why);
	}
}

static void answered(void *flight, struct http_answer *a, const struct err *e)
{
	struct exchange_flight *f = flight;
	struct peer *p = f->peer;
	struct err why = *e;
	json_t *report = NULL;
	int64_t now_ms;

	if (!why.code)
		http_answer_json(a, p->info.url, &report, &why);
	pthread_mutex_lock(&p->d->lock);
	now_ms = clock_mono_ms();
	f->flight = NULL;
	buf_release(&f->text);
	if (a->status == 0) {
		not_answered(p, f->number, &why);
	} else if (why.code) {
		turned_down(p, f->number, a->status, &why);
	} else {
		p->missed = 0;
		if (!report_take(p, report, f->number, f->number) &&
			now_ms - f->sent_ms < REST_MS)
			p->rest_until_ms = now_ms + REST_MS;
	}
	push_peer(p, now_ms);
	pthread_mutex_unlock(&p->d->lock);
	json_decref(report);
}

/* -- the orders -- */

static void send(struct peer *p, struct exchange_flight *f, int64_t wait_ms)
{
	char url[sizeof p->info.url + sizeof "/v1/exchange"];
	struct http_call c = {.method = "POST",
		.url = url,
		.token = p->d->token,
		.timeout_ms = ANSWER_MS + wait_ms,
		.answer_max = REPORT_BYTES};

	snprintf(url, sizeof url, "%s/v1/exchange", p->info.url);
	buf_init(&f->text, ORDERS_BYTES);
	f->peer = p;
	f->number = orders_write(p, wait_ms, &f->text);
	f->sent_ms = clock_mono_ms();
	c.text = f->text.data;
	f->flight = http_loop_call(p->d->loop, &c, answered, f);
}

static void exchange(struct peer *p, int64_t now_ms)
{
	const struct orders_due due = orders_look(p, now_ms);
	const int rested = now_ms >= p->rest_until_ms;

	if (!p->waiting.flight &&
		(due.urgent || due.soon || (due.watch && rested)))
		send(p, &p->waiting, due.urgent || due.watch ? WAIT_MS : 0);
	else if (!p->urgent.flight && due.urgent)
		send(p, &p->urgent, 0);
}

static void drop(struct http_loop *l, struct exchange_flight *f)
{
	if (!f->flight)
		return;
	http_loop_drop(l, f->flight);
	f->flight = NULL;
	buf_release(&f->text);
	orders_lost(f->peer, f->number, f->number);
}

void push_drop(struct peer *p)
{
	drop(p->d->loop, &p->waiting);
	drop(p->d->loop, &p->urgent);
}

/* -- the turn -- */

/* Only a peer that has been silent for long loses what it has: a short silence
 * ends no job. */
static void lose(struct peer *p)
{
	struct err why;

	err_set(&why, ERR_WORLD, "%s",
		p->info.error[0] ? p->info.error : "it has left");
	push_drop(p);
	errands_lose(p, &why);
}

/* It is told once that there is something to come for. */
static void call_for(struct peer *p, int64_t now_ms)
{
	if (p->told || !p->d->orders || !orders_look(p, now_ms).urgent)
		return;
	p->told = 1;
	p->d->orders(p->d->orders_ctx, p->info.id);
}

void push_peer(struct peer *p, int64_t now_ms)
{
	if (p->left) {
		lose(p);
		return;
	}
	watch_peer(p, now_ms);
	if (!p->up && watch_lost(p) && p->errands)
		lose(p);
	if (!p->up)
		return;
	errands_assign(p, now_ms);
	if (p->pulls)
		call_for(p, now_ms);
	else
		exchange(p, now_ms);
}

/* Turns come every second at least: while we were stopped nobody was silent. */
static void excuse(struct http_dispatch *d, int64_t now_ms)
{
	const int64_t gap_ms = d->turned_ms ? now_ms - d->turned_ms : 0;

	for (size_t i = 0; gap_ms > ASLEEP_MS && i < d->n_peers; i++) {
		int64_t *at_ms = &d->peers[i]->answered_ms;

		*at_ms = *at_ms + gap_ms < now_ms ? *at_ms + gap_ms : now_ms;
	}
	d->turned_ms = now_ms;
}

int64_t push_turn(void *dispatch)
{
	struct http_dispatch *d = dispatch;
	const int64_t now_ms = clock_mono_ms();
	int64_t look_ms;
	int waiting;

	pthread_mutex_lock(&d->lock);
	excuse(d, now_ms);
	bytes_send(d);
	if (d->changed || now_ms >= d->look_ms) {
		d->changed = 0;
		waiting = queue_due(d, now_ms);
		if (!waiting)
			errands_copy(d, now_ms);
		for (size_t i = 0; i < d->n_peers; i++)
			push_peer(d->peers[i], now_ms);
		members_reap(d);
		d->look_ms = now_ms + (waiting ? LOOK_MS : LOOK_IDLE_MS);
	}
	look_ms = d->changed ? now_ms : d->look_ms;
	pthread_mutex_unlock(&d->lock);
	return look_ms;
}

void push_wake(struct http_dispatch *d)
{
	if (!d->changed && d->loop)
		http_loop_wake(d->loop);
	d->changed = 1;
}
