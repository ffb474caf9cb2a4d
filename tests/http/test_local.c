/* test_local.c -- a request without a socket meets the same routes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "http/local.h"

static int streams_ended;

static void echo(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const char *word = http_query(q, "word");

	assert_string_equal(ctx, "context");
	assert_null(http_header(q, "Accept"));
	assert_false(http_draining(q));
	http_reply_json(r, 201,
		json_pack("{s:s, s:s?, s:O}", "id", http_param(q, "id"), "word",
			word, "body", http_body(q)));
}

static void bytes(void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)ctx;
	(void)q;
	http_reply_bytes(r, 200, "text/plain", "a\0b", 3);
}

static int next(void *stream, char *out, size_t max)
{
	(void)stream;
	(void)out;
	(void)max;
	return -1;
}

static void done(void *stream)
{
	(void)stream;
	streams_ended++;
}

static void stream(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)ctx;
	(void)q;
	http_reply_stream(r, "text/event-stream", next, done, NULL);
}

static struct http_local ask(
	const char *method, const char *target, const json_t *body)
{
	static const struct http_route routes[] = {
		{"POST", "/v1/things/{id}", echo, 0, 0, "word"},
		{"GET", "/v1/bytes", bytes, 0, 0, NULL},
		{"GET", "/v1/stream", stream, 0, 0, NULL},
	};
	static char context[] = "context";
	struct http_options o = {.service = "test",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.ctx = context};
	struct http_local a;

	http_local_ask(&o, method, target, body, &a);
	return a;
}

static void the_handler_reads_path_query_and_body(void **state)
{
	json_t *body = json_pack("{s:i}", "n", 5);
	struct http_local a = ask("POST", "/v1/things/a%2Fb?word=x+y", body);

	(void)state;
	assert_int_equal(a.status, 201);
	assert_string_equal(
		a.body, "{\"id\":\"a/b\",\"word\":\"x y\",\"body\":{\"n\":5}}");
	assert_true(json_equal(json_object_get(a.json, "body"), body));
	http_local_release(&a);
	json_decref(body);
}

static void unknown_paths_and_methods_are_refused(void **state)
{
	struct http_local a = ask("GET", "/v1/nothing", NULL);

	(void)state;
	assert_int_equal(a.status, 404);
	assert_non_null(json_object_get(a.json, "error"));
	http_local_release(&a);
	a = ask("DELETE", "/v1/bytes", NULL);
	assert_int_equal(a.status, 405);
	http_local_release(&a);
}

static void bytes_come_whole(void **state)
{
	struct http_local a = ask("GET", "/v1/bytes", NULL);

	(void)state;
	assert_int_equal(a.status, 200);
	assert_int_equal(a.n, 3);
	assert_memory_equal(a.body, "a\0b", 3);
	assert_null(a.json);
	http_local_release(&a);
}

static void a_stream_is_ended_unread(void **state)
{
	struct http_local a = ask("GET", "/v1/stream", NULL);

	(void)state;
	assert_int_equal(a.status, 200);
	assert_int_equal(a.n, 0);
	assert_int_equal(streams_ended, 1);
	http_local_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_handler_reads_path_query_and_body),
		cmocka_unit_test(unknown_paths_and_methods_are_refused),
		cmocka_unit_test(bytes_come_whole),
		cmocka_unit_test(a_stream_is_ended_unread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
