/* test_routes.c -- every route is in its service's OpenAPI document, and every
 * operation of the document has a route. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/words.h"
#include "service/broker/broker.h"
#include "service/evolutioner/evolutioner_service.h"
#include "service/genome/genome_service.h"
#include "service/pages/pages.h"

#define DOCUMENT_MAX ((size_t)8 << 20)

static json_t *document(const char *service)
{
	char *text = malloc(DOCUMENT_MAX);
	const struct asset *a = pages_docs(service).openapi;
	json_t *doc;
	z_stream z = {
		.next_out = (unsigned char *)text, .avail_out = DOCUMENT_MAX};

	assert_non_null(a);
	z.next_in = (unsigned char *)a->gzip;
	z.avail_in = (unsigned)a->n;
	assert_int_equal(inflateInit2(&z, 16 + MAX_WBITS), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	doc = json_loadb(text, z.total_out, JSON_REJECT_DUPLICATES, NULL);
	inflateEnd(&z);
	free(text);
	assert_non_null(doc);
	return doc;
}

static int is_method(const char *key)
{
	static const char *const methods[] = {
		"get", "put", "post", "delete", "patch", "head", "options"};

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(key, methods[i]) == 0)
			return 1;
	return 0;
}

static int served(const struct http_route *routes, size_t n, const char *method,
	const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(routes[i].method, method) == 0 &&
			strcmp(routes[i].path, path) == 0)
			return 1;
	return 0;
}

static const json_t *operation(const json_t *doc, const struct http_route *r)
{
	char method[16] = "";

	for (size_t i = 0; r->method[i] && i < sizeof method - 1; i++)
		method[i] = (char)tolower((unsigned char)r->method[i]);
	return json_object_get(
		json_object_get(json_object_get(doc, "paths"), r->path),
		method);
}

/* The document says that a legacy path also answers under /api. */
static int names_api(const json_t *doc, const char *path)
{
	const json_t *servers = json_object_get(
		json_object_get(json_object_get(doc, "paths"), path),
		"servers");
	size_t i;
	json_t *s;

	json_array_foreach(servers, i, s)
		if (strcmp(json_string_value(json_object_get(s, "url")),
			    "/api") == 0)
			return 1;
	return 0;
}

/* The route declares the query parameters of its operation, and no other. */
static void compare_query(const json_t *op, const struct http_route *r)
{
	const char *list = r->query, *name;
	size_t declared = 0, i, n;
	json_t *p;

	while (list && words_next(&list, &n))
		declared++;
	json_array_foreach(json_object_get(op, "parameters"), i, p) {
		name = json_string_value(json_object_get(p, "name"));
		if (strcmp(json_string_value(json_object_get(p, "in")),
			    "query") != 0)
			continue;
		if (!r->query || !words_have(r->query, name, strlen(name)))
			fail_msg("%s %s does not declare the parameter %s",
				r->method, r->path, name);
		declared--;
	}
	if (declared)
		fail_msg("%s %s declares a parameter that the document has not",
			r->method, r->path);
}

static void compare(
	const char *service, const struct http_route *routes, size_t n)
{
	json_t *doc = document(service), *paths = json_object_get(doc, "paths");
	json_t *item, *op;
	const char *path, *key;

	for (size_t i = 0; i < n; i++) {
		if (!operation(doc, &routes[i]))
			fail_msg("%s: %s %s is not in the document", service,
				routes[i].method, routes[i].path);
		compare_query(operation(doc, &routes[i]), &routes[i]);
		assert_int_equal(names_api(doc, routes[i].path),
			(routes[i].flags & HTTP_LEGACY) != 0);
	}
	json_object_foreach(paths, path, item)
		json_object_foreach(item, key, op)
			if (is_method(key) && !served(routes, n, key, path))
				fail_msg("%s: nothing serves %s %s", service,
					key, path);
	json_decref(doc);
}

static void the_broker_serves_what_it_documents(void **state)
{
	size_t n;
	const struct http_route *routes = broker_routes(&n);

	(void)state;
	compare("broker", routes, n);
}

static void the_genome_service_serves_what_it_documents(void **state)
{
	size_t n;
	const struct http_route *routes = genome_service_routes(&n);

	(void)state;
	compare("genome", routes, n);
}

static void the_evolutioner_serves_what_it_documents(void **state)
{
	size_t n;
	const struct http_route *routes = evolutioner_routes(&n);

	(void)state;
	compare("evolutioner", routes, n);
}

/* What a reference such as "#/components/schemas/Run" is to, or NULL. */
static const json_t *referred(const json_t *doc, const char *ref)
{
	const char *step = ref + 1;

	assert_int_equal(ref[0], '#');
	while (*step == '/') {
		size_t n = strcspn(++step, "/");

		doc = json_object_getn(doc, step, n);
		step += n;
	}
	return doc;
}

/* Every reference within a document leads somewhere. */
static void check_references(const json_t *doc, const json_t *v)
{
	const char *ref = json_string_value(json_object_get(v, "$ref")), *key;
	json_t *member;
	size_t i;

	if (ref)
		assert_non_null(referred(doc, ref));
	json_object_foreach((json_t *)v, key, member)
		check_references(doc, member);
	json_array_foreach(v, i, member)
		check_references(doc, member);
}

static void every_reference_in_a_document_leads_somewhere(void **state)
{
	static const char *const services[] = {
		"broker", "genome", "evolutioner"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		json_t *doc = document(services[i]);

		assert_string_equal(
			json_string_value(json_object_get(doc, "openapi")),
			"3.1.0");
		check_references(doc, doc);
		json_decref(doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_broker_serves_what_it_documents),
		cmocka_unit_test(the_genome_service_serves_what_it_documents),
		cmocka_unit_test(the_evolutioner_serves_what_it_documents),
		cmocka_unit_test(every_reference_in_a_document_leads_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
