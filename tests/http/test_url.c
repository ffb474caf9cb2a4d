/* test_url.c -- base URLs, taken apart and made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/url.h"

static void a_url_is_host_and_port_alone(void **state)
{
	char host[HTTP_HOST_BYTES];
	int port;

	(void)state;
	assert_int_equal(
		http_url("http://example.org:5001/", host, &port, NULL), 0);
	assert_string_equal(host, "example.org");
	assert_int_equal(port, 5001);
	assert_int_equal(http_url("http://[::1]:80", host, &port, NULL), 0);
	assert_string_equal(host, "::1");
	assert_int_equal(http_url("http://a", host, &port, NULL), 0);
	assert_int_equal(port, 80);
}

static void what_is_no_such_url_is_refused(void **state)
{
	static const char *const wrong[] = {"", "example.org:5001",
		"https://example.org", "http://", "http://:5001", "http://a:0",
		"http://a:65536", "http://a:99999999999999999999",
		"http://a:5001/v1", "http://a:50x", "http://[::1",
		"http://a:+1", "http://a b:80", "http://u@h:80"};
	char host[HTTP_HOST_BYTES];
	int port;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(
			http_url(wrong[i], host, &port, NULL), ERR_INVALID);
}

static void a_url_that_is_made_is_one(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "::1", "example.org"};
	char url[HTTP_URL_BYTES], host[HTTP_HOST_BYTES];
	int port;

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		http_url_of(hosts[i], 65535, url);
		assert_int_equal(http_url(url, host, &port, NULL), 0);
		assert_string_equal(host, hosts[i]);
		assert_int_equal(port, 65535);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_is_host_and_port_alone),
		cmocka_unit_test(what_is_no_such_url_is_refused),
		cmocka_unit_test(a_url_that_is_made_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
