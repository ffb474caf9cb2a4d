/* test_fingerprint.c -- genomes have one fingerprint if they are one network to
 * train, and else not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "chains.h"
#include "model/fingerprint.h"

static struct arena mem;

static int set_up(void **state)
{
	(void)state;
	arena_init(&mem, (size_t)1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

static struct flat flat(void)
{
	return (struct flat){.data = {1, 28, 28, 10},
		.n_conv = 1,
		.n_dense = 1,
		.n_activations = 1,
		.activations = {ACT_TANH},
		.filters = {8},
		.kernels = {3},
		.nodes = {20},
		.dropout = 0.25,
		.learning_rate = 0.001,
		.batch_size = 32,
		.optimizer = OPT_ADAM};
}

static const char *of(const struct genome *g)
{
	static char text[2][SHA256_HEX_BYTES];
	static int i;
	const struct data_shape data = {1, 28, 28, 10};
	struct model m;

	assert_int_equal(model_decode(g, &data, INT64_MAX, &m, NULL), 0);
	model_fingerprint(&m, text[i ^= 1]);
	assert_true(sha256_is_hex(text[i]));
	return text[i];
}

static void how_genes_are_numbered_does_not_count(void **state)
{
	const struct flat f = flat();
	struct genome *g = genome_copy(&mem, chain_of(&f));
	struct node_gene *nodes = genome_own_nodes(&mem, g);
	struct edge_gene *edges = genome_own_edges(&mem, g);
	const int64_t last = nodes[g->n_nodes - 1].number;

	(void)state;
	nodes[g->n_nodes - 1].number += 1000;
	for (size_t i = 0; i < g->n_edges; i++) {
		edges[i].number += 1000;
		edges[i].from += edges[i].from == last ? 1000 : 0;
		edges[i].to += edges[i].to == last ? 1000 : 0;
	}
	assert_false(genome_equal(g, chain_of(&f)));
	assert_string_equal(of(g), of(chain_of(&f)));
}

static void what_is_not_expressed_does_not_count(void **state)
{
	const struct flat f = flat();
	struct genome *g = genome_copy(&mem, chain_of(&f));
	struct node_gene idle = g->nodes[g->n_nodes - 1];

	(void)state;
	idle.number += 1000;
	genome_add_node(&mem, g, &idle);
	assert_string_equal(of(g), of(chain_of(&f)));
}

static void all_that_a_training_depends_on_counts(void **state)
{
	const struct flat f = flat();
	struct flat other[] = {f, f, f, f, f, f, f, f};

	(void)state;
	other[0].filters[0] = 9;
	other[1].kernels[0] = 5;
	other[2].nodes[0] = 21;
	other[3].activations[0] = ACT_SELU;
	other[4].dropout = 0.3;
	other[5].learning_rate = 0.0010000000000000002;
	other[6].batch_size = 33;
	other[7].optimizer = OPT_ADAMW;
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		assert_string_not_equal(
			of(chain_of(&other[i])), of(chain_of(&f)));
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(how_genes_are_numbered_does_not_count),
		RULE(what_is_not_expressed_does_not_count),
		RULE(all_that_a_training_depends_on_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
