/* test_network.c -- a compiled network computes what its genome says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "classic/network.h"
#include "neat/mutate.h"
#include "neat/neuron.h"

static struct arena mem;

static int setup(void **state)
{
	(void)state;
	arena_init(&mem, (size_t)1 << 30);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

static double sigmoid(double x)
{
	return 1 / (1 + exp(-4.9 * x));
}

/* Inputs 0 and 1, bias 2, output 3, hidden from 4. */
static struct genome *genome_of(
	int hidden, const struct edge_gene *edges, size_t n)
{
	struct genome *g = arena_alloc(&mem, sizeof *g);

	*g = (struct genome){.kind = &genome_neurons};
	for (int i = 0; i < 4 + hidden; i++)
		genome_add_node(&mem, g,
			&(struct node_gene){
				.number = i, .kind = neuron_kind(i, 3, 1)});
	for (size_t i = 0; i < n; i++)
		genome_add_edge(&mem, g, &edges[i]);
	return g;
}

static void near(double got, double wanted)
{
	if (fabs(got - wanted) > 1e-13)
		fail_msg("%.17g is not %.17g", got, wanted);
}

static void one_activation_carries_inputs_through_all_layers(void **state)
{
	/* 0 -> 5 -> 4 -> 3, against the order of the numbers. */
	static const struct edge_gene edges[] = {
		{.number = 0, .from = 0, .to = 5, .enabled = 1, .weight = 2},
		{.number = 1, .from = 5, .to = 4, .enabled = 1, .weight = -1},
		{.number = 2, .from = 4, .to = 3, .enabled = 1, .weight = 3},
		{.number = 3, .from = 2, .to = 3, .enabled = 1, .weight = .5},
		{.number = 4, .from = 1, .to = 3, .enabled = 0, .weight = 99},
	};
	struct network *n = network_new(&mem, genome_of(2, edges, 5));
	const double in[3] = {0.3, 0.7, 1};
	double out;

	(void)state;
	network_activate(n, in, &out);
	near(out, sigmoid(3 * sigmoid(-sigmoid(0.6)) + 0.5));
}

static void a_neuron_that_no_input_reaches_is_silent(void **state)
{
	static const struct edge_gene edges[] = {
		{.number = 0, .from = 0, .to = 3, .enabled = 1, .weight = 1},
		{.number = 1, .from = 4, .to = 3, .enabled = 1, .weight = 50},
	};
	struct network *n = network_new(&mem, genome_of(1, edges, 2));
	const double in[3] = {0.2, 0, 1};
	double out;

	(void)state;
	network_activate(n, in, &out);
	near(out, sigmoid(0.2));
}

static void bias_and_activation_of_a_neuron_count(void **state)
{
	static const struct edge_gene edges[] = {
		{.number = 0, .from = 0, .to = 3, .enabled = 1, .weight = 2}};
	struct genome *g = genome_of(0, edges, 1);
	struct node_gene *own = genome_own_nodes(&mem, g);
	const double in[3] = {0.4, 0, 1};
	double out;

	(void)state;
	own[3].neuron = (struct neuron_gene){NEURON_TANH, -0.5};
	network_activate(network_new(&mem, g), in, &out);
	near(out, tanh(0.3));
}

static void a_loop_remembers_the_activation_before(void **state)
{
	static const struct edge_gene edges[] = {
		{.number = 0, .from = 0, .to = 3, .enabled = 1, .weight = 1},
		{.number = 1, .from = 3, .to = 3, .enabled = 1, .weight = -2},
	};
	struct genome *g = genome_of(0, edges, 2);
	struct network *n;
	const double in[3] = {0.5, 0, 1};
	double first, second, again;

	(void)state;
	g->recurrent = 1;
	n = network_new(&mem, g);
	network_activate(n, in, &first);
	network_activate(n, in, &second);
	near(first, sigmoid(0.5));
	near(second, sigmoid(0.5 - 2 * first));
	network_reset(n);
	network_activate(n, in, &again);
	assert_true(again == first);
}

static void sizes_count_hidden_nodes_and_enabled_edges(void **state)
{
	static const struct edge_gene edges[] = {
		{.number = 0, .from = 0, .to = 3, .enabled = 1},
		{.number = 1, .from = 4, .to = 3, .enabled = 1},
		{.number = 2, .from = 1, .to = 3, .enabled = 0},
	};
	const struct genome *g = genome_of(2, edges, 3);

	(void)state;
	assert_int_equal(network_hidden(g), 2);
	assert_int_equal(network_connections(g), 2);
}

/* The value of a node by recursion over its enabled edges. */
static double value_of(
	const struct genome *g, int64_t node, const double in[3], int *reached)
{
	double sum = 0;

	*reached = node < 3;
	if (node < 3)
		return in[node];
	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];
		int from_input;
		double v;

		if (x->to != node || !x->enabled)
			continue;
		v = value_of(g, x->from, in, &from_input);
		sum += from_input ? x->weight * v : 0;
		*reached |= from_input;
	}
	return sigmoid(sum);
}

static void compiled_is_what_recursion_gives(void **state)
{
	struct params p;
	struct innovation_book book;
	struct innovation_counters next;
	const double in[3] = {0.25, -0.5, 1};

	(void)state;
	assert_int_equal(params_preset(&p, "paper2002", NULL), 0);
	p.add_node_rate = p.add_edge_rate = 0.2;
	p.toggle_rate = 0.2;
	for (uint64_t i = 0; i < 500; i++) {
		struct rng r;
		struct genome *g;
		double out, wanted;
		int reached;

		rng_stream(&r, 77, 0, i);
		g = neuron_minimal(&mem, 3, 1, 0, &p, &r, &next);
		innovation_open(&book, &mem, &next);
		for (int k = 0; k < 12; k++)
			mutate(&(struct mutator){&mem, &book, &p,
				       space_default()},
				g, &r);
		network_activate(network_new(&mem, g), in, &out);
		wanted = value_of(g, 3, in, &reached);
		if (fabs(out - wanted) > 1e-12)
			fail_msg(
				"genome %d: %g is not %g", (int)i, out, wanted);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_activation_carries_inputs_through_all_layers),
		CASE(a_neuron_that_no_input_reaches_is_silent),
		CASE(bias_and_activation_of_a_neuron_count),
		CASE(a_loop_remembers_the_activation_before),
		CASE(sizes_count_hidden_nodes_and_enabled_edges),
		CASE(compiled_is_what_recursion_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
