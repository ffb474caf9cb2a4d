/* test_layer.c -- graphs of layers stay sound whatever evolution does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "neat/chain.h"
#include "neat/crossover.h"
#include "neat/distance.h"
#include "neat/expressed.h"
#include "neat/graph.h"
#include "neat/layer_kind.h"
#include "neat/mutate.h"

#define OPERATIONS 100000
#define GENERATION 500 /* operations that share a book and an arena */
#define LINES 8        /* genomes alive at a time */
#define MEMORY ((size_t)1 << 30)

static struct params cnn(void)
{
	struct params p;

	assert_int_equal(params_preset(&p, "cnn", NULL), 0);
	return p;
}

static void must_be_valid(const struct genome *g)
{
	struct err e = {0};

	if (genome_check(g, &e))
		fail_msg("%s", e.text);
	assert_false(g->recurrent);
	for (size_t i = 0; i < g->n_edges; i++)
		assert_true(g->edges[i].weight == 0);
}

/* One random operation on one of the lines; returns the genome it made. */
static struct genome *operate(struct arena *mem, struct genome *const *lines,
	struct innovation_book *b, const struct params *p, struct rng *r)
{
	const struct mutator m = {mem, b, p, space_default()};
	const struct genome *g = lines[rng_below(r, LINES)];
	const struct genome *other = lines[rng_below(r, LINES)];
	struct genome *out = genome_copy(mem, g);

	switch (rng_below(r, 6)) {
	case 0: mutate_split(&m, out, r); break;
	case 1: mutate_connect(&m, out, r); break;
	case 2: mutate_toggle(mem, out, r); break;
	case 3: mutate_remove(&m, out, r); break;
	case 4: mutate(&m, out, r); break;
	default: out = genome_crossover(mem, g, other, p, r); break;
	}
	return out;
}

/* Numbers line up: an edge of one number joins the same nodes in both, a node
 * of one number has the same kind. */
static void must_line_up(const struct genome *a, const struct genome *b)
{
	for (size_t i = 0; i < a->n_edges; i++) {
		const struct edge_gene *x = &a->edges[i];
		const struct edge_gene *y = genome_edge(b, x->number);

		assert_true(!y || (x->from == y->from && x->to == y->to));
	}
	for (size_t i = 0; i < a->n_nodes; i++) {
		const struct node_gene *y = genome_node(b, a->nodes[i].number);

		assert_true(!y || y->kind == a->nodes[i].kind);
	}
}

/* Small genomes only, or they grow until an operation takes for ever. */
static int small(const struct genome *g)
{
	return g->n_nodes <= 40 && g->n_edges <= 120;
}

static void a_hundred_thousand_operations_keep_genomes_valid_and_aligned(
	void **state)
{
	const struct params p = cnn();
	struct innovation_counters next = chain_counters;
	struct genome *lines[LINES];
	struct arena memory[2];
	struct rng r;

	(void)state;
	rng_stream(&r, 4, 0, 0);
	for (int i = 0; i < 2; i++)
		arena_init(&memory[i], MEMORY);
	for (int i = 0; i < LINES; i++)
		lines[i] = chain_minimal(&memory[1], 64, space_default(), &r);
	for (int g = 0; g < OPERATIONS / GENERATION; g++) {
		struct arena *mem = &memory[g % 2];
		struct innovation_book b;

		innovation_open(&b, mem, &next);
		for (int i = 0; i < GENERATION; i++) {
			struct genome *child = operate(mem, lines, &b, &p, &r);
			size_t place = rng_below(&r, LINES);

			must_be_valid(child);
			must_line_up(child, lines[place]);
			if (small(child))
				lines[place] = child;
		}
		next = b.next;
		for (int i = 0; i < LINES; i++)
			lines[i] = genome_clone(mem, lines[i]);
		arena_release(&memory[(g + 1) % 2]);
	}
	for (int i = 0; i < 2; i++)
		arena_release(&memory[i]);
}

/* A genome that many mutations have passed over. */
static struct genome *grown(
	struct arena *mem, const struct params *p, int mutations, struct rng *r)
{
	struct genome *g = chain_minimal(mem, 64, space_default(), r);
	struct innovation_book b;

	innovation_open(&b, mem, &chain_counters);
	for (int i = 0; i < mutations; i++)
		mutate(&(struct mutator){mem, &b, p, space_default()}, g, r);
	return g;
}

