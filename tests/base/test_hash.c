/* test_hash.c -- the published examples of SHA-256 (FIPS 180-4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/hash.h"

static void published_examples_match(void **state)
{
	char hex[SHA256_HEX_BYTES];

	(void)state;
	sha256_of("", 0, hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb924"
				 "27ae41e4649b934ca495991b7852b855");
	sha256_of("abc", 3, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
				 "b00361a396177a9cb410ff61f20015ad");
}

static void a_million_letters_in_uneven_pieces_match(void **state)
{
	struct sha256 *h = sha256_new();
	char hex[SHA256_HEX_BYTES], a[997];
	size_t left = 1000000;

	(void)state;
	memset(a, 'a', sizeof a);
	while (left > 0) {
		size_t n = left < sizeof a ? left : sizeof a;

		sha256_add(h, a, n);
		left -= n;
	}
	sha256_end(h, hex);
	assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67"
				 "f1809a48a497200e046d39ccc7112cd0");
}

static void only_64_lower_case_digits_are_a_name(void **state)
{
	char hex[SHA256_HEX_BYTES];

	(void)state;
	sha256_of("x", 1, hex);
	assert_true(sha256_is_hex(hex));
	hex[63] = 'A';
	assert_false(sha256_is_hex(hex));
	hex[63] = '/';
	assert_false(sha256_is_hex(hex));
	hex[63] = '\0';
	assert_false(sha256_is_hex(hex));
	assert_false(sha256_is_hex(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_examples_match),
		cmocka_unit_test(a_million_letters_in_uneven_pieces_match),
		cmocka_unit_test(only_64_lower_case_digits_are_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
