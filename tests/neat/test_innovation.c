/* test_innovation.c -- the same change has the same number within a generation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "genomes.h"

static const struct innovation_counters start = {.node = 4, .edge = 3};
static const struct edge_gene edges[] = {
	{.number = 0, .from = 0, .to = 3, .enabled = 1},
	{.number = 1, .from = 1, .to = 3, .enabled = 1},
};

static void the_same_connection_has_the_same_number(void **state)
{
	struct innovation_book b;
	struct arena mem;

	(void)state;
	arena_init(&mem, TEST_ARENA_BYTES);
	innovation_open(&b, &mem, &start);
	assert_int_equal(innovation_connect(&b, 1, 2), 3);
	assert_int_equal(innovation_connect(&b, 2, 1), 4);
	assert_int_equal(innovation_connect(&b, 1, 2), 3);
	assert_int_equal(b.next.edge, 5);
	assert_int_equal(b.next.node, 4);
	arena_release(&mem);
}

static void the_same_split_has_the_same_numbers(void **state)
{
	const struct innovation *x, *y;
	struct innovation_book b;
	struct arena mem;
	struct genome *g;

	(void)state;
	arena_init(&mem, TEST_ARENA_BYTES);
	g = network_of(&mem, 0, edges, 2);
	innovation_open(&b, &mem, &start);
	x = innovation_split(&b, g, 0, NODE_NEURON);
	y = innovation_split(&b, g, 1, NODE_NEURON);
	assert_ptr_equal(x, innovation_split(&b, g, 0, NODE_NEURON));
	assert_int_equal(x->node, 4);
	assert_int_equal(x->edge[0], 3);
	assert_int_equal(x->edge[1], 4);
	assert_int_equal(y->node, 5);
	arena_release(&mem);
}

static void splits_by_different_kinds_are_different(void **state)
{
	struct innovation_book b;
	struct arena mem;
	struct genome *g;
	int64_t conv, dense;

	(void)state;
	arena_init(&mem, TEST_ARENA_BYTES);
	g = network_of(&mem, 0, edges, 2);
	innovation_open(&b, &mem, &start);
	conv = innovation_split(&b, g, 0, NODE_CONV)->node;
	dense = innovation_split(&b, g, 0, NODE_DENSE)->node;
	assert_int_not_equal(conv, dense);
	arena_release(&mem);
}

static void a_second_split_of_one_edge_is_new_to_the_genome(void **state)
{
	struct innovation_book b;
	struct arena mem;
	struct genome *g;
	int64_t first;

	(void)state;
	arena_init(&mem, TEST_ARENA_BYTES);
	g = network_of(&mem, 0, edges, 2);
	innovation_open(&b, &mem, &start);
	first = innovation_split(&b, g, 0, NODE_NEURON)->node;
	genome_add_node(&mem, g,
		&(struct node_gene){.number = first, .kind = NODE_NEURON});
	assert_int_not_equal(
		innovation_split(&b, g, 0, NODE_NEURON)->node, first);
	arena_release(&mem);
}

static void a_new_generation_forgets_changes_but_counts_on(void **state)
{
	struct innovation_book b, later;
	struct arena mem;

	(void)state;
	arena_init(&mem, TEST_ARENA_BYTES);
	innovation_open(&b, &mem, &start);
	innovation_connect(&b, 1, 2);
	innovation_open(&later, &mem, &b.next);
	assert_int_equal(innovation_connect(&later, 1, 2), 4);
	arena_release(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_connection_has_the_same_number),
		cmocka_unit_test(the_same_split_has_the_same_numbers),
		cmocka_unit_test(splits_by_different_kinds_are_different),
		cmocka_unit_test(
			a_second_split_of_one_edge_is_new_to_the_genome),
		cmocka_unit_test(
			a_new_generation_forgets_changes_but_counts_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
