/* test_client.c -- one request, against a server and against none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/server.h"

static const struct log quiet = {.service = "test", .level = LOG_ERROR};

/* Says back what the request had. */
static void echo(void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)ctx;
	http_reply_header(r, "ETag", "\"tag\"");
	http_reply_json(r, 200,
		json_pack("{s:s,s:s?,s:s?,s:O?}", "id", http_param(q, "id"),
			"key", http_header(q, "Idempotency-Key"), "type",
			http_header(q, "Content-Type"), "body", http_body(q)));
}

static void weigh(void *ctx, const struct http_request *q, struct http_reply *r)
{
	size_t n;
	const char *bytes = http_bytes(q, &n);

	(void)ctx;
	http_reply_json(r, 200,
		json_pack("{s:I,s:i}", "n", (json_int_t)n, "last",
			n ? bytes[n - 1] : -1));
}

static void large(void *ctx, const struct http_request *q, struct http_reply *r)
{
	static char bytes[100000];

	(void)ctx;
	(void)q;
	http_reply_bytes(
		r, 200, "application/octet-stream", bytes, sizeof bytes);
}

static void slow(void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)ctx;
	for (int i = 0; i < 500 && !http_draining(q); i++)
		clock_sleep_ms(10);
	http_reply_json(r, 200, json_object());
}

static void fail_with(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct err e;

	(void)ctx;
	err_at(&e, -atoi(http_param(q, "id")), "/genome", "filters",
		"no such \xc3\xa9poque");
	http_reply_error(r, &e);
}

static void elsewhere(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)ctx;
	(void)q;
	http_reply_header(r, "Location", "/v1/echo/redirected");
	http_reply_bytes(r, 307, "text/plain", "there", 5);
}

static const struct http_route routes[] = {
	{"GET", "/v1/echo/{id}", echo, 0, 0, NULL},
	{"POST", "/v1/echo/{id}", echo, 0, 0, NULL},
	{"PUT", "/v1/echo/{id}", echo, 0, 0, NULL},
	{"DELETE", "/v1/echo/{id}", echo, 0, 0, NULL},
	{"PUT", "/v1/bytes", weigh, HTTP_BYTES, 0, NULL},
	{"PUT", "/v1/led/{id}", echo, HTTP_LED, 0, "a"},
	{"GET", "/large", large, 0, 0, NULL},
	{"GET", "/slow", slow, 0, 0, NULL},
	{"GET", "/v1/fail/{id}", fail_with, 0, 0, NULL},
	{"GET", "/elsewhere", elsewhere, 0, 0, NULL},
};

struct place {
	struct http_server *server;
	char url[200];
};

static struct http_access *access_of_test;

static int start_with(void **state, struct http_limits limits)
{
	const struct http_options o = {.service = "test",
		.bind = "127.0.0.1",
		.access = access_of_test = http_access_of("s3cret"),
		.limits = limits,
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.log = &quiet};
	struct place *p = calloc(1, sizeof *p);

	p->server = http_server_new(&o, NULL);
	*state = p;
	return p->server ? 0 : -1;
}

static int start(void **state)
{
	return start_with(state, (struct http_limits){0});
}

/* One request a second. */
static int start_strict(void **state)
{
	return start_with(state, (struct http_limits){.rate = 1, .burst = 1});
}

static int stop(void **state)
{
	struct place *p = *state;

	http_server_free(p->server, 5000);
	http_access_free(access_of_test);
	free(p);
	return 0;
}

static struct http_call call_of(
	void **state, const char *method, const char *at)
{
	struct place *p = *state;

	snprintf(p->url, sizeof p->url, "http://127.0.0.1:%d%s",
		http_server_port(p->server), at);
	return (struct http_call){.method = method,
		.url = p->url,
		.token = "s3cret",
		.timeout_ms = 10000};
}

static const char *text_of(const json_t *doc, const char *name)
{
	return json_string_value(json_object_get(doc, name));
}

static void each_method_arrives_with_its_body(void **state)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
	json_t *sent = json_pack("{s:f}", "rate", 0.28), *got;

	for (size_t i = 0; i < 4; i++) {
		struct http_call c = call_of(state, methods[i], "/v1/echo/7");
		int has_body = i == 1 || i == 2, status;
		struct err e = {0};

		c.json = has_body ? sent : NULL;
		c.idempotency_key = "k1";
		assert_int_equal(http_call_json(&c, &got, &status, &e), 0);
		assert_int_equal(status, 200);
		assert_string_equal(text_of(got, "id"), "7");
		assert_string_equal(text_of(got, "key"), "k1");
		if (has_body)
			assert_true(
				json_equal(json_object_get(got, "body"), sent));
		json_decref(got);
	}
	json_decref(sent);
}

