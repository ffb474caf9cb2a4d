/* test_limits.c -- no algorithm makes a genome that exceeds a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/cost.h"
#include "neat/algorithm.h"
#include "neat/chain.h"

#define SIZE 12
#define GENERATIONS 8

static const struct data_shape mnist = {1, 28, 28, 10};

static int set_up(void **state)
{
	static struct arena mem;

	arena_init(&mem, REPRODUCE_BYTES_MAX);
	*state = &mem;
	return 0;
}

static int tear_down(void **state)
{
	arena_release(*state);
	return 0;
}

static struct generation_request first_question(
	int algorithm, const struct limits *l)
{
	struct generation_request q = {.algorithm = algorithm,
		.seed = 11,
		.size = SIZE,
		.space = *space_default(),
		.batch_size = 64,
		.limits = *l,
		.admits = model_admits,
		.data = mnist};

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

/* After the answer `p`, in which the largest genomes are the fittest. */
static struct generation_request question_after(
	const struct generation_request *q, const struct population *p)
{
	struct generation_request next = *q;
	struct network_cost c;

	next.generation++;
	next.now = *p;
	for (size_t i = 0; i < p->n; i++) {
		assert_int_equal(
			model_cost(p->members[i].genome, &mnist, &c, NULL), 0);
		p->members[i].fitness = (double)c.forward_flops / 1e9;
	}
	return next;
}

static void assert_within(
	const struct population *p, const struct limits *l, int elites_too)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct individual *m = &p->members[i];
		struct err e = {0};

		assert_int_equal(genome_check(m->genome, NULL), 0);
		if ((elites_too || !m->elite) &&
			!model_admits(m->genome, &mnist, l, &e))
			fail_msg("genome %lld: %s", (long long)m->id, e.text);
	}
}

static const struct limits each[] = {
	{.max_parameters = 20000},
	{.max_parameters = 5000},
	{.max_mflop = 2.5},
	{.max_model_kb = 100},
	{.max_parameters = 30000, .max_mflop = 4, .max_model_kb = 120},
	/* Little more than the smallest network takes. */
	{.max_parameters = 26000, .max_mflop = 0.2},
};

static void no_genome_of_any_algorithm_exceeds_a_limit(void **state)
{
	for (size_t k = 0; k < sizeof each / sizeof *each; k++)
		for (int i = 0; algorithm_at(i); i++) {
			struct generation_request q = first_question(
				i, &each[k]);

			for (int g = 0; g < GENERATIONS; g++) {
				struct population p = ask(*state, &q);

				assert_within(&p, &each[k], 1);
				q = question_after(&q, &p);
			}
		}
}

static void assert_same(const struct population *a, const struct population *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		assert_int_equal(a->members[i].id, b->members[i].id);
		assert_int_equal(
			a->members[i].mutations, b->members[i].mutations);
		assert_true(genome_equal(
			a->members[i].genome, b->members[i].genome));
	}
}

static void limits_that_nothing_exceeds_change_nothing(void **state)
{
	const struct limits none = {0}, wide = {.max_parameters = 1000000000};

	for (int i = 0; algorithm_at(i); i++) {
		struct generation_request q = first_question(i, &none);

		for (int g = 0; g < GENERATIONS; g++) {
			struct generation_request within = q;
			struct population a = ask(*state, &q), b;

			within.limits = wide;
			b = ask(*state, &within);
			assert_same(&a, &b);
			q = question_after(&q, &a);
		}
	}
}

/* As in a run that goes on from another with other limits. */
static void a_population_over_a_limit_breeds_within_it(void **state)
{
	const struct limits none = {0};
	const struct limits tight = {.max_parameters = 30000, .max_mflop = 0.5};

	for (int i = 0; algorithm_at(i); i++) {
		struct generation_request q = first_question(i, &none);
		struct population p = ask(*state, &q);

		q = question_after(&q, &p);
		q.limits = tight;
		for (int g = 1; g < GENERATIONS; g++) {
			p = ask(*state, &q);
			assert_within(&p, &tight, 0);
			q = question_after(&q, &p);
		}
	}
}

static void limits_that_nothing_keeps_are_refused(void **state)
{
	static const struct {
		struct limits l;
		const char *key;
	} low[] = {
		{{.max_parameters = 100}, "max_parameters"},
		{{.max_mflop = 0.01}, "max_mflop"},
		{{.max_model_kb = 1}, "max_model_kb"},
	};

	for (size_t k = 0; k < sizeof low / sizeof *low; k++)
		for (int i = 0; algorithm_at(i); i++) {
			struct generation_request q = first_question(
				i, &low[k].l);
			struct population p;
			struct err e = {0};

			assert_int_equal(
				algorithm_next(*state, &q, &p, &e), ERR_RANGE);
			assert_non_null(strstr(e.text, low[k].key));
			assert_non_null(strstr(e.text, "no network"));
		}
}

/* 8 filters of 3x3 with a bias and two norms, then 14x14 of them to 10. */
static void a_cost_is_that_counted_by_hand(void **state)
{
	const int64_t conv = 8 * 9, dense = 8 * 14 * 14 * 10;
	struct network_cost c;
	struct genome *g;
	struct rng r;

	rng_stream(&r, 1, 0, 0);
	g = chain_least(*state, 1, 0, 64, space_default(), &r);
	assert_int_equal(model_cost(g, &mnist, &c, NULL), 0);
	assert_int_equal(c.parameters, conv + 8 + 2 * 8 + dense + 10);
	assert_int_equal(c.weight_bytes, 4 * (c.parameters + 2 * 8));
	assert_int_equal(c.forward_flops, 2 * (conv * 28 * 28 + dense));
}

static void what_is_no_network_keeps_to_no_limit(void **state)
{
	/* Maps that are too large. */
	const struct data_shape huge = {64, 1024, 1024, 10};
	const struct limits l = {.max_parameters = 1000000000};
	struct genome *g;
	struct rng r;
	struct err e = {0};

	rng_stream(&r, 1, 0, 0);
	g = chain_least(*state, 1, 0, 64, space_default(), &r);
	assert_false(model_admits(g, &huge, &l, &e));
	assert_int_equal(e.code, ERR_GENOME);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(no_genome_of_any_algorithm_exceeds_a_limit),
		TEST(limits_that_nothing_exceeds_change_nothing),
		TEST(a_population_over_a_limit_breeds_within_it),
		TEST(limits_that_nothing_keeps_are_refused),
		TEST(a_cost_is_that_counted_by_hand),
		TEST(what_is_no_network_keeps_to_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
