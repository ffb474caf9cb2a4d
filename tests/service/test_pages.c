/* test_pages.c -- the OpenAPI documents and Swagger UI that are built in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/pages/pages.h"
#include "wire.h"

static const struct log quiet = {.service = "test", .level = LOG_ERROR};
static const struct http_route routes[] = {DOCS_ROUTES};

/* What a server at work has beside its pages is not needed here. */
static struct http_server *serve(struct docs *d, const char *service)
{
	const struct http_options o = {.service = service,
		.bind = "127.0.0.1",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.ctx = d,
		.log = &quiet};
	struct http_server *s;

	*d = pages_docs(service);
	s = http_server_new(&o, NULL);
	assert_non_null(s);
	return s;
}

static char *get(const struct http_server *s, const char *path)
{
	char text[256];

	snprintf(text, sizeof text,
		"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: "
		"close\r\n\r\n",
		path);
	return wire_ask(http_server_port(s), text);
}

static void expect(const struct http_server *s, const char *path, int status,
	const char *part)
{
	char *answer = get(s, path);

	if (wire_status(answer) != status || !strstr(answer, part))
		fail_msg("wanted %d and %s of %s, got %.600s", status, part,
			path, answer);
	free(answer);
}

static void each_service_describes_itself_in_one_document(void **state)
{
	static const char *const names[] = {"broker", "genome", "evolutioner"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct docs docs;
		struct http_server *s = serve(&docs, names[i]);
		char *answer = get(s, "/openapi.json");
		json_t *doc = json_loads(wire_body(answer), 0, NULL);
		const json_t *info = json_object_get(doc, "info");
		const json_t *paths = json_object_get(doc, "paths");

		assert_non_null(doc);
		assert_memory_equal(
			json_string_value(json_object_get(doc, "openapi")),
			"3.1", 3);
		assert_string_equal(
			json_string_value(json_object_get(info, "version")),
			NEVOD_VERSION);
		assert_true(json_object_size(paths) > 0);
		json_decref(doc);
		free(answer);
		http_server_free(s, 1000);
	}
}

static void swagger_ui_comes_from_the_service_itself(void **state)
{
	struct docs docs;
	struct http_server *s = serve(&docs, "broker");
	char *page = get(s, "/docs"), *script;

	(void)state;
	expect(s, "/docs", 200, "docs/swagger-ui-bundle.js");
	expect(s, "/docs", 200, "text/html");
	expect(s, "/docs/init.js", 200, "SwaggerUIBundle");
	expect(s, "/docs/swagger-ui.css", 200, "text/css");
	expect(s, "/docs/favicon-32x32.png", 200, "image/png");
	assert_null(strstr(wire_body(page), "//"));
	script = get(s, "/docs/swagger-ui-bundle.js");
	assert_non_null(strstr(script, "javascript"));
	assert_true(strlen(wire_body(script)) > 1000000);
	free(script);
	free(page);
	http_server_free(s, 1000);
}

static void each_service_says_at_home_what_it_is(void **state)
{
	static const char *const names[] = {"broker", "genome", "evolutioner"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct docs docs;
		struct http_server *s = serve(&docs, names[i]);

		expect(s, "/", 200, "<title>nevod");
		http_server_free(s, 1000);
	}
}

static void a_service_shows_no_other_services_document(void **state)
{
	struct docs docs;
	struct http_server *s = serve(&docs, "broker");

	(void)state;
	expect(s, "/openapi/genome.json", 404, "error");
	expect(s, "/docs/..%2Fopenapi%2Fgenome.json", 404, "error");
	http_server_free(s, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_service_describes_itself_in_one_document),
		cmocka_unit_test(swagger_ui_comes_from_the_service_itself),
		cmocka_unit_test(each_service_says_at_home_what_it_is),
		cmocka_unit_test(a_service_shows_no_other_services_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
