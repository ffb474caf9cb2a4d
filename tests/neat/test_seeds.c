/* test_seeds.c -- genomes of several runs get numbers that mean the same in
 * all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "genomes.h"
#include "neat/algorithm.h"
#include "neat/chain.h"
#include "neat/marking.h"
#include "neat/mutate.h"
#include "neat/seeds.h"

#define STEPS 60

static int set_up(void **state)
{
	static struct arena mem;

	arena_init(&mem, (size_t)1 << 30);
	*state = &mem;
	return 0;
}

static int tear_down(void **state)
{
	arena_release(*state);
	return 0;
}

/* A genome of run `run`: the counters begin where those of every run do. */
static const struct genome *line_of(struct arena *mem, uint64_t run, int steps)
{
	struct params p = preset("cnn");
	struct innovation_book book;
	const struct mutator m = {mem, &book, &p, space_default()};
	struct genome *g;
	struct rng r;

	rng_stream(&r, run, 0, 0);
	innovation_open(&book, mem, &chain_counters);
	g = chain_minimal(mem, 64, space_default(), &r);
	for (int i = 0; i < steps; i++)
		mutate(&m, g, &r);
	return g;
}

/* All but their numbers. */
static int same_node(const struct node_gene *a, const struct node_gene *b)
{
	struct node_gene x = *a, y = *b;

	x.number = y.number = 0;
	return memcmp(&x, &y, sizeof x) == 0;
}

static void assert_same_network(const struct genome *a, const struct genome *b)
{
	size_t found = 0;

	assert_int_equal(genome_check(b, NULL), 0);
	assert_int_equal(a->n_nodes, b->n_nodes);
	assert_int_equal(a->n_edges, b->n_edges);
	for (size_t i = 0; i < a->n_nodes; i++)
		for (size_t k = 0; k < b->n_nodes; k++)
			if (same_node(&a->nodes[i], &b->nodes[k])) {
				found++;
				break;
			}
	assert_int_equal(found, a->n_nodes);
	assert_memory_equal(
		a->hypers, b->hypers, a->n_hypers * sizeof *a->hypers);
}

static void assert_agree(struct arena *mem, const struct genome **g, size_t n,
	const struct innovation_counters *next)
{
	const struct genome *all[SEEDS_MAX + 1];
	struct err e = {0};

	all[0] = chain_genes(mem);
	for (size_t i = 0; i < n; i++) {
		all[i + 1] = g[i];
		assert_true(g[i]->nodes[g[i]->n_nodes - 1].number < next->node);
		assert_true(g[i]->edges[g[i]->n_edges - 1].number < next->edge);
	}
	if (markings_check(mem, all, n + 1, &e))
		fail_msg("%s", e.text);
}

static void a_genome_alone_keeps_its_numbers(void **state)
{
	const struct genome *in = line_of(*state, 1, STEPS), *out;
	struct innovation_counters next;

	seeds_align(*state, &in, 1, &out, &next);
	assert_true(genome_equal(in, out));
	assert_agree(*state, &out, 1, &next);
	assert_true(next.node > chain_counters.node);
}

static void chains_need_no_new_numbers(void **state)
{
	const struct genome *in[8], *out[8];
	const struct chain_start start = {4, 1};
	struct innovation_counters next;
	struct rng r;

	rng_stream(&r, 2, 0, 0);
	for (uint64_t i = 0; i < 8; i++)
		in[i] = chain_first(*state, i, 64, &start, space_default(), &r);
	seeds_align(*state, in, 8, out, &next);
	for (int i = 0; i < 8; i++)
		assert_true(genome_equal(in[i], out[i]));
	assert_int_equal(next.node, chain_counters.node);
	assert_int_equal(next.edge, chain_counters.edge);
}