static void bytes_arrive_as_they_are(void **state)
{
	struct http_call c = call_of(state, "PUT", "/v1/bytes");
	json_t *got;

	c.bytes = "a\0b";
	c.n_bytes = 3;
	assert_int_equal(http_call_json(&c, &got, NULL, NULL), 0);
	assert_int_equal(json_integer_value(json_object_get(got, "n")), 3);
	assert_int_equal(json_integer_value(json_object_get(got, "last")), 'b');
	json_decref(got);
}

static void an_answer_has_its_status_type_and_etag(void **state)
{
	struct http_call c = call_of(state, "GET", "/v1/echo/1");
	struct http_answer a;

	assert_int_equal(http_call(&c, &a, NULL), 0);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.content_type, "application/json");
	assert_string_equal(a.etag, "\"tag\"");
	assert_int_equal(a.n, strlen(a.body));
	http_answer_release(&a);
	c.token = NULL;
	assert_int_equal(http_call(&c, &a, NULL), 0);
	assert_int_equal(a.status, 401);
	http_answer_release(&a);
}

static void an_encoded_segment_arrives_as_it_was(void **state)
{
	static const char id[] = "a/b c?d=e&f#%2F+\xc3\xa9";
	char *encoded = http_encode(id), at[128];
	struct http_call c;
	json_t *got;

	snprintf(at, sizeof at, "/v1/echo/%s", encoded);
	c = call_of(state, "GET", at);
	assert_int_equal(http_call_json(&c, &got, NULL, NULL), 0);
	assert_string_equal(text_of(got, "id"), id);
	json_decref(got);
	free(encoded);
}

static void a_refusal_brings_code_sentence_and_pointer(void **state)
{
	static const int codes[][2] = {{1, ERR_INVALID}, {2, ERR_RANGE},
		{3, ERR_NOT_FOUND}, {4, ERR_CONFLICT}, {5, ERR_TOO_BIG},
		{6, ERR_BUSY}, {10, ERR_DENIED}, {99, ERR_WORLD}};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		struct http_call c;
		struct err e = {0};
		json_t *got = NULL;
		char at[32];
		int status;

		snprintf(at, sizeof at, "/v1/fail/%d", codes[i][0]);
		c = call_of(state, "GET", at);
		assert_int_equal(
			http_call_json(&c, &got, &status, &e), codes[i][1]);
		assert_null(got);
		assert_int_equal(e.code, codes[i][1]);
		assert_string_equal(e.text, "no such \xc3\xa9poque");
		assert_string_equal(e.where, "/genome/filters");
		assert_true(status >= 400);
	}
}

static void an_answer_that_is_no_object_is_the_worlds_failure(void **state)
{
	struct http_call c = call_of(state, "GET", "/large");
	json_t *got = NULL;
	int status;

	assert_int_equal(http_call_json(&c, &got, &status, NULL), ERR_WORLD);
	assert_int_equal(status, 200);
	assert_null(got);
}

static void an_answer_over_its_limit_is_too_big(void **state)
{
	struct http_call c = call_of(state, "GET", "/large");
	struct http_answer a;

	c.answer_max = 99999;
	assert_int_equal(http_call(&c, &a, NULL), ERR_TOO_BIG);
	c.answer_max = 100000;
	assert_int_equal(http_call(&c, &a, NULL), 0);
	assert_int_equal(a.n, 100000);
	http_answer_release(&a);
}

static void a_redirect_is_not_followed(void **state)
{
	struct http_call c = call_of(state, "GET", "/elsewhere");
	struct http_answer a;

	assert_int_equal(http_call(&c, &a, NULL), 0);
	assert_int_equal(a.status, 307);
	assert_string_equal(a.body, "there");
	http_answer_release(&a);
}

static void proxies_of_the_environment_are_not_used(void **state)
{
	struct http_call c = call_of(state, "GET", "/v1/echo/1");
	struct http_answer a;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	assert_int_equal(http_call(&c, &a, NULL), 0);
	unsetenv("http_proxy");
	http_answer_release(&a);
}

static void a_file_is_not_fetched(void **state)
{
	struct http_call c = call_of(state, "GET", "/");
	struct http_answer a;

	c.url = "file:///etc/hostname";
	assert_int_equal(http_call(&c, &a, NULL), ERR_WORLD);
}

static int at_third_look(void *ctx)
{
	return ++*(int *)ctx >= 3;
}

