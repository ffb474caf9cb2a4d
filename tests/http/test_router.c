/* test_router.c -- which route a path means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/router.h"

static const struct http_route routes[] = {
	{"GET", "/", NULL, 0, 0, NULL},
	{"GET", "/v1/runs", NULL, 0, 0, NULL},
	{"POST", "/v1/runs", NULL, 0, 0, NULL},
	{"GET", "/v1/runs/latest", NULL, 0, 0, NULL},
	{"GET", "/v1/runs/{uuid}", NULL, 0, 0, NULL},
	{"GET", "/v1/runs/{uuid}/genomes/{id}.svg", NULL, 0, 0, NULL},
	{"GET", "/v1/runs/{uuid}/genomes/{id}", NULL, 0, 0, NULL},
	{"DELETE", "/v1/jobs/{id}", NULL, 0, 0, NULL},
	{"POST", "/create_child", NULL, HTTP_LEGACY, 0, NULL},
};

struct found {
	int code, index; /* index -1 without a route */
	struct route_match m;
	struct arena mem;
};

static struct found ask(const char *method, const char *path)
{
	struct found f = {.index = -1};

	arena_init(&f.mem, 1 << 20);
	f.code = route_find(routes, sizeof routes / sizeof *routes, method,
		path, &f.mem, &f.m, NULL);
	if (f.m.route)
		f.index = (int)(f.m.route - routes);
	return f;
}

static void expect(const char *method, const char *path, int code, int index)
{
	struct found f = ask(method, path);

	assert_int_equal(f.code, code);
	assert_int_equal(f.index, index);
	arena_release(&f.mem);
}

static void the_first_route_that_matches_answers(void **state)
{
	(void)state;
	expect("GET", "/", 0, 0);
	expect("GET", "/v1/runs", 0, 1);
	expect("POST", "/v1/runs", 0, 2);
	expect("GET", "/v1/runs/latest", 0, 3);
	expect("GET", "/v1/runs/other", 0, 4);
	expect("HEAD", "/v1/runs", 0, 1);
}

static void a_path_is_matched_whole(void **state)
{
	static const char *const none[] = {"", "/v1", "/v1/runs/", "/v1/run",
		"/v1/runs2", "//v1/runs", "/v1//runs", "/v1/runs/a/genomes",
		"/v1/runs//genomes/1", "/v1/jobs/", "v1/runs", "/V1/runs"};

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		expect("GET", none[i], ERR_NOT_FOUND, -1);
}

static void only_legacy_routes_answer_under_api(void **state)
{
	(void)state;
	expect("POST", "/create_child", 0, 8);
	expect("POST", "/api/create_child", 0, 8);
	expect("POST", "/api/api/create_child", ERR_NOT_FOUND, -1);
	expect("GET", "/api/v1/runs", ERR_NOT_FOUND, -1);
}

static void another_method_is_told_which_are_served(void **state)
{
	struct found f = ask("PUT", "/v1/runs");

	(void)state;
	assert_int_equal(f.code, ERR_CONFLICT);
	assert_string_equal(f.m.allow, "GET, HEAD, POST");
	arena_release(&f.mem);
	f = ask("GET", "/v1/jobs/7");
	assert_int_equal(f.code, ERR_CONFLICT);
	assert_string_equal(f.m.allow, "DELETE");
	arena_release(&f.mem);
}

static void a_slash_that_came_escaped_stays_in_its_parameter(void **state)
{
	struct found f = ask("DELETE", "/v1/jobs/r%2F0%2f7");

	(void)state;
	assert_int_equal(f.code, 0);
	assert_int_equal(f.m.n_params, 1);
	assert_string_equal(f.m.params[0].value, "r/0/7");
	arena_release(&f.mem);
}

static void each_parameter_has_its_name(void **state)
{
	struct found f = ask("GET", "/v1/runs/a%20b+c/genomes/12");

	(void)state;
	assert_int_equal(f.index, 6);
	assert_int_equal(f.m.n_params, 2);
	assert_memory_equal(f.m.params[0].name, "uuid", 4);
	assert_int_equal(f.m.params[0].name_bytes, 4);
	assert_string_equal(f.m.params[0].value, "a b+c");
	assert_memory_equal(f.m.params[1].name, "id", 2);
	assert_string_equal(f.m.params[1].value, "12");
	arena_release(&f.mem);
}

static void a_malformed_escape_and_a_nul_are_refused(void **state)
{
	static const char *const bad[] = {"/v1/jobs/%", "/v1/jobs/%4",
		"/v1/jobs/%zz", "/v1/jobs/a%00b", "/v1/jobs/%%41"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect("DELETE", bad[i], ERR_INVALID, -1);
}

/* Text after a parameter belongs to the pattern, not to its value. */
static void a_parameter_ends_where_its_suffix_begins(void **state)
{
	struct found f = ask("GET", "/v1/runs/r/genomes/12.svg");

	(void)state;
	assert_int_equal(f.index, 5);
	assert_string_equal(f.m.params[1].value, "12");
	assert_int_equal(f.m.params[1].name_bytes, 2);
	arena_release(&f.mem);
	expect("GET", "/v1/runs/r/genomes/12.png", 0, 6);
	expect("GET", "/v1/runs/r/genomes/.svg", 0, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_route_that_matches_answers),
		cmocka_unit_test(a_path_is_matched_whole),
		cmocka_unit_test(only_legacy_routes_answer_under_api),
		cmocka_unit_test(another_method_is_told_which_are_served),
		cmocka_unit_test(
			a_slash_that_came_escaped_stays_in_its_parameter),
		cmocka_unit_test(each_parameter_has_its_name),
		cmocka_unit_test(a_malformed_escape_and_a_nul_are_refused),
		cmocka_unit_test(a_parameter_ends_where_its_suffix_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