static void genomes_of_other_runs_get_new_numbers(void **state)
{
	const struct genome *in[5], *out[5];
	struct innovation_counters next;

	for (uint64_t i = 0; i < 5; i++)
		in[i] = line_of(*state, 10 + i, STEPS);
	assert_int_equal(markings_check(*state, in, 5, NULL), ERR_RANGE);
	seeds_align(*state, in, 5, out, &next);
	assert_agree(*state, out, 5, &next);
	assert_true(genome_equal(in[0], out[0]));
	for (int i = 0; i < 5; i++)
		assert_same_network(in[i], out[i]);
}

/* Two stages of one line share what they shared. */
static void genomes_of_one_run_get_the_same_new_numbers(void **state)
{
	const struct genome *in[3], *out[3];
	struct innovation_counters next;
	size_t shared = 0, still = 0;

	in[0] = line_of(*state, 20, STEPS);
	in[1] = line_of(*state, 21, STEPS);
	in[2] = line_of(*state, 21, STEPS + 30);
	assert_int_equal(markings_check(*state, in, 2, NULL), ERR_RANGE);
	assert_int_equal(markings_check(*state, in + 1, 2, NULL), 0);
	seeds_align(*state, in, 3, out, &next);
	assert_agree(*state, out, 3, &next);
	for (size_t i = 0; i < in[1]->n_edges; i++) {
		shared += genome_edge(in[2], in[1]->edges[i].number) != NULL;
		still += genome_edge(out[2], out[1]->edges[i].number) != NULL;
	}
	assert_true(shared > 5);
	assert_int_equal(still, shared);
}

/* A chain's number on another kind of layer, and numbers without room above. */
static void numbers_that_cannot_be_kept_are_not(void **state)
{
	struct genome *strange = genome_clone(*state, line_of(*state, 30, 0));
	struct genome *large = genome_clone(*state, strange);
	const struct genome *in[2] = {strange, large}, *out[2];
	struct innovation_counters next;
	struct node_gene *n = genome_own_nodes(*state, strange);

	assert_int_equal(n[2].number, 2);
	n[2].kind = NODE_DENSE;
	n[2].conv = (struct conv_gene){.filters = 0};
	n[2].dense = (struct dense_gene){.units = 16};
	genome_own_nodes(*state, large)[2].number = GENE_NUMBER_MAX;
	genome_own_edges(*state, large)[0].to = GENE_NUMBER_MAX;
	genome_own_edges(*state, large)[1].from = GENE_NUMBER_MAX;
	genome_own_edges(*state, large)[1].number = GENE_NUMBER_MAX;
	seeds_align(*state, in, 2, out, &next);
	assert_agree(*state, out, 2, &next);
	assert_same_network(in[0], out[0]);
	assert_same_network(in[1], out[1]);
	assert_true(next.node < 100 && next.edge < 200);
}

/* -- in a first generation -- */

#define SIZE 10

static struct generation_request question(int algorithm)
{
	struct generation_request q = {.algorithm = algorithm,
		.seed = 7,
		.size = SIZE,
		.space = *space_default(),
		.batch_size = 64,
		.data = {1, 28, 28, 10}};

	fields_default(algorithm_at(algorithm)->settings, FIELD_REQUEST, q.own);
	return q;
}

static struct population ask(
	struct arena *mem, const struct generation_request *q)
{
	struct population p;
	struct err e = {0};

	if (algorithm_next(mem, q, &p, &e))
		fail_msg("%s: %s", algorithm_name(q->algorithm), e.text);
	return p;
}

/* A chain with a dense layer is of every algorithm's form. */
static const struct genome *chain(struct arena *mem, uint64_t seed)
{
	struct rng r;

	rng_stream(&r, seed, 0, 0);
	return chain_least(mem, 3, 2, 32, space_default(), &r);
}

static void assert_same_chain(const struct genome *a, const struct genome *b)
{
	const struct data_shape data = {1, 28, 28, 10};
	struct flat x, y;

	assert_int_equal(chain_to_flat(a, &data, &x, NULL), 0);
	assert_int_equal(chain_to_flat(b, &data, &y, NULL), 0);
	assert_true(flat_equal(&x, &y));
}

