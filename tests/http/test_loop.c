/* test_loop.c -- many calls at once on one thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdatomic.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "http/loop.h"
#include "http/server.h"

#define CALLS 300

static const struct log quiet = {.service = "test", .level = LOG_ERROR};

/* -- the server: a call waits until all are there -- */

struct world {
	struct http_server *server;
	struct http_news *news;
	struct http_loop *loop;
	char url[64], gone[64];
	_Atomic int there, wanted; /* calls that wait, and until how many */
	/* The loop's. */
	_Atomic int to_start, to_drop;
	int started;
	struct http_flight *last;
	const char *target;
	_Atomic int landed, failed;
	int status;
	char body[64];
};

static void gather(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct world *w = ctx;

	if (++*http_memo(q) == 1 && ++w->there == w->wanted)
		http_news_tell(w->news, http_topic(w));
	if (w->there >= w->wanted)
		http_reply_json(r, 200, json_incref((json_t *)http_body(q)));
	else
		http_reply_later(r, 60000, http_topic(w));
}

static const struct http_route routes[] = {
	{"POST", "/gather", gather, 0, 0, NULL},
};

/* -- the owner -- */

static void landed(void *ctx, struct http_answer *a, const struct err *e)
{
	struct world *w = ctx;

	w->status = a->status;
	if (a->body)
		snprintf(w->body, sizeof w->body, "%s", a->body);
	w->failed += e->code != 0;
	w->landed++;
}

static int64_t turn(void *ctx)
{
	struct world *w = ctx;

	for (; w->started < w->to_start; w->started++)
		w->last = http_loop_call(w->loop,
			&(struct http_call){.method = "POST",
				.url = w->target,
				.text = "{\"n\":1}",
				.timeout_ms = 60000},
			landed, w);
	if (w->to_drop) {
		http_loop_drop(w->loop, w->last);
		w->to_drop = 0;
	}
	return clock_mono_ms() + 1000;
}

static int begin(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct http_options o = {.service = "test",
		.bind = "127.0.0.1",
		.routes = routes,
		.n_routes = 1,
		.ctx = w,
		.log = &quiet};

	w->news = o.news = http_news_new();
	w->server = http_server_new(&o, NULL);
	assert_non_null(w->server);
	snprintf(w->url, sizeof w->url, "http://127.0.0.1:%d/gather",
		http_server_port(w->server));
	w->target = w->url;
	*state = w;
	return 0;
}

static void go(struct world *w, int calls)
{
	w->to_start = calls;
	w->loop = http_loop_new(turn, w, NULL);
	assert_non_null(w->loop);
	assert_int_equal(http_loop_start(w->loop, NULL), 0);
}

static int end(void **state)
{
	struct world *w = *state;

	http_loop_free(w->loop);
	http_server_free(w->server, 1000);
	http_news_free(w->news);
	free(w);
	return 0;
}

static void await(const _Atomic int *n, int want)
{
	for (int i = 0; i < 3000 && *n < want; i++)
		clock_sleep_ms(10);
	assert_int_equal(*n, want);
}

/* -- */

static void all_calls_are_under_way_at_once(void **state)
{
	struct world *w = *state;

	w->wanted = CALLS;
	go(w, CALLS);
	await(&w->landed, CALLS);
	assert_int_equal(w->failed, 0);
	assert_int_equal(w->status, 200);
	assert_string_equal(w->body, "{\"n\":1}");
}

static void who_does_not_answer_is_an_error(void **state)
{
	struct world *w = *state;

	w->target = "http://127.0.0.1:1/gather";
	go(w, 1);
	await(&w->landed, 1);
	assert_int_equal(w->failed, 1);
	assert_int_equal(w->status, 0);
}

static void a_dropped_call_is_not_told_of(void **state)
{
	struct world *w = *state;

	w->wanted = 3;
	go(w, 2);
	await(&w->there, 2);
	w->to_drop = 1;
	http_loop_wake(w->loop);
	while (w->to_drop)
		clock_sleep_ms(5);
	w->to_start = 3;
	http_loop_wake(w->loop);
	await(&w->landed, 2);
}

static void a_loop_ends_with_calls_under_way(void **state)
{
	struct world *w = *state;

	w->wanted = 11;
	go(w, 10);
	await(&w->there, 10);
}

#define ON(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(all_calls_are_under_way_at_once),
		ON(who_does_not_answer_is_an_error),
		ON(a_dropped_call_is_not_told_of),
		ON(a_loop_ends_with_calls_under_way),
	};

	http_client_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
