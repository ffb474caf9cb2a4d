/* test_callers.c -- who is one caller, and what each may take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/callers.h"

#define MIB ((size_t)1 << 20)

static struct caller *of_ipv4(struct callers *s, const char *text)
{
	struct sockaddr_in a = {.sin_family = AF_INET};

	assert_int_equal(inet_pton(AF_INET, text, &a.sin_addr), 1);
	return caller_of_address(s, (const struct sockaddr *)&a);
}

static struct caller *of_ipv6(struct callers *s, const char *text)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6};

	assert_int_equal(inet_pton(AF_INET6, text, &a.sin6_addr), 1);
	return caller_of_address(s, (const struct sockaddr *)&a);
}

static struct callers *start(struct http_limits l)
{
	return callers_new(&l);
}

static void an_address_a_network_or_a_token_is_one_caller(void **state)
{
	struct callers *s = start((struct http_limits){0});
	struct caller *all[] = {of_ipv4(s, "10.0.0.1"), of_ipv4(s, "10.0.0.2"),
		of_ipv6(s, "2001:db8:0:1::1"), of_ipv6(s, "2001:db8:0:2::1"),
		caller_of_token(s, "one"), caller_of_token(s, "two"),
		caller_of_address(s, NULL)};
	struct caller *same[] = {of_ipv4(s, "10.0.0.1"),
		of_ipv6(s, "::ffff:10.0.0.2"),
		of_ipv6(s, "2001:db8:0:1:ffff::9"),
		of_ipv6(s, "2001:db8:0:2::2"), caller_of_token(s, "one"),
		caller_again(s, all[5]), caller_of_address(s, NULL)};
	const size_t n = sizeof all / sizeof *all;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(all[i], same[i]);
		assert_int_equal(caller_count(all[i]), 2);
		for (size_t j = 0; j < i; j++)
			assert_ptr_not_equal(all[i], all[j]);
	}
	for (size_t i = 0; i < n; i++) {
		caller_leave(s, all[i]);
		caller_leave(s, same[i]);
	}
	caller_leave(s, NULL);
	callers_free(s);
	callers_free(NULL);
}

static int take(struct callers *s, struct caller *c, struct load *l,
	size_t body, size_t beyond)
{
	struct err e = {0};
	int rc = caller_take(
		s, c, l, (struct load){.body = body, .beyond = beyond}, &e);

	assert_int_equal(rc == 0, e.text[0] == '\0');
	return rc;
}

static void release(struct callers *s, struct caller *c, struct load *l)
{
	caller_set(s, c, l, (struct load){0});
}

static void one_caller_is_held_to_its_limit_beyond_its_bodies(void **state)
{
	struct callers *s = start((struct http_limits){
		.caller_bytes = 8 * MIB, .all_bytes = 1000 * MIB});
	struct caller *a = of_ipv4(s, "10.0.0.1"), *b = of_ipv4(s, "10.0.0.2");
	struct load first = {0}, second = {0}, third = {0}, other = {0};

	(void)state;
	assert_int_equal(take(s, a, &first, 90 * MIB, 5 * MIB), 0);
	assert_int_equal(take(s, a, &second, 90 * MIB, 3 * MIB), 0);
	assert_int_equal(take(s, a, &third, 0, 1), ERR_BUSY);
	assert_int_equal(take(s, a, &third, 1, 0), 0); /* of its body */
	assert_int_equal(take(s, b, &other, 0, 8 * MIB), 0);
	assert_int_equal(callers_bytes(s), 196 * MIB + 1);
	release(s, a, &second);
	assert_int_equal(take(s, a, &third, 0, 3 * MIB), 0);
	/* What an answer turned out to be counts, however much it is. */
	caller_set(s, a, &third, (struct load){.beyond = 50 * MIB});
	assert_int_equal(take(s, a, &second, 0, 1), ERR_BUSY);
	release(s, a, &first);
	release(s, a, &third);
	release(s, b, &other);
	assert_int_equal(callers_bytes(s), 0);
	caller_leave(s, a);
	caller_leave(s, b);
	callers_free(s);
}

static void the_only_request_has_what_it_needs(void **state)
{
	struct callers *s = start((struct http_limits){
		.caller_bytes = MIB, .all_bytes = 2 * MIB});
	struct caller *a = of_ipv4(s, "10.0.0.1");
	struct load first = {0}, second = {0};

	(void)state;
	assert_int_equal(take(s, a, &first, 9 * MIB, 0), 0);
	assert_int_equal(take(s, a, &first, 9 * MIB, 9 * MIB), 0);
	assert_int_equal(take(s, a, &second, 1, 0), ERR_BUSY);
	release(s, a, &first);
	assert_int_equal(take(s, a, &second, 1, 0), 0);
	release(s, a, &second);
	caller_leave(s, a);
	callers_free(s);
}

