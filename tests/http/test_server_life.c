/* test_server_life.c -- starting, waiting, streaming and stopping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "http/client.h"
#include "http/server_private.h"
#include "wire.h"

#define CLOSE "Host: localhost\r\nConnection: close\r\n"
#define KEEP "Host: localhost\r\n"
#define SHORT_TIMEOUT_S 1
#define LONG_ANSWER 60000
#define CALLERS 200
#define IDLERS 300

static const struct log quiet = {.service = "test", .level = LOG_ERROR};

/* What the handlers share with the tests. */
struct world {
	_Atomic int inside;  /* handlers at work */
	_Atomic int streams; /* not yet ended */
	_Atomic int pieces;  /* that a stream may still write */
	_Atomic int calls;   /* of the handler that waits */
	_Atomic int known;   /* what it waits for */
	struct http_news *news;
	struct http_server *server;
};

static void quick(void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)ctx;
	(void)q;
	http_reply_bytes(r, 200, "text/plain", "quick", 5);
}

/* Longer than the server's patience with a silent client. */
static void slow(void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)q;
	(void)ctx;
	clock_sleep_ms(2500 * SHORT_TIMEOUT_S);
	http_reply_bytes(r, 200, "text/plain", "slow", 4);
}

/* Waits, as a service's handlers do, for the server to drain. */
static void until_drained(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct world *w = ctx;

	w->inside++;
	while (!http_draining(q))
		clock_sleep_ms(5);
	w->inside--;
	http_reply_bytes(r, 200, "text/plain", "drained", 7);
}

/* Waits for news of the world, without a thread. */
static void for_news(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct world *w = ctx;

	w->calls++;
	++*http_memo(q);
	if (w->known)
		http_reply_json(r, 200,
			json_pack("{s:I}", "calls", (json_int_t)*http_memo(q)));
	else
		http_reply_later(r, 60000, http_topic(w));
}

static void for_a_while(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)ctx;
	if (http_waited_ms(q) < 100)
		http_reply_later(r, 20, 0);
	else
		http_reply_bytes(r, 200, "text/plain", "enough", 6);
}

static void large(void *ctx, const struct http_request *q, struct http_reply *r)
{
	char *text = xcalloc(LONG_ANSWER + 1, 1);

	(void)ctx;
	(void)q;
	memset(text, 'x', LONG_ANSWER);
	http_reply_json(r, 200, json_pack("{s:s}", "text", text));
	free(text);
}

static int next_piece(void *stream, char *out, size_t max)
{
	struct world *w = stream;

	if (max < 16)
		return 0;
	if (w->pieces == 0) {
		clock_sleep_ms(10);
		return 0;
	}
	return snprintf(out, max, "data: %d\n\n", (int)w->pieces--);
}

static int next_of_three(void *stream, char *out, size_t max)
{
	struct world *w = stream;

	return w->pieces == 0 ? -1 : next_piece(stream, out, max);
}

static void end_stream(void *stream)
{
	struct world *w = stream;

	w->streams--;
}

static void events(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct world *w = ctx;

	w->streams++;
	http_reply_stream(r, "text/event-stream",
		http_query(q, "endless") ? next_piece : next_of_three,
		end_stream, w);
}

static const struct http_route routes[] = {
	{"GET", "/quick", quick, 0, 0, NULL},
	{"GET", "/slow", slow, 0, 0, NULL},
	{"GET", "/wait", until_drained, 0, 0, NULL},
	{"GET", "/news", for_news, 0, 0, NULL},
	{"GET", "/while", for_a_while, 0, 0, NULL},
	{"POST", "/large", large, 0, 0, NULL},
	{"GET", "/events", events, 0, 0, NULL},
};

static struct http_options options(struct world *w, const char *bind, int port)
{
	return (struct http_options){.service = "test",
		.bind = bind,
		.port = port,
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.ctx = w,
		.news = w ? w->news : NULL,
		.log = &quiet};
}

static int start_with(void **state, unsigned timeout_s)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct http_options o;
	struct err e = {0};

	w->pieces = 3;
	w->news = http_news_new();
	o = options(w, "127.0.0.1", 0);
	w->server = http_server_new_timeout(&o, timeout_s, &e);
	*state = w;
	return w->server ? 0 : -1;
}

static int start(void **state)
{
	return start_with(state, 60);
}

static int start_impatient(void **state)
{
	return start_with(state, SHORT_TIMEOUT_S);
}

static int stop(void **state)
{
	struct world *w = *state;

	http_server_free(w->server, 5000);
	http_news_free(w->news);
	assert_int_equal(w->streams, 0);
	assert_int_equal(w->inside, 0);
	free(w);
	return 0;
}

static int port_of(void **state)
{
	return http_server_port(((struct world *)*state)->server);
}