static void a_caller_may_lose_interest(void **state)
{
	struct http_call c = call_of(state, "GET", "/slow");
	struct http_answer a;
	int looks = 0, status = -1;
	json_t *got;

	c.cancelled = at_third_look;
	c.cancelled_ctx = &looks;
	assert_int_equal(http_call(&c, &a, NULL), ERR_CANCELLED);
	assert_int_equal(looks, 3);
	looks = 2;
	assert_int_equal(
		http_call_json(&c, &got, &status, NULL), ERR_CANCELLED);
	assert_int_equal(status, 0);
}

static void who_asks_too_often_is_heard_later(void **state)
{
	struct http_call c = call_of(state, "GET", "/v1/echo/1");
	struct http_answer a;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(http_call(&c, &a, NULL), 0);
		assert_int_equal(a.status, 200);
		http_answer_release(&a);
	}
	/* Where there is no time for it, the refusal is the answer. */
	c.timeout_ms = 900;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(http_call(&c, &a, NULL), 0);
		if (a.status == 429)
			break;
		http_answer_release(&a);
	}
	assert_int_equal(a.status, 429);
	assert_int_equal(a.retry_after_s, 1);
	assert_int_equal(http_answer_refused(&a, c.url, NULL), ERR_BUSY);
	http_answer_release(&a);
}

static void who_waits_to_be_heard_may_lose_interest(void **state)
{
	struct http_call c = call_of(state, "GET", "/v1/echo/1");
	struct http_answer a;
	int looks = 0;

	assert_int_equal(http_call(&c, &a, NULL), 0);
	http_answer_release(&a);
	c.cancelled = at_third_look;
	c.cancelled_ctx = &looks;
	assert_int_equal(http_call(&c, &a, NULL), ERR_CANCELLED);
}

static void a_late_answer_is_the_worlds_failure(void **state)
{
	struct http_call c = call_of(state, "GET", "/slow");
	struct http_answer a;
	struct err e = {0};

	c.timeout_ms = 300;
	assert_int_equal(http_call(&c, &a, &e), ERR_WORLD);
	assert_non_null(strstr(e.text, "127.0.0.1:"));
	assert_null(strstr(e.text, "/slow"));
}

static void no_server_is_the_worlds_failure(void **state)
{
	struct place *p = *state;
	struct http_call c = call_of(state, "GET", "/v1/echo/1");
	struct http_answer a;

	/* A connection that is kept is found dead, not used. */
	c.lines = http_lines_new();
	assert_int_equal(http_call(&c, &a, NULL), 0);
	http_answer_release(&a);
	http_server_free(p->server, 1000);
	assert_int_equal(http_call(&c, &a, NULL), ERR_WORLD);
	http_lines_free(c.lines);
	p->server = NULL;
}

static void lines_serve_one_call_after_another_also_after_a_failure(
	void **state)
{
	struct http_call good = call_of(state, "POST", "/v1/echo/1"), bad;
	struct http_lines *lines = http_lines_new();
	json_t *body = json_pack("{s:i}", "n", 1), *got;
	struct http_answer a;

	good.lines = lines;
	for (int i = 0; i < 3; i++) {
		good.json = i == 1 ? body : NULL;
		assert_int_equal(http_call_json(&good, &got, NULL, NULL), 0);
		assert_int_equal(
			json_object_size(json_object_get(got, "body")), i == 1);
		json_decref(got);
		bad = good;
		bad.url = "http://127.0.0.1:1/";
		assert_int_equal(http_call(&bad, &a, NULL), ERR_WORLD);
	}
	json_decref(body);
	http_lines_free(lines);
	http_lines_free(NULL);
}

/* A server that takes one connection, reads a little, sends `text`, leaves. */
struct rude {
	int listener;
	const char *text;
};

