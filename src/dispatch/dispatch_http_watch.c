/* dispatch_http_watch.c -- is a worker there, how many slots has it, what can
 * it run? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dispatch/dispatch_http.h"
#include "dispatch/member_info.h"

#define ASK_MS 3000
#define ASK_SOON_MS 300 /* at the start, and after a worker fell silent */
#define ANSWER_MS 5000
#define CALLS_AGAIN_MS 2000
#define FORGET_MS (10 * 60 * 1000) /* one that has joined and fell silent */

/* Each change once. */
static void tell(struct peer *p)
{
	if (p->said_up == p->up)
		return;
	p->said_up = p->up;
	log_info(p->d->log, p->up ? "worker-seen" : "worker-silent",
		log_worker(p->info.url));
}

static void is_there(struct peer *p)
{
	p->up = 1;
	p->info.error[0] = '\0';
	p->info.seen_ms = clock_wall_ms();
	p->answered_ms = clock_mono_ms();
}

static void is_away(struct peer *p, const struct err *e)
{
	p->up = 0;
	snprintf(p->info.error, sizeof p->info.error, "%.*s",
		(int)sizeof p->info.error - 1, e->text);
	p->left |= !p->listed && clock_mono_ms() - p->answered_ms > FORGET_MS;
	/* It let an exchange go unanswered, and is not there. */
	if (p->missed)
		errands_lose(p, e);
}

int watch_seen(struct peer *p, const json_t *info, struct err *e)
{
	int rc = info ? member_info_read(info, &p->info, e) : 0;

	if (rc)
		return rc;
	is_there(p);
	if (p->pulls)
		tell(p);
	errands_claim(p, json_object_get(info, "jobs"));
	return 0;
}

static void answered(void *peer, struct http_answer *a, const struct err *e)
{
	struct peer *p = peer;
	struct err why = *e;
	json_t *info = NULL;

	if (!why.code)
		http_answer_json(a, p->info.url, &info, &why);
	pthread_mutex_lock(&p->d->lock);
	p->asked = NULL;
	if (why.code || watch_seen(p, info, &why))
		is_away(p, &why);
	p->ask_ms = clock_mono_ms() +
		    (p->up || watch_lost(p) ? ASK_MS : ASK_SOON_MS);
	tell(p);
	push_peer(p, clock_mono_ms());
	pthread_mutex_unlock(&p->d->lock);
	json_decref(info);
}

/* One that pulls is asked nothing. */
static void miss(struct peer *p)
{
	struct err why;

	if (!watch_lost(p))
		return;
	err_set(&why, ERR_WORLD, "it has not called for %d s",
		PULLER_LOST_MS / 1000);
	is_away(p, &why);
	tell(p);
}

void watch_peer(struct peer *p, int64_t now_ms)
{
	char url[sizeof p->info.url + sizeof "/v1/info"];
	const struct http_call c = {
		.method = "GET",
		.url = url,
		.token = p->d->token,
		.timeout_ms = ANSWER_MS,
	};

	if (p->pulls) {
		miss(p);
		return;
	}
	if (p->asked || (now_ms < p->ask_ms && !p->ask_now))
		return;
	p->ask_now = 0;
	snprintf(url, sizeof url, "%s/v1/info", p->info.url);
	p->asked = http_loop_call(p->d->loop, &c, answered, p);
}

static int64_t lost_ms(const struct peer *p)
{
	return p->pulls ? PULLER_LOST_MS : WORKER_LOST_MS;
}

int watch_lost(const struct peer *p)
{
	return clock_mono_ms() - p->answered_ms > lost_ms(p);
}

void watch_waits(struct peer *p)
{
	is_there(p);
	tell(p);
}

void watch_hung_up(struct peer *p)
{
	const int64_t most_ms = clock_mono_ms() - lost_ms(p) + CALLS_AGAIN_MS;

	if (p->answered_ms > most_ms)
		p->answered_ms = most_ms;
}
