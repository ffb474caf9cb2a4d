/* test_words.c -- lists of words in one string. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/words.h"

static void words_come_in_order_whatever_blanks_are_between(void **state)
{
	static const char *const want[] = {"avx2-2", "simd128-2", "x"};
	const char *list = " avx2-2   simd128-2 x ", *word;
	size_t n, i = 0;

	(void)state;
	while ((word = words_next(&list, &n))) {
		assert_int_equal(n, strlen(want[i]));
		assert_memory_equal(word, want[i++], n);
	}
	assert_int_equal(i, 3);
	assert_string_equal(list, "");
	assert_null(words_next(&list, &n));
}

static void a_word_is_found_whole_only(void **state)
{
	(void)state;
	assert_true(words_have("avx2-2 simd128-2", "simd128-2", 9));
	assert_true(words_have("avx2-2 simd128-2", "avx2-2", 6));
	assert_false(words_have("avx2-2 simd128-2", "avx2-", 5));
	assert_false(words_have("avx2-2 simd128-2", "avx2-2 ", 7));
	assert_false(words_have("", "avx2-2", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			words_come_in_order_whatever_blanks_are_between),
		cmocka_unit_test(a_word_is_found_whole_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