static void *be_rude(void *p)
{
	struct rude *r = p;
	int fd = accept(r->listener, NULL, NULL);
	char request[4096];

	if (recv(fd, request, sizeof request, 0) > 0)
		send(fd, r->text, strlen(r->text), MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static void an_answer_cut_off_is_the_worlds_failure(void **state)
{
	static const char *const texts[] = {"", "HTTP/1.1 200 OK\r\nConte",
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct sockaddr_in at = {.sin_family = AF_INET};
		struct rude r = {socket(AF_INET, SOCK_STREAM, 0), texts[i]};
		struct http_call c = {.method = "GET", .timeout_ms = 5000};
		socklen_t n = sizeof at;
		struct http_answer a;
		pthread_t thread;
		char url[64];

		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		bind(r.listener, (struct sockaddr *)&at, n);
		listen(r.listener, 1);
		getsockname(r.listener, (struct sockaddr *)&at, &n);
		pthread_create(&thread, NULL, be_rude, &r);
		snprintf(url, sizeof url, "http://127.0.0.1:%d/",
			ntohs(at.sin_port));
		c.url = url;
		assert_int_equal(http_call(&c, &a, NULL), ERR_WORLD);
		pthread_join(thread, NULL);
		close(r.listener);
	}
}

/* -- two servers, of which one leads -- */

static char leader[64];

static int sent_to_leader(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)ctx;
	(void)q;
	if (leader[0])
		http_reply_elsewhere(r, leader, "another leads");
	return leader[0] != '\0';
}

static void a_led_route_is_answered_by_the_one_that_leads(void **state)
{
	const struct http_options o = {.service = "test",
		.bind = "127.0.0.1",
		.access = access_of_test,
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.elsewhere = sent_to_leader,
		.log = &quiet};
	struct http_server *second = http_server_new(&o, NULL);
	json_t *sent = json_pack("{s:f}", "rate", 0.28), *got;
	struct http_call c = call_of(state, "PUT", "/v1/led/a%2Fb?a=%20c");
	char url[200], expected[300];
	struct http_answer a;

	assert_non_null(second);
	snprintf(leader, sizeof leader, "http://127.0.0.1:%d",
		http_server_port(((struct place *)*state)->server));
	snprintf(url, sizeof url, "http://127.0.0.1:%d/v1/led/a%%2Fb?a=%%20c",
		http_server_port(second));
	snprintf(expected, sizeof expected, "%s/v1/led/a%%2Fb?a=%%20c", leader);
	c.url = url;
	c.json = sent;

	/* Who does not follow is told where. */
	assert_int_equal(http_call(&c, &a, NULL), 0);
	assert_int_equal(a.status, 307);
	assert_string_equal(a.location, expected);
	assert_non_null(strstr(a.body, "another leads"));
	http_answer_release(&a);

	/* Who does arrives with body and token. */
	c.follow = 1;
	assert_int_equal(http_call_json(&c, &got, NULL, NULL), 0);
	assert_string_equal(text_of(got, "id"), "a/b");
	assert_true(json_equal(json_object_get(got, "body"), sent));
	json_decref(got);

	/* Other routes are its own, and this one too once it leads. */
	leader[0] = '\0';
	c.follow = 0;
	assert_int_equal(http_call_json(&c, &got, NULL, NULL), 0);
	json_decref(got);
	json_decref(sent);
	http_server_free(second, 5000);
}

static void a_circle_of_servers_ends(void **state)
{
	const struct http_options o = {.service = "test",
		.bind = "127.0.0.1",
		.access = access_of_test,
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.elsewhere = sent_to_leader,
		.log = &quiet};
	struct http_server *second = http_server_new(&o, NULL);
	struct http_call c = call_of(state, "PUT", "/v1/led/a");
	char url[200];
	struct http_answer a;

	assert_non_null(second);
	snprintf(leader, sizeof leader, "http://127.0.0.1:%d",
		http_server_port(second));
	snprintf(url, sizeof url, "%s/v1/led/a", leader);
	c.url = url;
	c.follow = 1;
	assert_int_equal(http_call(&c, &a, NULL), ERR_WORLD);
	leader[0] = '\0';
	http_server_free(second, 5000);
}

#define ON(test) cmocka_unit_test_setup_teardown(test, start, stop)
#define STRICT(test) cmocka_unit_test_setup_teardown(test, start_strict, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(each_method_arrives_with_its_body),
		ON(bytes_arrive_as_they_are),
		ON(an_answer_has_its_status_type_and_etag),
		ON(an_encoded_segment_arrives_as_it_was),
		ON(a_refusal_brings_code_sentence_and_pointer),
		ON(an_answer_that_is_no_object_is_the_worlds_failure),
		ON(an_answer_over_its_limit_is_too_big),
		ON(a_redirect_is_not_followed),
		ON(a_led_route_is_answered_by_the_one_that_leads),
		ON(a_circle_of_servers_ends),
		ON(proxies_of_the_environment_are_not_used),
		ON(a_file_is_not_fetched),
		ON(a_caller_may_lose_interest),
		STRICT(who_asks_too_often_is_heard_later),
		STRICT(who_waits_to_be_heard_may_lose_interest),
		ON(a_late_answer_is_the_worlds_failure),
		ON(no_server_is_the_worlds_failure),
		ON(lines_serve_one_call_after_another_also_after_a_failure),
		cmocka_unit_test(an_answer_cut_off_is_the_worlds_failure),
	};

	http_client_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
