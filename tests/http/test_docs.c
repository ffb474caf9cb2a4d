/* test_docs.c -- health, and pages that a service hands over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "http/docs.h"
#include "wire.h"

#define CLOSE "Host: localhost\r\nConnection: close\r\n"

static const struct log quiet = {.service = "test", .level = LOG_ERROR};
static const struct http_route routes[] = {
	{"GET", "/assets/{file}", docs_home_asset, HTTP_OPEN, 0, NULL},
	DOCS_ROUTES,
};

#define PAGE "<!doctype html><title>a page</title>"
#define HOME "<!doctype html><title>at home</title>"
#define CODE "console.log('a page');"
#define OPENAPI "{\"openapi\":\"3.1.0\"}"
#define ASSETS 5
#define GZIP_BYTES 200

struct service {
	struct docs docs; /* first, as docs.h asks */
	struct asset assets[ASSETS];
	unsigned char gzip[ASSETS][GZIP_BYTES];
	int ready;
	struct http_server *server;
};

static int ready(void *ctx, struct err *why_not)
{
	struct service *s = ctx;

	return s->ready ? 0 : err_set(why_not, ERR_BUSY, "not yet");
}

static void add_asset(
	struct service *s, const char *path, const char *type, const char *text)
{
	size_t i = s->docs.n_assets++;
	z_stream z = {.next_in = (unsigned char *)text,
		.avail_in = (unsigned)strlen(text),
		.next_out = s->gzip[i],
		.avail_out = GZIP_BYTES};

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8,
				 Z_DEFAULT_STRATEGY),
		Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	s->assets[i] = (struct asset){path, type, s->gzip[i], z.total_out};
	deflateEnd(&z);
}

static struct http_access *access_of_test;

static int start(void **state)
{
	struct service *s = calloc(1, sizeof *s);
	const struct http_options o = {.service = "test",
		.bind = "127.0.0.1",
		.access = access_of_test = http_access_of("s3cret"),
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.ctx = s,
		.log = &quiet};

	s->docs = (struct docs){
		.service = "broker", .assets = s->assets, .ready = ready};
	add_asset(s, "/docs", "text/html; charset=utf-8", PAGE);
	add_asset(s, "/docs/code.js", "text/javascript", CODE);
	add_asset(s, "/openapi/a.json", "application/json", OPENAPI);
	s->docs.openapi = &s->assets[2];
	add_asset(s, "/home/a.html", "text/html", HOME);
	add_asset(s, "/assets/a-1234.js", "text/javascript", CODE);
	s->docs.home = &s->assets[3];
	s->ready = 1;
	s->server = http_server_new(&o, NULL);
	assert_non_null(s->server);
	*state = s;
	return 0;
}

static int stop(void **state)
{
	struct service *s = *state;

	http_server_free(s->server, 1000);
	http_access_free(access_of_test);
	free(s);
	return 0;
}

static char *get(const struct service *s, const char *path, const char *headers)
{
	char text[1024];

	snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" CLOSE "%s\r\n", path,
		headers);
	return wire_ask(http_server_port(s->server), text);
}

static void expect(void **state, const char *path, const char *headers,
	int status, const char *part)
{
	char *answer = get(*state, path, headers);

	if (wire_status(answer) != status || !strstr(answer, part))
		fail_msg("wanted %d and %s of %s, got %.600s", status, part,
			path, answer);
	free(answer);
}

static void health_is_open_and_says_ok(void **state)
{
	expect(state, "/healthz", "", 200,
		"{\"status\":\"ok\",\"service\":\"broker\"}");
}

static void readiness_is_the_services_to_say(void **state)
{
	struct service *s = *state;

	expect(state, "/readyz", "", 200,
		"{\"status\":\"ready\",\"service\":\"broker\"}");
	s->ready = 0;
	expect(state, "/readyz", "", 503,
		"{\"type\":\"about:blank\",\"title\":\"Service Unavailable\","
		"\"status\":503,\"detail\":\"not yet\","
		"\"error\":\"not yet\"}");
	s->docs.ready = NULL;
	expect(state, "/readyz", "", 200,
		"{\"status\":\"ready\",\"service\":\"broker\"}");
}

