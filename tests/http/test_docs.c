/* test_docs.c -- health, the OpenAPI documents and Swagger UI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/docs.h"
#include "wire.h"

#define CLOSE "Host: localhost\r\nConnection: close\r\n"

static const struct log quiet = {"test", LOG_ERROR};
static const struct http_route routes[] = {DOCS_ROUTES};

struct service {
	struct docs docs; /* first, as docs.h asks */
	int ready;
	struct http_server *server;
};

static int ready(void *ctx, struct err *why_not)
{
	struct service *s = ctx;

	return s->ready ? 0 : err_set(why_not, ERR_BUSY, "not yet");
}

static struct service *serve(const char *name)
{
	struct service *s = calloc(1, sizeof *s);
	const struct http_options o = {.service = name,
		.bind = "127.0.0.1",
		.token = "s3cret",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.ctx = s,
		.log = &quiet};

	s->docs = (struct docs){name, ready};
	s->ready = 1;
	s->server = http_server_new(&o, NULL);
	assert_non_null(s->server);
	return s;
}

static int start(void **state)
{
	*state = serve("broker");
	return 0;
}

static int stop(void **state)
{
	struct service *s = *state;

	http_server_free(s->server, 1000);
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
	expect(state, "/healthz", "", 200, "{\"status\":\"ok\"}");
}

static void readiness_is_the_services_to_say(void **state)
{
	struct service *s = *state;

	expect(state, "/readyz", "", 200, "{\"status\":\"ready\"}");
	s->ready = 0;
	expect(state, "/readyz", "", 503, "{\"error\":\"not yet\"}");
	s->docs.ready = NULL;
	expect(state, "/readyz", "", 200, "{\"status\":\"ready\"}");
}

/* True if every "$ref" below `v` names something in `doc`. */
static int references_resolve(const json_t *doc, const json_t *v)
{
	const char *ref = json_string_value(json_object_get(v, "$ref"));
	const char prefix[] = "#/components/schemas/";
	const json_t *item;
	const char *key;
	size_t i;

	if (ref && strncmp(ref, "#/components/", 13) != 0)
		return 0;
	if (ref && strncmp(ref, prefix, sizeof prefix - 1) == 0 &&
		!json_object_get(
			json_object_get(
				json_object_get(doc, "components"), "schemas"),
			ref + sizeof prefix - 1))
		return 0;
	json_object_foreach((json_t *)v, key, item)
		if (!references_resolve(doc, item))
			return 0;
	json_array_foreach(v, i, item)
		if (!references_resolve(doc, item))
			return 0;
	return 1;
}

static void each_service_describes_itself_in_one_document(void **state)
{
	static const char *const names[] = {"broker", "genome", "evolutioner"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct service *s = serve(names[i]);
		char *answer = get(s, "/openapi.json", "");
		json_t *doc = json_loads(wire_body(answer), 0, NULL);
		const char *openapi = json_string_value(
			json_object_get(doc, "openapi"));
		const char *version = json_string_value(json_object_get(
			json_object_get(doc, "info"), "version"));

		assert_non_null(doc);
		assert_memory_equal(openapi, "3.1", 3);
		assert_string_equal(version, NEVOD_VERSION);
		assert_true(
			json_object_size(json_object_get(doc, "paths")) > 0);
		assert_true(references_resolve(doc, doc));
		json_decref(doc);
		free(answer);
		http_server_free(s->server, 1000);
		free(s);
	}
}

static void swagger_ui_comes_from_the_service_itself(void **state)
{
	expect(state, "/docs", "", 200, "docs/swagger-ui-bundle.js");
	expect(state, "/docs", "", 200, "text/html");
	expect(state, "/docs/init.js", "", 200, "SwaggerUIBundle");
	expect(state, "/docs/swagger-ui.css", "", 200, "text/css");
	expect(state, "/docs/swagger-ui-bundle.js", "", 200, "javascript");
	expect(state, "/docs/favicon-32x32.png", "", 200, "image/png");
	expect(state, "/docs/nothing.js", "", 404, "{\"error\":");
	expect(state, "/docs/..%2Fopenapi%2Fbroker.json", "", 404, "error");
}

static void pages_may_load_nothing_from_elsewhere(void **state)
{
	char *answer = get(*state, "/docs", "");
	const char *policy = strstr(answer, "Content-Security-Policy: ");

	assert_non_null(policy);
	assert_non_null(strstr(policy, "default-src 'none'"));
	assert_null(strstr(policy, "unsafe"));
	assert_null(strstr(policy, "http:"));
	assert_null(strstr(wire_body(answer), "//"));
	free(answer);
}

static void who_takes_gzip_gets_it_and_others_the_same_plain(void **state)
{
	char *packed = get(*state, "/docs/swagger-ui-bundle.js",
		"Accept-Encoding: br, gzip\r\n");
	char *plain = get(*state, "/docs/swagger-ui-bundle.js", "");

	assert_non_null(strstr(packed, "Content-Encoding: gzip"));
	assert_memory_equal(wire_body(packed), "\x1f\x8b", 2);
	assert_null(strstr(plain, "Content-Encoding"));
	assert_non_null(strstr(plain, "Vary: Accept-Encoding"));
	assert_true(strlen(wire_body(plain)) > 1000000);
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
		ON(each_service_describes_itself_in_one_document),
		ON(swagger_ui_comes_from_the_service_itself),
		ON(pages_may_load_nothing_from_elsewhere),
		ON(who_takes_gzip_gets_it_and_others_the_same_plain),
		ON(a_known_page_is_a_304_without_a_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