/* Waits up to 10 s for `*n` to become `want`. */
static void await(const _Atomic int *n, int want)
{
	for (int i = 0; i < 1000 && *n != want; i++)
		clock_sleep_ms(10);
	assert_int_equal(*n, want);
}

/* -- starting -- */

static void a_taken_port_is_a_conflict_with_a_sentence(void **state)
{
	struct http_options o = options(NULL, "127.0.0.1", port_of(state));
	char want[128];
	struct err e = {0};

	assert_null(http_server_new(&o, &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	snprintf(want, sizeof want,
		"port %d is taken by another program; stop it or choose "
		"another port",
		port_of(state));
	assert_string_equal(e.text, want);
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {"localhost", "", "1.2.3", "::g"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct http_options o = options(NULL, bad[i], 0);
		struct err e = {0};

		assert_null(http_server_new(&o, &e));
		assert_int_equal(e.code, ERR_RANGE);
	}
}

static void an_ipv6_address_serves(void **state)
{
	struct http_options o = options(NULL, "::1", 0);
	struct http_call c = {.method = "GET", .timeout_ms = 5000};
	struct http_answer a;
	struct err e = {0};
	struct http_server *s = http_server_new(&o, &e);
	char url[64];

	(void)state;
	if (!s) /* a machine may be without IPv6 */
		skip();
	snprintf(url, sizeof url, "http://[::1]:%d/quick", http_server_port(s));
	c.url = url;
	assert_int_equal(http_call(&c, &a, &e), 0);
	assert_string_equal(a.body, "quick");
	http_answer_release(&a);
	http_server_free(s, 1000);
}

/* -- waiting -- */

static void a_handler_may_take_longer_than_a_client_may_be_silent(void **state)
{
	char *answer = wire_ask(
		port_of(state), "GET /slow HTTP/1.1\r\n" CLOSE "\r\n");

	assert_int_equal(wire_status(answer), 200);
	assert_string_equal(wire_body(answer), "slow");
	free(answer);
}

static void a_connection_that_stays_silent_is_closed(void **state)
{
	static const char *const starts[] = {"", "GET /qu",
		"GET /quick HTTP/1.1\r\nHost: local",
		"POST /large HTTP/1.1\r\n" KEEP "Content-Length: 9\r\n\r\n{",
		"GET /quick HTTP/1.1\r\n" KEEP "\r\n",
		"GET /events HTTP/1.1\r\n" KEEP "\r\n",
		"HEAD /events?endless HTTP/1.1\r\n" KEEP "\r\n"};

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		int fd = wire_open(port_of(state));
		int64_t begun = clock_mono_ms();

		wire_say(fd, starts[i]);
		free(wire_read_all(fd));
		/* The reader's own patience is 10 s. */
		assert_true(clock_mono_ms() - begun < 9000);
		close(fd);
	}
}

/* A byte often enough not to be silent; true once it is cut off. */
static int trickle(int fd, const char *bytes)
{
	for (int i = 0; i < 400; i++) {
		char byte;

		clock_sleep_ms(50);
		if (send(fd, &bytes[i % strlen(bytes)], 1, MSG_NOSIGNAL) != 1 ||
			recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0)
			return 1;
	}
	return 0;
}

static void a_request_that_never_ends_is_cut_off(void **state)
{
	static const char *const starts[] = {"GET /qu",
		"GET /quick HTTP/1.1\r\nHost: local",
		"POST /large HTTP/1.1\r\n" KEEP
		"Content-Type: application/json\r\n"
		"Content-Length: 99999\r\n\r\n"};

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		int fd = wire_open(port_of(state));

		wire_say(fd, starts[i]);
		assert_true(trickle(fd, "a"));
		close(fd);
	}
}

static void a_connection_serves_one_request_after_another(void **state)
{
	int fd = wire_open(port_of(state));
	char *answer;

	wire_say(fd, "GET /quick HTTP/1.1\r\n" KEEP "\r\n"
		     "GET /nothing HTTP/1.1\r\n" KEEP "\r\n"
		     "GET /quick HTTP/1.1\r\n" CLOSE "\r\n");
	answer = wire_read_all(fd);
	assert_int_equal(wire_status(answer), 200);
	assert_non_null(strstr(answer, "HTTP/1.1 404"));
	assert_string_equal(answer + strlen(answer) - 5, "quick");
	free(answer);
	close(fd);
}

/* -- many at once -- */

static void *call_large(void *p)
{
	const struct http_call c = {.method = "POST",
		.url = p,
		.timeout_ms = 60000,
		.connect_ms = 30000};
	struct http_answer a;
	size_t n;

	if (http_call(&c, &a, NULL))
		return NULL;
	n = a.status == 200 ? a.n : 0;
	http_answer_release(&a);
	return n > LONG_ANSWER ? p : NULL;
}