static void crossover_with_itself_gives_the_genome_but_for_disabled_genes(
	void **state)
{
	const struct params p = cnn();
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 5, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < 1000; i++) {
		struct genome *g = grown(&mem, &p, i % 20, &r);
		struct genome *c = genome_crossover(&mem, g, g, &p, &r);
		struct edge_gene *edges = genome_own_edges(&mem, c);

		for (size_t k = 0; k < g->n_edges; k++) {
			assert_true(!g->edges[k].enabled || edges[k].enabled);
			edges[k].enabled = g->edges[k].enabled;
		}
		assert_true(genome_equal(c, g));
		assert_true(genome_distance(c, g, &p) == 0);
		arena_release(&mem);
	}
}

static void the_minimal_start_is_one_convolution(void **state)
{
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 6, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < 1000; i++) {
		struct genome *g = chain_minimal(&mem, 48, space_default(), &r);

		must_be_valid(g);
		assert_int_equal(g->n_nodes, 3);
		assert_int_equal(g->n_edges, 2);
		assert_int_equal(g->nodes[2].kind, NODE_CONV);
		assert_true(layer_hyper(g, HYPER_BATCH_SIZE) == 48);
		assert_true(g->edges[1].number < chain_counters.edge);
		assert_true(g->nodes[2].number < chain_counters.node);
	}
	arena_release(&mem);
}

/* All attributes of a kind, a bit each. */
static unsigned wanted(enum node_kind kind)
{
	size_t n;

	attributes_of(kind, &n);
	return (1u << n) - 1;
}

static unsigned changed(const struct node_gene *x, const struct node_gene *y)
{
	size_t n;
	const struct attribute *a = attributes_of(x->kind, &n);
	unsigned bits = 0;

	for (size_t i = 0; i < n; i++)
		if (attribute_get(&a[i], x) != attribute_get(&a[i], y))
			bits |= 1u << i;
	return bits;
}

static void every_attribute_and_hyper_is_perturbed_sometime(void **state)
{
	const struct params p = cnn();
	unsigned layers[NODE_KINDS] = {0}, hypers = 0;
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 7, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < 3000; i++) {
		struct genome *g = grown(&mem, &p, 15, &r);
		struct genome *c = genome_copy(&mem, g);

		assert_true(c->kind->perturb(
				    &mem, c, &p, space_default(), &r) != 0);
		must_be_valid(c);
		for (size_t k = 0; k < g->n_nodes; k++)
			layers[g->nodes[k].kind] |= changed(
				&g->nodes[k], &c->nodes[k]);
		for (int h = 0; h < HYPERS; h++)
			if (g->hypers[h].value != c->hypers[h].value)
				hypers |= 1u << h;
		arena_release(&mem);
	}
	assert_int_equal(layers[NODE_CONV], wanted(NODE_CONV));
	assert_int_equal(layers[NODE_DENSE], wanted(NODE_DENSE));
	assert_int_equal(layers[NODE_OUTPUT], wanted(NODE_OUTPUT));
	assert_int_equal(layers[NODE_INPUT], 0);
	assert_int_equal(hypers, (1u << HYPERS) - 1);
}

static void a_new_layer_takes_after_its_neighbour(void **state)
{
	struct params p = cnn();
	int convs = 0;
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 9, 0, 0);
	p.neighbour_rate = 1;
	for (int i = 0; i < 300; i++) {
		const struct node_gene *old, *new;
		struct innovation_book b;
		struct genome *g;

		arena_init(&mem, MEMORY);
		innovation_open(&b, &mem, &chain_counters);
		g = chain_minimal(&mem, 64, space_default(), &r);
		mutate_split(&(struct mutator){&mem, &b, &p, space_default()},
			g, &r);
		old = &g->nodes[2];
		new = &g->nodes[3];
		if (new->kind == NODE_CONV) {
			assert_int_equal(new->conv.kernel, 3);
			assert_int_equal(new->conv.filters, old->conv.filters);
			assert_int_equal(
				new->conv.activation, old->conv.activation);
			assert_int_equal(new->conv.norm, CONV_NORM_BATCH);
		} else {
			assert_int_equal(
				new->dense.activation, old->conv.activation);
		}
		convs += new->kind == NODE_CONV;
		arena_release(&mem);
	}
	assert_in_range(convs, 180, 270);
}

/* How many of 300 removals from a chain whose first edge was split give the
 * network of before the split. */
static int undone(double mend_rate)
{
	struct params p = cnn();
	struct arena mem;
	struct rng r;
	int n = 0;

	rng_stream(&r, 10, 0, 0);
	p.mend_rate = mend_rate;
	for (int i = 0; i < 300; i++) {
		struct genome *was, *g;
		struct innovation_book b;

		arena_init(&mem, MEMORY);
		innovation_open(&b, &mem, &chain_counters);
		was = chain_minimal(&mem, 64, space_default(), &r);
		g = genome_copy(&mem, was);
		mutate_split(&(struct mutator){&mem, &b, &p, space_default()},
			g, &r);
		mutate_remove(&(struct mutator){&mem, &b, &p, space_default()},
			g, &r);
		must_be_valid(g);
		n += genome_equal(
			genome_expressed(&mem, g), genome_expressed(&mem, was));
		arena_release(&mem);
	}
	return n;
}

