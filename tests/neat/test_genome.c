/* test_genome.c -- genes stay sorted, copies stay apart, and genome_check
 * refuses each way of being wrong with a sentence that names the gene. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "genomes.h"
#include "neat/graph.h"

static const struct edge_gene diamond[] = {
	{.number = 0, .from = 0, .to = 4, .enabled = 1, .weight = 1},
	{.number = 1, .from = 4, .to = 3, .enabled = 1, .weight = 2},
	{.number = 2, .from = 1, .to = 5, .enabled = 1, .weight = 3},
	{.number = 3, .from = 5, .to = 3, .enabled = 1, .weight = 4},
};

static struct genome *sound(struct arena *mem)
{
	return network_of(mem, 2, diamond, 4);
}

static int setup(void **state)
{
	static struct arena mem;

	arena_init(&mem, TEST_ARENA_BYTES);
	*state = &mem;
	return 0;
}

static int teardown(void **state)
{
	arena_release(*state);
	return 0;
}

static void genes_are_sorted_however_they_are_added(void **state)
{
	struct arena *mem = *state;
	const struct edge_gene backwards[] = {
		diamond[3], diamond[1], diamond[2], diamond[0]};

	assert_true(genome_equal(sound(mem), network_of(mem, 2, backwards, 4)));
}

static void a_gene_is_found_by_its_number(void **state)
{
	struct genome *g = sound(*state);

	assert_int_equal(genome_node(g, 5)->number, 5);
	assert_null(genome_node(g, 6));
	assert_int_equal(genome_edge(g, 2)->from, 1);
	assert_null(genome_edge(g, 4));
	assert_int_equal(genome_edge_between(g, 5, 3)->number, 3);
	assert_null(genome_edge_between(g, 3, 5));
}

static void a_copy_changes_alone(void **state)
{
	struct genome *g = sound(*state), *copy = genome_copy(*state, g);

	genome_own_edges(*state, copy)[0].weight = 9;
	assert_true(g->edges[0].weight == 1);
	assert_false(genome_equal(g, copy));
	genome_remove_node(*state, copy, 4);
	assert_int_equal(g->n_edges, 4);
	assert_int_equal(copy->n_edges, 2);
}

static void refuse(const struct genome *g, const char *words)
{
	struct err e = {0};

	assert_int_equal(genome_check(g, &e), ERR_RANGE);
	if (!strstr(e.text, words))
		fail_msg("'%s' does not say '%s'", e.text, words);
}

static void edges_out_of_order_are_refused(void **state)
{
	struct genome *g = sound(*state);
	struct edge_gene *own = genome_own_edges(*state, g);

	own[1].number = 0;
	refuse(g, "edge 0 comes after edge 0");
}

static void nodes_out_of_order_are_refused(void **state)
{
	struct genome *g = sound(*state);

	genome_own_nodes(*state, g)[2].number = 0;
	refuse(g, "node 0 comes after node 1");
}

static void an_edge_to_nowhere_is_refused(void **state)
{
	struct genome *g = sound(*state);

	genome_own_edges(*state, g)[3].to = 99;
	refuse(g, "edge 3 leads from node 5 to node 99");
}

static void an_edge_into_an_input_or_bias_is_refused(void **state)
{
	struct genome *g = sound(*state);

	genome_own_edges(*state, g)[3].to = 1;
	refuse(g, "edge 3 must not lead from node 5 to node 1");
	genome_own_edges(*state, g)[3].to = 2;
	refuse(g, "edge 3 must not lead from node 5 to node 2");
}

static void a_second_edge_between_two_nodes_is_refused(void **state)
{
	struct genome *g = sound(*state);
	struct edge_gene *own = genome_own_edges(*state, g);

	own[2].from = 0;
	own[2].to = 4;
	refuse(g, "edge 2 is a second one");
}

static void a_weight_that_is_no_number_is_refused(void **state)
{
	struct genome *g = sound(*state);

	genome_own_edges(*state, g)[1].weight = NAN;
	refuse(g, "edge 1 must have a finite weight");
}

static void a_cycle_is_refused_even_if_disabled(void **state)
{
	struct genome *g = sound(*state);

	genome_add_edge(*state, g,
		&(struct edge_gene){.number = 7, .from = 4, .to = 4});
	refuse(g, "cycle");
	assert_false(graph_acyclic(g));
	g->recurrent = 1;
	assert_sound(g);
}

static void a_genome_without_a_path_is_refused(void **state)
{
	struct genome *g = sound(*state);
	struct edge_gene *own = genome_own_edges(*state, g);

	own[0].enabled = 0;
	assert_sound(g);
	own[3].enabled = 0;
	refuse(g, "no enabled edges lead from an input to an output");
}

static void a_path_from_the_bias_alone_is_none(void **state)
{
	const struct edge_gene only[] = {
		{.number = 0, .from = 2, .to = 3, .enabled = 1}};

	refuse(network_of(*state, 0, only, 1), "no enabled edges");
}

static void a_layer_in_a_network_of_neurons_is_refused(void **state)
{
	struct genome *g = sound(*state);

	genome_own_nodes(*state, g)[4].kind = NODE_CONV;
	refuse(g, "node 4");
}

static void order_puts_sources_first_and_leaves_dead_ends_out(void **state)
{
	static const struct edge_gene edges[] = {
		{.number = 0, .from = 0, .to = 5, .enabled = 1},
		{.number = 1, .from = 5, .to = 4, .enabled = 1},
		{.number = 2, .from = 4, .to = 3, .enabled = 1},
		{.number = 3, .from = 1, .to = 6, .enabled = 1},
		{.number = 4, .from = 1, .to = 3, .enabled = 0},
	};
	struct genome *g = network_of(*state, 3, edges, 5);
	unsigned char used[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX];

	assert_int_equal(graph_order(g, used, order), 4);
	assert_int_equal(order[0], 0);
	assert_int_equal(order[1], 5);
	assert_int_equal(order[2], 4);
	assert_int_equal(order[3], 3);
	assert_false(used[1] || used[2] || used[6]);
}

static void reaching_counts_disabled_edges(void **state)
{
	struct genome *g = sound(*state);

	genome_own_edges(*state, g)[0].enabled = 0;
	assert_true(graph_reaches(g, 0, 3));
	assert_false(graph_reaches(g, 3, 0));
	assert_true(graph_reaches(g, 4, 4));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(genes_are_sorted_however_they_are_added),
		CASE(a_gene_is_found_by_its_number),
		CASE(a_copy_changes_alone),
		CASE(edges_out_of_order_are_refused),
		CASE(nodes_out_of_order_are_refused),
		CASE(an_edge_to_nowhere_is_refused),
		CASE(an_edge_into_an_input_or_bias_is_refused),
		CASE(a_second_edge_between_two_nodes_is_refused),
		CASE(a_weight_that_is_no_number_is_refused),
		CASE(a_cycle_is_refused_even_if_disabled),
		CASE(a_genome_without_a_path_is_refused),
		CASE(a_path_from_the_bias_alone_is_none),
		CASE(a_layer_in_a_network_of_neurons_is_refused),
		CASE(order_puts_sources_first_and_leaves_dead_ends_out),
		CASE(reaching_counts_disabled_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
