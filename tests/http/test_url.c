/* test_url.c -- base URLs, taken apart and made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/url.h"

static void a_url_is_scheme_host_and_port_alone(void **state)
{
	struct http_place p;

	(void)state;
	assert_int_equal(http_url("http://example.org:5001/", &p, NULL), 0);
	assert_string_equal(p.host, "example.org");
	assert_int_equal(p.port, 5001);
	assert_false(p.tls);
	assert_int_equal(http_url("http://[::1]:81", &p, NULL), 0);
	assert_string_equal(p.host, "::1");
	assert_int_equal(http_url("http://a", &p, NULL), 0);
	assert_int_equal(p.port, 80);
	assert_int_equal(http_url("https://a", &p, NULL), 0);
	assert_int_equal(p.port, 443);
	assert_true(p.tls);
}

static void what_is_no_such_url_is_refused(void **state)
{
	static const char *const wrong[] = {"", "example.org:5001",
		"ftp://example.org", "http://", "http://:5001", "http://a:0",
		"http://a:65536", "http://a:99999999999999999999",
		"http://a:5001/v1", "http://a:50x", "http://[::1",
		"http://a:+1", "http://a b:80", "http://u@h:80", "https:/a"};
	struct http_place p;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(http_url(wrong[i], &p, NULL), ERR_INVALID);
}

static void a_url_that_is_made_is_one(void **state)
{
	static const struct http_place places[] = {{0, "127.0.0.1", 65535},
		{1, "::1", 443}, {1, "example.org", 5001}};
	char url[HTTP_URL_BYTES];
	struct http_place p;

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		http_url_of(&places[i], url);
		assert_int_equal(http_url(url, &p, NULL), 0);
		assert_string_equal(p.host, places[i].host);
		assert_int_equal(p.port, places[i].port);
		assert_int_equal(p.tls, places[i].tls);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_is_scheme_host_and_port_alone),
		cmocka_unit_test(what_is_no_such_url_is_refused),
		cmocka_unit_test(a_url_that_is_made_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