static void a_removal_undoes_a_split_at_the_mend_rate(void **state)
{
	(void)state;
	assert_int_equal(undone(0), 0);
	assert_in_range(undone(1), 30, 150);
}

static void mutation_is_tried_until_something_else_is_trained(void **state)
{
	struct params p = cnn();
	int same[2] = {0, 0};
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 11, 0, 0);
	for (int i = 0; i < 4000; i++) {
		struct innovation_book b;
		struct genome *was, *g;

		arena_init(&mem, MEMORY);
		innovation_open(&b, &mem, &chain_counters);
		p.mutation_tries = i % 2 ? 20 : 1;
		was = chain_minimal(&mem, 64, space_default(), &r);
		g = genome_copy(&mem, was);
		mutate(&(struct mutator){&mem, &b, &p, space_default()}, g, &r);
		same[i % 2] += genome_equal(
			genome_expressed(&mem, g), genome_expressed(&mem, was));
		arena_release(&mem);
	}
	assert_true(same[0] > 20);
	assert_int_equal(same[1], 0);
}

static void what_no_path_goes_through_is_not_expressed(void **state)
{
	struct params p = cnn();
	struct innovation_book b;
	struct genome *was, *g;
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 12, 0, 0);
	arena_init(&mem, MEMORY);
	innovation_open(&b, &mem, &chain_counters);
	was = chain_minimal(&mem, 64, space_default(), &r);
	g = genome_copy(&mem, was);
	mutate_split(&(struct mutator){&mem, &b, &p, space_default()}, g, &r);
	for (size_t i = 0; i < g->n_edges; i++)
		genome_own_edges(&mem, g)[i].enabled = i < was->n_edges;
	genome_own_nodes(&mem, g)[2].merge = MERGE_CONCAT;
	genome_own_hypers(&mem, g)[HYPER_DROPOUT].value = 0.9;
	assert_int_equal(g->n_nodes, was->n_nodes + 1);
	assert_true(genome_equal(
		genome_expressed(&mem, g), genome_expressed(&mem, was)));
	arena_release(&mem);
}

static void a_merge_is_perturbed_only_where_edges_meet(void **state)
{
	const struct params p = cnn();
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 8, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < 2000; i++) {
		struct genome *g = chain_minimal(&mem, 64, space_default(), &r);
		struct genome *c = genome_copy(&mem, g);

		c->kind->perturb(&mem, c, &p, space_default(), &r);
		for (size_t k = 0; k < g->n_nodes; k++)
			assert_int_equal(c->nodes[k].merge, g->nodes[k].merge);
	}
	arena_release(&mem);
}

static void no_convolution_comes_after_a_dense_layer(void **state)
{
	const struct params p = cnn();
	int dense = 0, skips = 0;
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 9, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < 300; i++) {
		struct genome *g = grown(&mem, &p, 30, &r);

		for (size_t k = 0; k < g->n_edges; k++) {
			enum node_kind from =
				genome_node(g, g->edges[k].from)->kind;
			enum node_kind to =
				genome_node(g, g->edges[k].to)->kind;

			dense += from == NODE_DENSE;
			assert_false(from == NODE_DENSE && to == NODE_CONV);
		}
		skips += g->n_edges > g->n_nodes;
		arena_release(&mem);
	}
	assert_true(dense > 100); /* both kinds grow, and graphs do */
	assert_true(skips > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_hundred_thousand_operations_keep_genomes_valid_and_aligned),
		cmocka_unit_test(
			crossover_with_itself_gives_the_genome_but_for_disabled_genes),
		cmocka_unit_test(the_minimal_start_is_one_convolution),
		cmocka_unit_test(
			every_attribute_and_hyper_is_perturbed_sometime),
		cmocka_unit_test(a_new_layer_takes_after_its_neighbour),
		cmocka_unit_test(a_removal_undoes_a_split_at_the_mend_rate),
		cmocka_unit_test(
			mutation_is_tried_until_something_else_is_trained),
		cmocka_unit_test(what_no_path_goes_through_is_not_expressed),
		cmocka_unit_test(a_merge_is_perturbed_only_where_edges_meet),
		cmocka_unit_test(no_convolution_comes_after_a_dense_layer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
