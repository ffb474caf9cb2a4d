/* test_admit.c -- requests that take too much, or come too often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "http/server_private.h"
#include "temp_folder.h"
#include "wire.h"

#define KIB ((size_t)1 << 10)
#define CLOSE "Host: localhost\r\nConnection: close\r\n"
#define AS_A "Authorization: Bearer aaa\r\n"
#define AS_B "Authorization: Bearer bbb\r\n"
#define BYTES "Content-Type: application/octet-stream\r\n"
#define LARGE_ANSWER ((size_t)16 << 20) /* more than sockets hold */

static const struct log quiet = {.service = "test", .level = LOG_ERROR};

static struct {
	_Atomic int inside, holding, calls;
	struct http_access *access;
	struct http_server *server;
} the;

static void quick(void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)ctx;
	(void)q;
	the.calls++;
	http_reply_bytes(r, 200, "text/plain", "quick", 5);
}

static void hold(void *ctx, const struct http_request *q, struct http_reply *r)
{
	the.inside++;
	while (the.holding && !http_draining(q))
		clock_sleep_ms(5);
	the.inside--;
	quick(ctx, q, r);
}

static void large(void *ctx, const struct http_request *q, struct http_reply *r)
{
	char *bytes = xcalloc(LARGE_ANSWER, 1);

	(void)ctx;
	(void)q;
	http_reply_bytes(
		r, 200, "application/octet-stream", bytes, LARGE_ANSWER);
	free(bytes);
}

static const struct http_route routes[] = {
	{"GET", "/quick", quick, 0, 0, NULL},
	{"GET", "/open", quick, HTTP_OPEN, 0, NULL},
	{"GET", "/work", quick, HTTP_WORK, 0, NULL},
	{"GET", "/hold", hold, 0, 0, NULL},
	{"GET", "/large", large, 0, 0, NULL},
	{"PUT", "/bytes", quick, HTTP_BYTES, 16384 * KIB, NULL},
};

static struct http_access *tokens(void)
{
	char path[TEMP_FOLDER_BYTES + 8], folder[TEMP_FOLDER_BYTES];
	struct http_access *a;
	FILE *f;

	temp_folder_make(folder);
	snprintf(path, sizeof path, "%s/tokens", folder);
	umask(077);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("aaa\nbbb\n", f);
	fclose(f);
	a = http_access_open(path, NULL);
	assert_non_null(a);
	temp_folder_remove(folder);
	return a;
}

static void start(struct http_limits limits, int with_tokens)
{
	struct http_options o = {.service = "test",
		.bind = "127.0.0.1",
		.limits = limits,
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.log = &quiet};

	memset(&the, 0, sizeof the);
	the.access = o.access = with_tokens ? tokens() : NULL;
	the.server = http_server_new(&o, NULL);
	assert_non_null(the.server);
}

static int stop(void **state)
{
	(void)state;
	http_server_free(the.server, 5000);
	http_access_free(the.access);
	return 0;
}

static int begin(const char *text)
{
	int fd = wire_open(http_server_port(the.server));

	assert_int_equal(wire_say(fd, text), 0);
	return fd;
}

/* Reads the answer and closes; its status.  It must hold `part`. */
static int end(int fd, const char *part)
{
	char *answer = wire_read_all(fd);
	int status = wire_status(answer);

	if (!strstr(answer, part))
		fail_msg("no %s in %s", part, answer);
	free(answer);
	close(fd);
	return status;
}

static int ask(const char *text, const char *part)
{
	return end(begin(text), part);
}

static void await_inside(int n)
{
	for (int i = 0; i < 1000 && the.inside != n; i++)
		clock_sleep_ms(10);
	assert_int_equal(the.inside, n);
}

static void await_bytes(size_t n)
{
	for (int i = 0; i < 1000 && callers_bytes(the.server->callers) != n;
		i++)
		clock_sleep_ms(10);
	assert_int_equal(callers_bytes(the.server->callers), n);
}

/* -- bytes -- */

#define GET_HOLD_A "GET /hold HTTP/1.1\r\n" CLOSE AS_A "\r\n"
#define GET_QUICK_A "GET /quick HTTP/1.1\r\n" CLOSE AS_A "\r\n"
#define GET_QUICK_B "GET /quick HTTP/1.1\r\n" CLOSE AS_B "\r\n"

static void a_request_waits_for_the_others_of_its_caller(void **state)
{
	int held, waits;

	(void)state;
	start((struct http_limits){.caller_bytes = 300 * KIB}, 1);
	the.holding = 1;
	held = begin(GET_HOLD_A);
	await_inside(1);
	waits = begin(GET_QUICK_A);
	clock_sleep_ms(300);
	assert_int_equal(the.calls, 0);
	assert_int_equal(ask(GET_QUICK_B, "quick"), 200);
	assert_int_equal(the.calls, 1);
	the.holding = 0;
	assert_int_equal(end(held, "quick"), 200);
	assert_int_equal(end(waits, "quick"), 200);
}

