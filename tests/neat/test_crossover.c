/* test_crossover.c -- matching genes from either, the rest from the fitter, and
 * the rule of 75%. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "genomes.h"
#include "neat/crossover.h"
#include "neat/graph.h"

#define DRAWS 4000

static struct arena mem;
static struct rng r;
static struct params p;

static int setup(void **state)
{
	(void)state;
	arena_init(&mem, TEST_ARENA_BYTES);
	rng_stream(&r, 1, 2, 3);
	p = preset("paper2002");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

/* Weights tell whose gene it is: a's are 1, b's are 2. */
static struct genome *parent(int which, int disabled0, int with_node)
{
	struct edge_gene edges[] = {
		{.number = 0, .from = 0, .to = 3, .enabled = !disabled0},
		{.number = 1, .from = 1, .to = 3, .enabled = 1},
		{.number = 5 + which, .from = 0, .to = 4, .enabled = 1},
		{.number = 7 + which, .from = 4, .to = 3, .enabled = 1},
	};

	for (int i = 0; i < 4; i++)
		edges[i].weight = which;
	return network_of(&mem, with_node, edges, with_node ? 4 : 2);
}

static void the_child_has_the_graph_of_the_fitter(void **state)
{
	const struct genome *a = parent(1, 0, 1), *b = parent(2, 0, 1);

	(void)state;
	for (int i = 0; i < 100; i++) {
		const struct genome *c = genome_crossover(&mem, a, b, &p, &r);

		assert_sound(c);
		assert_int_equal(c->n_nodes, a->n_nodes);
		assert_int_equal(c->n_edges, a->n_edges);
		for (size_t k = 0; k < c->n_edges; k++)
			assert_int_equal(
				c->edges[k].number, a->edges[k].number);
		assert_true(c->edges[2].weight == 1);
		assert_true(c->edges[3].weight == 1);
	}
}

static void matching_genes_come_from_either_parent_evenly(void **state)
{
	const struct genome *a = parent(1, 0, 0), *b = parent(2, 0, 0);
	int from_a = 0;

	(void)state;
	for (int i = 0; i < DRAWS; i++)
		from_a +=
			genome_crossover(&mem, a, b, &p, &r)->edges[0].weight ==
			1;
	assert_in_range(from_a, DRAWS * 45 / 100, DRAWS * 55 / 100);
}

static int count_disabled(const struct genome *a, const struct genome *b)
{
	int n = 0;

	for (int i = 0; i < DRAWS; i++)
		n += !genome_crossover(&mem, a, b, &p, &r)->edges[0].enabled;
	return n;
}

static void a_gene_disabled_in_either_is_disabled_in_three_of_four(void **state)
{
	const struct genome *on = parent(1, 0, 0), *off = parent(2, 1, 0);
	const int lo = DRAWS * 72 / 100, hi = DRAWS * 78 / 100;

	(void)state;
	assert_in_range(count_disabled(on, off), lo, hi);
	assert_in_range(count_disabled(off, on), lo, hi);
	assert_in_range(count_disabled(off, off), lo, hi);
	assert_int_equal(count_disabled(on, on), 0);
}

static void averaging_gives_the_mean_of_matching_weights(void **state)
{
	const struct genome *a = parent(1, 0, 1), *b = parent(2, 0, 1), *c;

	(void)state;
	p.average_rate = 1;
	c = genome_crossover(&mem, a, b, &p, &r);
	assert_true(c->edges[0].weight == 1.5 && c->edges[1].weight == 1.5);
	assert_true(c->edges[2].weight == 1);
}

static void a_path_that_disabling_would_cut_is_kept(void **state)
{
	const struct edge_gene left[] = {
		{.number = 0, .from = 0, .to = 3, .enabled = 1},
		{.number = 1, .from = 1, .to = 3, .enabled = 0}};
	const struct edge_gene right[] = {
		{.number = 0, .from = 0, .to = 3, .enabled = 0},
		{.number = 1, .from = 1, .to = 3, .enabled = 1}};
	const struct genome *a = network_of(&mem, 0, left, 2);
	const struct genome *b = network_of(&mem, 0, right, 2);

	(void)state;
	p.disabled_rate = 1;
	for (int i = 0; i < 20; i++) {
		const struct genome *c = genome_crossover(&mem, a, b, &p, &r);

		assert_true(c->edges[0].enabled && !c->edges[1].enabled);
		assert_sound(c);
	}
}

static void a_genome_crossed_with_itself_is_itself_but_for_disabled_genes(
	void **state)
{
	const struct innovation_counters none = {0, 0};
	struct innovation_book b;

	(void)state;
	p.add_node_rate = p.add_edge_rate = 0.3;
	innovation_open(&b, &mem, &none);
	for (int i = 0; i < 300; i++) {
		struct genome *g = grown(&mem, &b, &p, 0, 20, &r);
		struct genome *c = genome_crossover(&mem, g, g, &p, &r);
		struct edge_gene *own = genome_own_edges(&mem, c);

		for (size_t k = 0; k < g->n_edges; k++)
			if (!g->edges[k].enabled)
				own[k].enabled = 0;
		assert_true(genome_equal(c, g));
	}
}

static void parents_are_not_changed(void **state)
{
	const struct genome *a = parent(1, 0, 1), *b = parent(2, 1, 1);
	const struct genome *a0 = genome_clone(&mem, a);
	const struct genome *b0 = genome_clone(&mem, b);

	(void)state;
	for (int i = 0; i < 20; i++)
		genome_crossover(&mem, a, b, &p, &r);
	assert_true(genome_equal(a, a0) && genome_equal(b, b0));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_child_has_the_graph_of_the_fitter),
		CASE(matching_genes_come_from_either_parent_evenly),
		CASE(a_gene_disabled_in_either_is_disabled_in_three_of_four),
		CASE(averaging_gives_the_mean_of_matching_weights),
		CASE(a_path_that_disabling_would_cut_is_kept),
		CASE(a_genome_crossed_with_itself_is_itself_but_for_disabled_genes),
		CASE(parents_are_not_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
