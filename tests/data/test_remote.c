/* test_remote.c -- the files that a URL names, and from whom they may come. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "data/remote_policy.h"
#include "data/remote_set.h"

static void braces_name_every_file_in_order(void **state)
{
	static const char *const urls[] = {"https://a/x/set-train-08.tar?v=1",
		"https://a/x/set-train-09.tar?v=1",
		"https://a/x/set-train-10.tar?v=1",
		"https://a/x/set-test-08.tar?v=1",
		"https://a/x/set-test-09.tar?v=1",
		"https://a/x/set-test-10.tar?v=1"};
	struct remote_set s;

	(void)state;
	assert_int_equal(
		remote_set_read("https://a/x/set-{train,test}-{08..10}.tar?v=1",
			&s, NULL),
		0);
	assert_true(s.is_folder);
	assert_int_equal(s.n, 6);
	for (size_t i = 0; i < s.n; i++)
		assert_string_equal(s.files[i].url, urls[i]);
	assert_string_equal(s.files[5].name, "set-test-10.tar");
	remote_set_release(&s);
}

static void a_file_may_have_names_beside_it(void **state)
{
	struct remote_set s;

	(void)state;
	assert_int_equal(
		remote_set_read("http://a/my%20set b.npz#x", &s, NULL), 0);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.files[0].url, "http://a/my%20set%20b.npz");
	assert_string_equal(s.files[0].name, "my set b.npz");
	assert_string_equal(s.files[1].name, "my set b.npz.classes.txt");
	assert_true(s.files[1].optional && !s.files[0].optional);
	remote_set_release(&s);
	assert_int_equal(remote_set_read("http://a/b.npz?key=1", &s, NULL), 0);
	assert_int_equal(s.n, 1);
	remote_set_release(&s);
}

static void a_key_is_taken_as_it_is(void **state)
{
	struct remote_set s;

	(void)state;
	setenv("AWS_ENDPOINT_URL", "http://store:9000/", 1);
	assert_int_equal(
		remote_set_read("s3://sets/a b/c+d%20/\xc3\xa9.npz", &s, NULL),
		0);
	assert_string_equal(s.files[0].url,
		"http://store:9000/sets/a%20b/c%2Bd%2520/%C3%A9.npz");
	assert_string_equal(s.files[0].name, "\xc3\xa9.npz");
	remote_set_release(&s);
	unsetenv("AWS_ENDPOINT_URL");
	setenv("AWS_REGION", "eu-west-1", 1);
	assert_int_equal(remote_set_read("s3://sets/a.npz", &s, NULL), 0);
	assert_string_equal(s.files[0].url,
		"https://sets.s3.eu-west-1.amazonaws.com/a.npz");
	remote_set_release(&s);
}

static void names_that_would_be_no_file_here_are_refused(void **state)
{
	static const char *const wrong[] = {"http://a/", "http://a",
		"http://a/..", "http://a/.hidden", "http://a/b%2Fc",
		"http://a/b%2e%2e%2Fc", "http://a/%2e%2e", "http://a/b%00c",
		"http://a/b%0ac", "http://a/b%C2%9Bc", "http://a/b%ff",
		"http://a/{b", "http://a/{b}", "http://a/{a{b,c}}",
		"http://a/{3..1}", "http://a/{1..2", "http://a/x{,}",
		"http://u:p@a/b", "s3://a", "s3://bucket/", "s3://B_D/key",
		"s3://a.b/../../x/", "http:///b"};
	struct remote_set s;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (remote_set_read(wrong[i], &s, &e) != ERR_INVALID)
			fail_msg("'%s' is taken for a data set", wrong[i]);
	assert_int_equal(
		remote_set_read("http://a/{0..9999}", &s, &e), ERR_RANGE);
	assert_string_equal(e.text, "the URL stands for more than 4096 files");
}

static int allows(const struct remote_policy *p, const char *url, int *public)
{
	return remote_policy_check(p, url, "http://typed/x", public, NULL);
}

static void nobody_is_asked_but_those_on_the_list(void **state)
{
	static const char *const hosts[] = {"a.org", "b.org:81", "[::1]:9000"};
	const struct remote_policy p = {.hosts = hosts, .n_hosts = 3};
	int public_only;

	(void)state;
	assert_int_equal(
		allows(NULL, "http://a.org/x", &public_only), ERR_DENIED);
	assert_int_equal(allows(&p, "https://A.org/x", &public_only), 0);
	assert_int_equal(public_only, 0);
	assert_int_equal(allows(&p, "http://b.org:81/", &public_only), 0);
	assert_int_equal(allows(&p, "http://[::1]:9000/", &public_only), 0);
	assert_int_equal(
		allows(&p, "http://a.org:22/", &public_only), ERR_DENIED);
	assert_int_equal(allows(&p, "http://b.org/", &public_only), ERR_DENIED);
	assert_int_equal(
		allows(&p, "http://x.a.org/", &public_only), ERR_DENIED);
	assert_int_equal(allows(&p, "http://typed/", &public_only), ERR_DENIED);
}

static void all_are_all_that_are_public(void **state)
{
	static const char *const hosts[] = {"*", "near:9000"};
	const struct remote_policy all = {.hosts = hosts, .n_hosts = 2};
	const struct remote_policy typed = {.typed = 1};
	int public_only;

	(void)state;
	assert_int_equal(allows(&all, "http://c.org/", &public_only), 0);
	assert_int_equal(public_only, 1);
	assert_int_equal(allows(&all, "http://near:9000/", &public_only), 0);
	assert_int_equal(public_only, 0);
	assert_int_equal(allows(&typed, "http://typed/y", &public_only), 0);
	assert_int_equal(public_only, 0);
	assert_int_equal(allows(&typed, "http://typed:22/", &public_only), 0);
	assert_int_equal(public_only, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(braces_name_every_file_in_order),
		cmocka_unit_test(a_file_may_have_names_beside_it),
		cmocka_unit_test(a_key_is_taken_as_it_is),
		cmocka_unit_test(names_that_would_be_no_file_here_are_refused),
		cmocka_unit_test(nobody_is_asked_but_those_on_the_list),
		cmocka_unit_test(all_are_all_that_are_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
