/* test_mutate.c -- each mutation does what its name says and keeps the genome
 * sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "genomes.h"
#include "neat/graph.h"
#include "neat/mutate.h"

static struct arena mem;
static struct rng r;
static struct params p;
static struct innovation_book book;
static struct mutator m;

static int setup(void **state)
{
	const struct innovation_counters next = {.node = 4, .edge = 3};

	(void)state;
	arena_init(&mem, TEST_ARENA_BYTES);
	rng_stream(&r, 5, 6, 7);
	p = preset("paper2002");
	innovation_open(&book, &mem, &next);
	m = (struct mutator){&mem, &book, &p, space_default()};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

/* Both inputs and the bias lead to the output, with weights 2, 3 and 4. */
static struct genome *minimal(void)
{
	struct edge_gene edges[3];

	for (int i = 0; i < 3; i++)
		edges[i] = (struct edge_gene){.number = i,
			.from = i,
			.to = 3,
			.enabled = 1,
			.weight = 2 + i};
	return network_of(&mem, 0, edges, 3);
}

static void a_split_puts_a_node_in_the_middle_of_an_edge(void **state)
{
	struct genome *g = minimal();
	const struct edge_gene *in, *out, *old;

	(void)state;
	assert_int_equal(mutate_split(&m, g, &r), MUTATION_SPLIT);
	assert_sound(g);
	assert_int_equal(g->n_nodes, 5);
	assert_int_equal(g->n_edges, 5);
	in = &g->edges[3];
	out = &g->edges[4];
	old = genome_edge_between(g, in->from, out->to);
	assert_int_equal(in->to, 4);
	assert_int_equal(out->from, 4);
	assert_false(old->enabled);
	assert_true(in->weight == 1 && out->weight == old->weight);
	assert_true(in->enabled && out->enabled);
}

static void edges_out_of_the_bias_are_not_split(void **state)
{
	(void)state;
	p.old_first_below = 0;
	for (int i = 0; i < 200; i++) {
		struct genome *g = minimal();

		mutate_split(&m, g, &r);
		assert_true(genome_edge(g, 2)->enabled);
	}
}

static void small_genomes_split_older_edges_first(void **state)
{
	int oldest = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct genome *g = minimal();

		mutate_split(&m, g, &r);
		oldest += !genome_edge(g, 0)->enabled;
	}
	assert_in_range(oldest, 650, 750);
}

static void nothing_is_left_to_connect_in_a_minimal_network(void **state)
{
	struct genome *g = minimal();

	(void)state;
	assert_int_equal(mutate_connect(&m, g, &r), 0);
	assert_true(genome_equal(g, minimal()));
}

static void a_connection_closes_no_cycle(void **state)
{
	struct genome *g = minimal();

	(void)state;
	for (int i = 0; i < 10; i++)
		mutate_split(&m, g, &r);
	for (int i = 0; i < 200; i++) {
		mutate_connect(&m, g, &r);
		assert_true(graph_acyclic(g));
	}
	assert_sound(g);
}

static void a_recurrent_genome_gets_cycles_at_its_rate(void **state)
{
	int cycles = 0, connected = 0;

	(void)state;
	p.recurrent_rate = 0.3;
	for (int i = 0; i < 1000; i++) {
		struct genome *g = minimal();

		g->recurrent = 1;
		mutate_split(&m, g, &r);
		connected += mutate_connect(&m, g, &r) == MUTATION_EDGE;
		assert_sound(g);
		cycles += !graph_acyclic(g);
	}
	assert_in_range(connected, 990, 1000);
	assert_in_range(cycles, 250, 350);
}

static void a_toggle_never_cuts_the_last_path(void **state)
{
	struct genome *g = minimal();

	(void)state;
	for (int i = 0; i < 500; i++) {
		mutate_toggle(&mem, g, &r);
		assert_sound(g);
	}
}

static void removal_leaves_no_loose_ends_and_no_cut(void **state)
{
	struct genome *g = minimal();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		if (rng_chance(&r, 0.4))
			mutate_split(&m, g, &r);
		else if (rng_chance(&r, 0.4))
			mutate_connect(&m, g, &r);
		else
			mutate_remove(&m, g, &r);
		assert_sound(g);
	}
}

static void weights_move_within_their_power_or_start_again(void **state)
{
	int moved = 0, n = 0;

	(void)state;
	p.weights_rate = 1;
	p.perturb_power = 0.01;
	p.weight_power = 1;
	for (int i = 0; i < 2000; i++) {
		struct genome *g = minimal();

		assert_int_equal(g->kind->perturb(&mem, g, &p, m.space, &r),
			MUTATION_WEIGHTS);
		for (int k = 0; k < 3; k++, n++) {
			double d = fabs(g->edges[k].weight - (2 + k));

			moved += d <= 0.01;
			assert_true(d <= 0.01 || fabs(g->edges[k].weight) <= 1);
		}
	}
	assert_in_range(moved, n * 88 / 100, n * 92 / 100);
}

static void weights_stay_within_their_limit(void **state)
{
	struct genome *g = minimal();

	(void)state;
	p.weight_limit = 5;
	for (int i = 0; i < 1000; i++) {
		g->kind->perturb(&mem, g, &p, m.space, &r);
		for (size_t k = 0; k < g->n_edges; k++)
			assert_true(fabs(g->edges[k].weight) <= 5);
	}
}

static void structure_changes_at_its_rates(void **state)
{
	int splits = 0, weights = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct genome *g = minimal();
		unsigned done = mutate(&m, g, &r);

		splits += done == MUTATION_SPLIT;
		weights += done == MUTATION_WEIGHTS;
	}
	assert_in_range(splits, 250, 350);
	/* Nothing can be connected here: those mutate weights instead. */
	assert_in_range(weights, 7600, 7920);
}

static void a_full_genome_does_not_grow(void **state)
{
	struct genome *g = minimal();

	(void)state;
	while (mutate_split(&m, g, &r))
		;
	assert_int_equal(g->n_nodes, GENOME_NODES_MAX);
	assert_sound(g);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_split_puts_a_node_in_the_middle_of_an_edge),
		CASE(edges_out_of_the_bias_are_not_split),
		CASE(small_genomes_split_older_edges_first),
		CASE(nothing_is_left_to_connect_in_a_minimal_network),
		CASE(a_connection_closes_no_cycle),
		CASE(a_recurrent_genome_gets_cycles_at_its_rate),
		CASE(a_toggle_never_cuts_the_last_path),
		CASE(removal_leaves_no_loose_ends_and_no_cut),
		CASE(weights_move_within_their_power_or_start_again),
		CASE(weights_stay_within_their_limit),
		CASE(structure_changes_at_its_rates),
		CASE(a_full_genome_does_not_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
