/* test_address.c -- addresses that a stranger's URL may lead to, and the server
 * that a URL leads to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "http/address.h"
#include "http/download.h"

static int is_public(const char *text)
{
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return http_address_public((const struct sockaddr *)&four);
	assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
	return http_address_public((const struct sockaddr *)&six);
}

static void nets_of_ones_own_are_not_public(void **state)
{
	static const char *const own[] = {"127.0.0.1", "127.255.0.9", "0.0.0.0",
		"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.9.9",
		"169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1",
		"255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12::1",
		"ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"64:ff9b::10.0.0.1", "2002:0a00:0001::1", "2001::1"};

	(void)state;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (is_public(own[i]))
			fail_msg("%s is taken for a public address", own[i]);
}

static void everybodys_nets_are_public(void **state)
{
	static const char *const all[] = {"1.1.1.1", "172.15.255.255",
		"172.32.0.1", "100.128.0.1", "192.167.0.1", "223.255.255.1",
		"2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
		"2001:4860::8888"};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!is_public(all[i]))
			fail_msg("%s is taken for a private address", all[i]);
}

static void a_url_names_its_server(void **state)
{
	struct http_place p;

	(void)state;
	assert_int_equal(http_place_of("https://Example.ORG/a?b", &p, NULL), 0);
	assert_string_equal(p.host, "example.org");
	assert_true(p.port == 443 && p.secure);
	assert_int_equal(http_place_of("http://[::1]:81/", &p, NULL), 0);
	assert_string_equal(p.host, "::1");
	assert_true(p.port == 81 && !p.secure);
	/* As those who connect understand it. */
	assert_int_equal(http_place_of("http://0x7f.1/", &p, NULL), 0);
	assert_string_equal(p.host, "127.0.0.1");
}

static void what_is_no_url_of_http_is_refused(void **state)
{
	static const char *const wrong[] = {"file:///etc/passwd", "ftp://a/b",
		"http://u@a/b", "http://u:p@a/b", "a/b", "", "gopher://a:70/"};
	struct http_place p;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (http_place_of(wrong[i], &p, NULL) != ERR_INVALID)
			fail_msg("'%s' is taken for a URL", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nets_of_ones_own_are_not_public),
		cmocka_unit_test(everybodys_nets_are_public),
		cmocka_unit_test(a_url_names_its_server),
		cmocka_unit_test(what_is_no_url_of_http_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
