/* test_arena.c -- pieces are zeroed, aligned, apart, and end together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	char *piece[200];
	struct arena a;

	(void)state;
	arena_init(&a, (size_t)64 << 20);
	for (size_t i = 0; i < 200; i++) {
		piece[i] = arena_alloc(&a, 1 + i * 37);
		assert_true((uintptr_t)piece[i] % 16 == 0);
		for (size_t k = 0; k < 1 + i * 37; k++)
			assert_int_equal(piece[i][k], 0);
		memset(piece[i], (int)i, 1 + i * 37);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t k = 0; k < 1 + i * 37; k++)
			assert_int_equal(piece[i][k], (char)i);
	arena_release(&a);
}

static void a_piece_larger_than_any_block_is_served(void **state)
{
	struct arena a;
	char *big, *small;

	(void)state;
	arena_init(&a, (size_t)64 << 20);
	small = arena_alloc(&a, 8);
	big = arena_array(&a, 1 << 20, 5);
	memset(big, 1, (size_t)5 << 20);
	assert_int_equal(*small, 0);
	arena_release(&a);
}

static void a_released_arena_is_usable_again(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 100000);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(a.used_bytes, 0);
		for (int i = 0; i < 99; i++)
			arena_alloc(&a, 1000);
		arena_release(&a);
	}
}

static void strings_are_copied_and_formatted(void **state)
{
	char word[] = "word";
	struct arena a;
	char *copy, *made;

	(void)state;
	arena_init(&a, 1000);
	copy = arena_strdup(&a, word);
	made = arena_printf(&a, "%s-%d", word, 42);
	word[0] = 'x';
	assert_string_equal(copy, "word");
	assert_string_equal(made, "word-42");
	arena_release(&a);
}

static void what_is_joined_lives_as_long_as_the_other(void **state)
{
	struct arena a, b;
	char *of_a, *of_b, *more;

	(void)state;
	arena_init(&a, 100000);
	arena_init(&b, 100000);
	arena_join(&a, &b); /* of nothing with nothing */
	of_b = arena_strdup(&b, "of b");
	arena_join(&a, &b);
	assert_null(b.head);
	assert_int_equal(b.used_bytes, 0);
	of_a = arena_strdup(&a, "of a");
	for (int i = 0; i < 20; i++)
		arena_alloc(&b, 1000);
	arena_join(&a, &b);
	more = arena_strdup(&a, "more");
	arena_release(&b);
	assert_string_equal(of_b, "of b");
	assert_string_equal(of_a, "of a");
	assert_string_equal(more, "more");
	assert_int_equal(a.used_bytes, 20 * 1008 + 3 * 16);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(a_piece_larger_than_any_block_is_served),
		cmocka_unit_test(a_released_arena_is_usable_again),
		cmocka_unit_test(what_is_joined_lives_as_long_as_the_other),
		cmocka_unit_test(strings_are_copied_and_formatted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