static void who_waits_in_vain_is_told_the_limit(void **state)
{
	char first;
	int held;

	(void)state;
	start((struct http_limits){.caller_bytes = 1024 * KIB}, 1);
	held = begin("GET /large HTTP/1.1\r\n" CLOSE AS_A "\r\n");
	assert_int_equal(recv(held, &first, 1, 0), 1); /* and no more */
	assert_int_equal(ask(GET_QUICK_B, "quick"), 200);
	assert_int_equal(
		ask(GET_QUICK_A,
			"this client's requests under way take 16 MB, "
			"16 MB of them beyond their bodies; the limits "
			"are 512 and 1: try again"),
		503);
	assert_int_equal(ask(GET_QUICK_A, "Retry-After: 1\r\n"), 503);
	close(held);
	await_bytes(0);
	assert_int_equal(ask(GET_QUICK_A, "quick"), 200);
}

/* So many bytes of a body of `declared`. */
static int put(size_t n, size_t declared)
{
	char head[256], *body = xcalloc(n, 1);
	int fd;

	snprintf(head, sizeof head,
		"PUT /bytes HTTP/1.1\r\n" CLOSE BYTES
		"Content-Length: %zu\r\n\r\n",
		declared);
	fd = begin(head);
	assert_int_equal(wire_send(fd, body, n), 0);
	free(body);
	return fd;
}

static void bodies_that_come_in_count_from_their_first_byte(void **state)
{
	int half;

	(void)state;
	start((struct http_limits){.all_bytes = 10240 * KIB}, 0);
	half = put(4096 * KIB, 5120 * KIB);
	await_bytes(4096 * KIB);
	assert_int_equal(
		end(put(3072 * KIB, 3072 * KIB), "under way take "), 503);
	assert_int_equal(end(put(256 * KIB, 256 * KIB), "quick"), 200);
	close(half);
	await_bytes(0);
	/* Alone it may be as large as its route allows. */
	assert_int_equal(end(put(8192 * KIB, 8192 * KIB), "quick"), 200);
}

/* -- requests -- */

static void a_caller_that_asks_too_often_is_told_when_to_come(void **state)
{
	(void)state;
	start((struct http_limits){.rate = 1, .burst = 3}, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(GET_QUICK_A, "quick"), 200);
	for (int i = 0; i < 20; i++) {
		char *answer = wire_ask(
			http_server_port(the.server), GET_QUICK_A);
		int status = wire_status(answer);

		assert_true(status == 429 || status == 200);
		if (status == 429)
			assert_non_null(strstr(answer, "Retry-After: 1\r\n"));
		free(answer);
	}
	assert_int_equal(ask(GET_QUICK_B, "quick"), 200);
	/* What services ask of each other is not counted. */
	for (int i = 0; i < 20; i++)
		assert_int_equal(ask("GET /work HTTP/1.1\r\n" CLOSE AS_A "\r\n",
					 "quick"),
			200);
}

/* How many of 20 requests are refused as too many. */
static int refused_of_20(const char *text)
{
	int n = 0;

	for (int i = 0; i < 20; i++) {
		char *answer = wire_ask(http_server_port(the.server), text);

		n += wire_status(answer) == 429;
		free(answer);
	}
	return n;
}

static void who_tries_tokens_is_counted_by_its_address(void **state)
{
	(void)state;
	start((struct http_limits){.rate = 1, .burst = 3}, 1);
	assert_true(refused_of_20("GET /work HTTP/1.1\r\n" CLOSE
				  "Authorization: Bearer abc\r\n\r\n") > 5);
	assert_true(refused_of_20("GET /open HTTP/1.1\r\n" CLOSE "\r\n") > 5);
	assert_int_equal(ask(GET_QUICK_A, "quick"), 200);
}

static void programs_of_this_machine_ask_as_often_as_they_like(void **state)
{
	(void)state;
	start((struct http_limits){.rate = 1, .burst = 1}, 0);
	assert_int_equal(
		refused_of_20("GET /quick HTTP/1.1\r\n" CLOSE "\r\n"), 0);
}

#define ENDS(test) cmocka_unit_test_teardown(test, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENDS(a_request_waits_for_the_others_of_its_caller),
		ENDS(who_waits_in_vain_is_told_the_limit),
		ENDS(bodies_that_come_in_count_from_their_first_byte),
		ENDS(a_caller_that_asks_too_often_is_told_when_to_come),
		ENDS(who_tries_tokens_is_counted_by_its_address),
		ENDS(programs_of_this_machine_ask_as_often_as_they_like),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