static void one_caller_leaves_half_of_all_to_others(void **state)
{
	struct callers *s = start((struct http_limits){
		.caller_bytes = 100 * MIB, .all_bytes = 10 * MIB});
	struct caller *a = of_ipv4(s, "10.0.0.1"), *b = of_ipv4(s, "10.0.0.2");
	struct caller *c = of_ipv4(s, "10.0.0.3");
	struct load a1 = {0}, a2 = {0}, b1 = {0}, b2 = {0}, c1 = {0};

	(void)state;
	assert_int_equal(take(s, a, &a1, 3 * MIB, MIB), 0);
	assert_int_equal(take(s, a, &a2, MIB, 0), 0);
	assert_int_equal(take(s, a, &a2, 1, 0), ERR_BUSY);
	assert_int_equal(take(s, b, &b1, MIB, 0), 0);
	assert_int_equal(take(s, b, &b2, 4 * MIB, 0), 0);
	assert_int_equal(take(s, c, &c1, 1, 0), ERR_BUSY); /* all is taken */
	release(s, b, &b2);
	assert_int_equal(take(s, c, &c1, 1, 0), 0);
	release(s, a, &a1);
	release(s, a, &a2);
	release(s, b, &b1);
	release(s, c, &c1);
	caller_leave(s, a);
	caller_leave(s, b);
	caller_leave(s, c);
	callers_free(s);
}

/* How many of `n` requests at that time are let through. */
static int ask(struct callers *s, struct caller *c, int64_t now_ms, int n)
{
	int64_t wait_ms;
	int through = 0;

	for (int i = 0; i < n; i++)
		through += caller_ask(s, c, now_ms, &wait_ms, NULL) == 0;
	return through;
}

static void requests_come_at_a_rate_and_a_burst_after_a_rest(void **state)
{
	struct callers *s = start((struct http_limits){.rate = 10, .burst = 5});
	struct caller *a = of_ipv4(s, "10.0.0.1"), *b = of_ipv4(s, "10.0.0.2");
	const int64_t t = clock_mono_ms() + 1000000;
	int64_t wait_ms = 0;
	struct err e;

	(void)state;
	assert_int_equal(ask(s, a, t, 9), 5);
	assert_int_equal(ask(s, b, t, 9), 5);
	assert_int_equal(ask(s, a, t + 200, 9), 2);
	assert_int_equal(caller_ask(s, a, t + 200, &wait_ms, &e), ERR_BUSY);
	assert_string_equal(e.text, "the limit is 10 requests a second of one "
				    "client, and 5 at once");
	assert_in_range(wait_ms, 99, 102);
	assert_int_equal(ask(s, a, t + 200 + wait_ms, 9), 1);
	assert_int_equal(ask(s, a, t + 100000, 9), 5);
	caller_leave(s, a);
	a = of_ipv4(s, "10.0.0.1"); /* who comes again is known */
	assert_int_equal(ask(s, a, t + 100000, 9), 0);
	caller_leave(s, a);
	caller_leave(s, b);
	callers_free(s);
}

static void without_a_rate_requests_are_not_counted(void **state)
{
	struct callers *s = start((struct http_limits){0});
	struct caller *a = of_ipv4(s, "10.0.0.1");

	(void)state;
	assert_int_equal(ask(s, a, clock_mono_ms(), 100000), 100000);
	caller_leave(s, a);
	callers_free(s);
}

static void a_hundred_thousand_who_asked_once_are_not_all_kept(void **state)
{
	struct callers *s = start((struct http_limits){.rate = 1, .burst = 1});
	const int64_t t = clock_mono_ms();
	int kept = 0;

	(void)state;
	/* There, and from the last one back. */
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 100000; i++) {
			const uint32_t number = round ? 99999 - i : i;
			struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(0x0a000000 + number)};
			struct caller *c = caller_of_address(
				s, (const struct sockaddr *)&a);

			kept += ask(s, c, t + 1000000, 1) == 0;
			caller_leave(s, c);
		}
	assert_in_range(kept, 1, 1024 * 17);
	callers_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_a_network_or_a_token_is_one_caller),
		cmocka_unit_test(
			one_caller_is_held_to_its_limit_beyond_its_bodies),
		cmocka_unit_test(the_only_request_has_what_it_needs),
		cmocka_unit_test(one_caller_leaves_half_of_all_to_others),
		cmocka_unit_test(
			requests_come_at_a_rate_and_a_burst_after_a_rest),
		cmocka_unit_test(without_a_rate_requests_are_not_counted),
		cmocka_unit_test(
			a_hundred_thousand_who_asked_once_are_not_all_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