static void known_genomes_are_the_first_members(void **state)
{
	const struct genome *seeds[2] = {chain(*state, 1), chain(*state, 2)};

	for (int i = 0; algorithm_at(i); i++) {
		struct generation_request q = question(i);
		const struct population without = ask(*state, &q);
		struct population with;

		q.seeds = seeds;
		q.n_seeds = 2;
		with = ask(*state, &q);
		assert_int_equal(with.n, SIZE);
		for (size_t k = 0; k < SIZE; k++) {
			assert_int_equal(with.members[k].id, k);
			assert_int_equal(with.members[k].parents[0], -1);
			if (k >= 2)
				assert_true(genome_equal(with.members[k].genome,
					without.members[k].genome));
		}
		assert_same_chain(seeds[0], with.members[0].genome);
		assert_same_chain(seeds[1], with.members[1].genome);
	}
}

static void a_population_with_known_genomes_breeds_on(void **state)
{
	const struct genome *seeds[4];

	for (uint64_t i = 0; i < 4; i++)
		seeds[i] = line_of(*state, 40 + i, STEPS);
	for (int i = 0; algorithm_at(i); i++) {
		struct generation_request q = question(i);
		struct population p;

		if (algorithm_at(i)->form == GENOME_FLAT)
			continue;
		q.seeds = seeds;
		q.n_seeds = 4;
		for (int g = 0; g < 4; g++) {
			const struct genome *all[SIZE];

			p = ask(*state, &q);
			for (size_t k = 0; k < p.n; k++) {
				p.members[k].fitness = 1.0 / (double)(k + 1);
				all[k] = p.members[k].genome;
				assert_int_equal(genome_check(all[k], NULL), 0);
			}
			assert_int_equal(
				markings_check(*state, all, p.n, NULL), 0);
			q.generation++;
			q.now = p;
			q.n_seeds = 0;
		}
	}
}

static int admits_few_nodes(const struct genome *g,
	const struct data_shape *data, const struct limits *l, struct err *e)
{
	(void)data;
	if ((int64_t)g->n_nodes <= l->max_parameters)
		return 1;
	err_set(e, ERR_RANGE, "too many nodes");
	return 0;
}

static void refused(
	struct arena *mem, const struct generation_request *q, const char *why)
{
	struct population p;
	struct err e = {0};

	assert_int_equal(algorithm_next(mem, q, &p, &e), ERR_RANGE);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" is not in: %s", why, e.text);
}

static void known_genomes_that_do_not_fit_are_refused(void **state)
{
	const struct genome *seeds[SIZE + 1];

	for (int i = 0; i <= SIZE; i++)
		seeds[i] = line_of(*state, 50, STEPS);
	for (int i = 0; algorithm_at(i); i++) {
		struct generation_request q = question(i);

		q.seeds = seeds;
		q.n_seeds = SIZE + 1;
		refused(*state, &q, "11 known genomes");
		q.n_seeds = 1;
		q.limits.max_parameters = 8;
		q.admits = admits_few_nodes;
		refused(*state, &q, "known genome 1: too many nodes");
		q.admits = NULL;
		if (algorithm_at(i)->form == GENOME_FLAT)
			refused(*state, &q, "known genome 1: the flat form");
		q = question(i);
		q.now = ask(*state, &q);
		for (size_t k = 0; k < SIZE; k++)
			q.now.members[k].fitness = 0.5;
		q.generation = 1;
		q.seeds = seeds;
		q.n_seeds = 1;
		refused(*state, &q, "generation 0, and no other");
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_genome_alone_keeps_its_numbers),
		TEST(chains_need_no_new_numbers),
		TEST(genomes_of_other_runs_get_new_numbers),
		TEST(genomes_of_one_run_get_the_same_new_numbers),
		TEST(numbers_that_cannot_be_kept_are_not),
		TEST(known_genomes_are_the_first_members),
		TEST(a_population_with_known_genomes_breeds_on),
		TEST(known_genomes_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