static void two_hundred_callers_are_all_answered(void **state)
{
	pthread_t threads[CALLERS];
	char url[64];
	void *answered;
	int n = 0;

	snprintf(url, sizeof url, "http://127.0.0.1:%d/large", port_of(state));
	for (int i = 0; i < CALLERS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, call_large, url), 0);
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(threads[i], &answered);
		n += answered != NULL;
	}
	assert_int_equal(n, CALLERS);
}

static void idle_connections_do_not_stop_service(void **state)
{
	int idle[IDLERS];
	char *answer;

	for (int i = 0; i < IDLERS; i++)
		idle[i] = wire_open(port_of(state));
	answer = wire_ask(
		port_of(state), "GET /quick HTTP/1.1\r\n" CLOSE "\r\n");
	assert_int_equal(wire_status(answer), 200);
	free(answer);
	for (int i = 0; i < IDLERS; i++)
		close(idle[i]);
}

/* -- waiting without a thread -- */

static int count_threads(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	int n = 0;

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "Threads: %d", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

static void those_who_wait_for_news_are_told_and_take_no_thread(void **state)
{
	struct world *w = *state;
	int waiting[IDLERS];

	for (int i = 0; i < IDLERS; i++) {
		waiting[i] = wire_open(port_of(state));
		wire_say(waiting[i], "GET /news HTTP/1.1\r\n" CLOSE "\r\n");
	}
	await(&w->calls, IDLERS);
	assert_true(count_threads() < 20);
	http_news_tell(w->news, http_topic(&w->known) + 1); /* another's */
	w->known = 1;
	http_news_tell(w->news, http_topic(w));
	for (int i = 0; i < IDLERS; i++) {
		char *answer = wire_read_all(waiting[i]);

		assert_string_equal(wire_body(answer), "{\"calls\":2}");
		free(answer);
		close(waiting[i]);
	}
	assert_int_equal(w->calls, 2 * IDLERS);
}

static void who_waits_for_a_while_is_asked_again(void **state)
{
	char *answer = wire_ask(
		port_of(state), "GET /while HTTP/1.1\r\n" CLOSE "\r\n");

	assert_string_equal(wire_body(answer), "enough");
	free(answer);
}

static void who_waits_while_the_server_drains_is_refused(void **state)
{
	struct world *w = *state;
	int fd = wire_open(port_of(state));
	char *answer;

	wire_say(fd, "GET /news HTTP/1.1\r\n" CLOSE "\r\n");
	await(&w->calls, 1);
	http_server_drain(w->server);
	answer = wire_read_all(fd);
	assert_int_equal(wire_status(answer), 503);
	free(answer);
	close(fd);
}

/* One that blocks keeps nobody waiting who comes after it. */
static void handlers_that_block_get_more_threads(void **state)
{
	struct world *w = *state;
	int blocked[20];
	char *answer;

	for (int i = 0; i < 20; i++) {
		blocked[i] = wire_open(port_of(state));
		wire_say(blocked[i], "GET /wait HTTP/1.1\r\n" CLOSE "\r\n");
	}
	await(&w->inside, 20);
	answer = wire_ask(
		port_of(state), "GET /quick HTTP/1.1\r\n" CLOSE "\r\n");
	assert_string_equal(wire_body(answer), "quick");
	free(answer);
	http_server_drain(w->server);
	for (int i = 0; i < 20; i++) {
		free(wire_read_all(blocked[i]));
		close(blocked[i]);
	}
}

/* -- streams -- */

static void a_stream_is_chunked_and_ends(void **state)
{
	char *answer = wire_ask(
		port_of(state), "GET /events HTTP/1.1\r\n" CLOSE "\r\n");

	assert_int_equal(wire_status(answer), 200);
	assert_non_null(strstr(answer, "Content-Type: text/event-stream\r\n"));
	assert_non_null(strstr(answer, "Transfer-Encoding: chunked\r\n"));
	assert_non_null(strstr(answer, "data: 3\n\n"));
	assert_non_null(strstr(answer, "data: 1\n\n"));
	assert_string_equal(answer + strlen(answer) - 5, "0\r\n\r\n");
	free(answer);
}

/* Opens the endless stream and reads until its third piece has come. */
static int open_stream(void **state)
{
	int fd = wire_open(port_of(state));
	char text[4096] = "";
	size_t n = 0;

	wire_say(fd, "GET /events?endless HTTP/1.1\r\n" CLOSE "\r\n");
	while (!strstr(text, "data: 1\n\n")) {
		ssize_t got = recv(fd, text + n, sizeof text - 1 - n, 0);

		assert_true(got > 0);
		n += (size_t)got;
		text[n] = '\0';
	}
	return fd;
}

static void a_piece_is_sent_at_once_and_silence_ends_no_stream(void **state)
{
	struct world *w = *state;
	int fd = open_stream(state);
	char text[256] = "";

	clock_sleep_ms(2500 * SHORT_TIMEOUT_S);
	w->pieces = 1;
	assert_true(recv(fd, text, sizeof text - 1, 0) > 0);
	assert_non_null(strstr(text, "data: 1\n\n"));
	close(fd);
}

static void a_stream_ends_when_its_client_goes(void **state)
{
	struct world *w = *state;
	int fd = open_stream(state);

	assert_int_equal(w->streams, 1);
	close(fd);
	await(&w->streams, 0);
}

/* -- stopping -- */

static void a_draining_server_refuses_what_is_new(void **state)
{
	struct world *w = *state;
	char *answer;

	http_server_drain(w->server);
	answer = wire_ask(
		port_of(state), "GET /quick HTTP/1.1\r\n" CLOSE "\r\n");
	assert_int_equal(wire_status(answer), 503);
	assert_non_null(strstr(answer, "Retry-After: "));
	free(answer);
}

static void draining_ends_streams_and_lets_handlers_answer(void **state)
{
	struct world *w = *state;
	int stream = open_stream(state), waiting = wire_open(port_of(state));
	char *answer;

	wire_say(waiting, "GET /wait HTTP/1.1\r\n" CLOSE "\r\n");
	await(&w->inside, 1);
	http_server_drain(w->server);
	answer = wire_read_all(waiting);
	assert_int_equal(wire_status(answer), 200);
	assert_string_equal(wire_body(answer), "drained");
	free(answer);
	answer = wire_read_all(stream);
	assert_string_equal(answer + strlen(answer) - 5, "0\r\n\r\n");
	free(answer);
	close(stream);
	close(waiting);
}

/* What is left open is what stop(), after the test, must not wait for. */
static void stopping_waits_for_no_idle_connection(void **state)
{
	struct world *w = *state;
	struct http_options o = options(w, "127.0.0.1", 0);
	struct http_server *s = http_server_new(&o, NULL);
	int idle = wire_open(http_server_port(s));
	int half = wire_open(http_server_port(s));
	int kept = wire_open(http_server_port(s));
	int64_t begun;
	char first;

	wire_say(half,
		"POST /large HTTP/1.1\r\n" KEEP
		"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{");
	wire_say(kept, "GET /quick HTTP/1.1\r\n" KEEP "\r\n");
	assert_int_equal(recv(kept, &first, 1, 0), 1);
	begun = clock_mono_ms();
	http_server_free(s, 30000);
	/* Their own timeout is a minute. */
	assert_true(clock_mono_ms() - begun < 20000);
	close(idle);
	close(half);
	close(kept);
}

static void a_port_is_free_again_after_the_stop(void **state)
{
	struct http_options o = options(NULL, "127.0.0.1", 0);
	struct http_server *s = http_server_new(&o, NULL);

	(void)state;
	o.port = http_server_port(s);
	free(wire_ask(o.port, "GET /quick HTTP/1.1\r\n" CLOSE "\r\n"));
	http_server_free(s, 1000);
	s = http_server_new(&o, NULL);
	assert_non_null(s);
	http_server_free(s, 1000);
	http_server_free(NULL, 0);
}

#define ON(test) cmocka_unit_test_setup_teardown(test, start, stop)
#define IMPATIENT(test) \
	cmocka_unit_test_setup_teardown(test, start_impatient, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(a_taken_port_is_a_conflict_with_a_sentence),
		ON(what_is_no_address_is_refused),
		ON(an_ipv6_address_serves),
		IMPATIENT(
			a_handler_may_take_longer_than_a_client_may_be_silent),
		IMPATIENT(a_connection_that_stays_silent_is_closed),
		IMPATIENT(a_request_that_never_ends_is_cut_off),
		ON(a_connection_serves_one_request_after_another),
		ON(two_hundred_callers_are_all_answered),
		ON(idle_connections_do_not_stop_service),
		ON(those_who_wait_for_news_are_told_and_take_no_thread),
		ON(who_waits_for_a_while_is_asked_again),
		ON(who_waits_while_the_server_drains_is_refused),
		ON(handlers_that_block_get_more_threads),
		ON(a_stream_is_chunked_and_ends),
		IMPATIENT(a_piece_is_sent_at_once_and_silence_ends_no_stream),
		ON(a_stream_ends_when_its_client_goes),
		ON(a_draining_server_refuses_what_is_new),
		ON(draining_ends_streams_and_lets_handlers_answer),
		ON(stopping_waits_for_no_idle_connection),
		ON(a_port_is_free_again_after_the_stop),
	};

	http_client_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