static void pages_are_those_of_the_services_table(void **state)
{
	expect(state, "/docs", "", 200, PAGE);
	expect(state, "/docs", "", 200, "text/html");
	expect(state, "/docs/code.js", "", 200, CODE);
	expect(state, "/docs/code.js", "", 200, "text/javascript");
	expect(state, "/openapi.json", "", 200, OPENAPI);
	expect(state, "/docs/nothing.js", "", 404, "{\"error\":");
	expect(state, "/docs/..%2Fopenapi%2Fa.json", "", 404, "error");
}

static void a_home_page_is_asked_for_again_and_its_files_are_not(void **state)
{
	expect(state, "/", "", 200, HOME);
	expect(state, "/", "", 200, "Cache-Control: no-cache");
	expect(state, "/assets/a-1234.js", "", 200, CODE);
	expect(state, "/assets/a-1234.js", "", 200, "immutable");
	expect(state, "/assets/a-9999.js", "", 404, "error");
	expect(state, "/assets/..%2Fdocs%2Fcode.js", "", 404, "error");
}

static void a_service_without_pages_has_none(void **state)
{
	struct service *s = *state;

	s->docs = (struct docs){.service = "broker", .ready = NULL};
	expect(state, "/", "", 404, "no such page");
	expect(state, "/docs", "", 404, "no such page");
	expect(state, "/docs/code.js", "", 404, "no such page");
	expect(state, "/openapi.json", "", 404, "no such page");
}

static void pages_may_load_nothing_from_elsewhere(void **state)
{
	char *answer = get(*state, "/docs", "");
	const char *policy = strstr(answer, "Content-Security-Policy: ");

	assert_non_null(policy);
	assert_non_null(strstr(policy, "default-src 'none'"));
	assert_null(strstr(policy, "unsafe"));
	assert_null(strstr(policy, "http:"));
	free(answer);
}

static void who_takes_gzip_gets_it_and_others_the_same_plain(void **state)
{
	char *packed = get(
		*state, "/docs/code.js", "Accept-Encoding: br, gzip\r\n");
	char *plain = get(*state, "/docs/code.js", "");

	assert_non_null(strstr(packed, "Content-Encoding: gzip"));
	assert_memory_equal(wire_body(packed), "\x1f\x8b", 2);
	assert_null(strstr(plain, "Content-Encoding"));
	assert_non_null(strstr(plain, "Vary: Accept-Encoding"));
	assert_string_equal(wire_body(plain), CODE);
	free(packed);
	free(plain);
}

static void a_known_page_is_a_304_without_a_body(void **state)
{
	char *answer = get(*state, "/docs", ""), *again;
	const char *etag = strstr(answer, "ETag: ");
	char headers[128];

	assert_non_null(etag);
	snprintf(headers, sizeof headers, "If-None-Match: %.*s\r\n",
		(int)strcspn(etag + 6, "\r"), etag + 6);
	again = get(*state, "/docs", headers);
	assert_int_equal(wire_status(again), 304);
	assert_string_equal(wire_body(again), "");
	free(again);
	free(answer);
	expect(state, "/docs", "If-None-Match: \"other\"\r\n", 200,
		"<!doctype");
}

#define ON(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(health_is_open_and_says_ok),
		ON(readiness_is_the_services_to_say),
		ON(pages_are_those_of_the_services_table),
		ON(a_home_page_is_asked_for_again_and_its_files_are_not),
		ON(a_service_without_pages_has_none),
		ON(pages_may_load_nothing_from_elsewhere),
		ON(who_takes_gzip_gets_it_and_others_the_same_plain),
		ON(a_known_page_is_a_304_without_a_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
