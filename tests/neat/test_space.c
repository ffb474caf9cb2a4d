/* test_space.c -- evolution draws from the lists that it is given, by number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "genomes.h"
#include "neat/chain.h"
#include "neat/flat_breed.h"
#include "neat/mutate.h"
#include "neat/random.h"
#include "neat/space_json.h"

#define ROUNDS 2000

static const struct space small = {
	.activations = {2, {ACT_SELU, ACT_RELU}},
	.optimizers = {1, {OPT_SGD}},
	.ranges =
		{
			[SPACE_FILTERS] = {20, 90},
			[SPACE_UNITS] = {48, 48},
			[SPACE_KERNEL] = {4, 8},
			[SPACE_LEARNING_RATE] = {0.0005, 0.006},
			[SPACE_BATCH_SIZE] = {50, 70},
			[SPACE_DROPOUT] = {0.05, 0.12},
		},
};

static void the_default_is_the_five_and_the_four_in_order(void **state)
{
	const struct space *s = space_default();

	(void)state;
	assert_int_equal(s->activations.n, 5);
	assert_int_equal(s->optimizers.n, 4);
	for (int i = 0; i < 5; i++)
		assert_int_equal(s->activations.value[i], i);
	for (int i = 0; i < 4; i++)
		assert_int_equal(s->optimizers.value[i], i);
	assert_int_equal(space_check(s, NULL), 0);
}

static void a_draw_is_the_number_of_a_choice(void **state)
{
	struct rng r, same;

	(void)state;
	rng_stream(&r, 1, 0, 0);
	same = r;
	for (int i = 0; i < ROUNDS; i++)
		assert_int_equal(space_draw(&small.activations, &r),
			small.activations.value[rng_below(&same, 2)]);
}

static void another_choice_is_never_the_present_one(void **state)
{
	const struct choices *c = &space_default()->activations;
	int seen = 0, now = ACT_TANH;
	struct rng r;

	(void)state;
	rng_stream(&r, 2, 0, 0);
	for (int i = 0; i < ROUNDS; i++) {
		const int next = space_draw_other(c, now, &r);

		assert_int_not_equal(next, now);
		seen |= 1 << next;
		now = next;
	}
	assert_int_equal(seen, 0x1f);
}

static void what_is_no_choice_becomes_any_of_them(void **state)
{
	int seen = 0;
	struct rng r;

	(void)state;
	rng_stream(&r, 3, 0, 0);
	for (int i = 0; i < ROUNDS; i++)
		seen |= 1 << space_draw_other(&small.activations, ACT_TANH, &r);
	assert_int_equal(seen, 1 << ACT_SELU | 1 << ACT_RELU);
}

static void the_only_choice_stays_and_takes_no_number(void **state)
{
	struct rng r, before;

	(void)state;
	rng_stream(&r, 4, 0, 0);
	before = r;
	assert_int_equal(
		space_draw_other(&small.optimizers, OPT_SGD, &r), OPT_SGD);
	assert_memory_equal(&r, &before, sizeof r);
}

static void refused(struct space s, const char *why)
{
	struct err e = {0};

	assert_int_equal(space_check(&s, &e), ERR_RANGE);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" is not in: %s", why, e.text);
}

static void lists_that_cannot_be_are_refused(void **state)
{
	struct space s = small;

	(void)state;
	s.activations.n = 0;
	refused(s, "activations to draw from, not 0");
	s = small;
	s.optimizers.n = SPACE_CHOICES_MAX + 1;
	refused(s, "optimizers to draw from");
	s = small;
	s.activations.value[1] = ACT_SELU;
	refused(s, "number 2 of the activations");
	s = small;
	s.optimizers.value[0] = OPT_COUNT;
	refused(s, "number 1 of the optimizers");
}

static int is_small(int activation)
{
	return activation == ACT_SELU || activation == ACT_RELU;
}

static void ranges_that_cannot_be_are_refused(void **state)
{
	struct space s = small;

	(void)state;
	s.ranges[SPACE_FILTERS].lo = 0;
	refused(s, "filters from 0 to 90 is no range within 1 to 512");
	s = small;
	s.ranges[SPACE_DROPOUT].hi = 0.91;
	refused(s, "dropout from 0.05 to 0.91 is no range within 0 to 0.9");
	s = small;
	s.ranges[SPACE_UNITS].lo = 49;
	refused(s, "units from 49 to 48 is no range");
	s = small;
	s.ranges[SPACE_KERNEL].hi = 4.5;
	refused(s, "kernel from 4 to 4.5 is no range of whole numbers");
	s = small;
	s.ranges[SPACE_LEARNING_RATE].lo = 0;
	refused(s, "learning_rate");
	s.ranges[SPACE_LEARNING_RATE].lo = (double)NAN;
	refused(s, "learning_rate");
}

static void assert_in(enum space_number number, double x)
{
	const struct range *in = &small.ranges[number];

	if (!(x >= in->lo && x <= in->hi))
		fail_msg("%s is %g", space_table()[number].key, x);
}

static void fresh_draws_are_spread_over_a_range_that_is_given(void **state)
{
	int seen[600] = {0};
	struct rng r;

	(void)state;
	rng_stream(&r, 7, 0, 0);
	for (int i = 0; i < ROUNDS; i++) {
		seen[random_filters(&small, &r)]++;
		seen[100 + random_kernel(&small, &r)]++;
		seen[200 + random_units(&small, &r)]++;
		assert_in(
			SPACE_LEARNING_RATE, random_learning_rate(&small, &r));
		assert_in(SPACE_DROPOUT, random_dropout(&small, &r));
	}
	assert_true(seen[20] && seen[40] && seen[80]);
	assert_int_equal(seen[20] + seen[40] + seen[80], ROUNDS);
	assert_true(seen[104] && seen[106] && seen[108]);
	assert_int_equal(seen[104] + seen[106] + seen[108], ROUNDS);
	assert_int_equal(seen[248], ROUNDS);
}

static void fresh_draws_of_the_standard_range_are_the_usual_ones(void **state)
{
	const struct space *s = space_default();
	struct rng r, same;

	(void)state;
	rng_stream(&r, 8, 0, 0);
	same = r;
	for (int i = 0; i < ROUNDS; i++) {
		char text[32];

		assert_int_equal(
			random_filters(s, &r), 16 << rng_below(&same, 3));
		assert_int_equal(
			random_kernel(s, &r), 3 + 2 * rng_below(&same, 3));
		assert_int_equal(
			random_units(s, &r), 16 << rng_below(&same, 4));
		snprintf(text, sizeof text, "%.3e",
			pow(10, -1 - 3 * rng_unit(&same)));
		assert_true(random_learning_rate(s, &r) == strtod(text, NULL));
	}
}

static void a_step_stays_in_its_range(void **state)
{
	double filters = 20, units = 48, kernel = 4, rate = 0.001, batch = 64,
	       dropout = 0.1;
	struct rng r;

	(void)state;
	rng_stream(&r, 9, 0, 0);
	for (int i = 0; i < ROUNDS; i++) {
		filters = random_filters_near(filters, &small, &r);
		units = random_units_near(units, &small, &r);
		kernel = random_kernel_near(kernel, &small, &r);
		rate = random_learning_rate_near(rate, &small, &r);
		batch = random_batch_near(batch, &small, &r);
		dropout = random_dropout_near(dropout, &small, &r);
		assert_in(SPACE_FILTERS, filters);
		assert_in(SPACE_UNITS, units);
		assert_in(SPACE_KERNEL, kernel);
		assert_in(SPACE_LEARNING_RATE, rate);
		assert_in(SPACE_BATCH_SIZE, batch);
		assert_in(SPACE_DROPOUT, dropout);
	}
}

static void assert_layer_in(const struct node_gene *n)
{
	if (n->kind == NODE_CONV) {
		assert_true(is_small((int)n->conv.activation));
		assert_in(SPACE_FILTERS, n->conv.filters);
		assert_in(SPACE_KERNEL, n->conv.kernel);
	}
	if (n->kind == NODE_DENSE) {
		assert_true(is_small((int)n->dense.activation));
		assert_in(SPACE_UNITS, n->dense.units);
	}
}

static void layers_are_drawn_from_the_space_alone(void **state)
{
	struct params p = preset("cnn");
	struct innovation_book b;
	struct arena mem;
	const struct mutator m = {&mem, &b, &p, &small};
	struct genome *g;
	struct rng r;

	(void)state;
	rng_stream(&r, 5, 0, 0);
	arena_init(&mem, (size_t)1 << 28);
	innovation_open(&b, &mem, &chain_counters);
	g = chain_minimal(&mem, 64, &small, &r);
	for (int i = 0; i < 300; i++)
		mutate(&m, g, &r);
	assert_true(g->n_nodes > 4);
	for (size_t i = 0; i < g->n_nodes; i++)
		assert_layer_in(&g->nodes[i]);
	assert_in(SPACE_LEARNING_RATE, layer_hyper(g, HYPER_LEARNING_RATE));
	assert_in(SPACE_BATCH_SIZE, layer_hyper(g, HYPER_BATCH_SIZE));
	assert_in(SPACE_DROPOUT, layer_hyper(g, HYPER_DROPOUT));
	assert_int_equal((int)layer_hyper(g, HYPER_OPTIMIZER), OPT_SGD);
	arena_release(&mem);
}

static void flat_genomes_are_drawn_from_the_space_alone(void **state)
{
	const struct data_shape data = {1, 28, 28, 10};
	const struct flat_mutation m = {0.5, &small};
	struct flat g;
	struct rng r;

	(void)state;
	rng_stream(&r, 6, 0, 0);
	flat_random(&g, &data, 64, &small, &r);
	for (int k = 0; k < ROUNDS; k++) {
		assert_int_equal(flat_child(&g, &g, &g, &m, &r, NULL), 0);
		for (int i = 0; i < g.n_activations; i++)
			assert_true(is_small((int)g.activations[i]));
		for (int i = 0; i < g.n_conv; i++) {
			assert_in(SPACE_FILTERS, g.filters[i]);
			assert_in(SPACE_KERNEL, g.kernels[i]);
		}
		for (int i = 0; i < g.n_dense; i++)
			assert_in(SPACE_UNITS, g.nodes[i]);
		assert_int_equal(g.optimizer, OPT_SGD);
		assert_in(SPACE_LEARNING_RATE, g.learning_rate);
		assert_in(SPACE_BATCH_SIZE, g.batch_size);
		assert_in(SPACE_DROPOUT, g.dropout);
	}
}

static void first_genomes_are_of_the_space_alone(void **state)
{
	const struct chain_start start = {6, 2};
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 10, 0, 0);
	arena_init(&mem, (size_t)1 << 28);
	for (uint64_t k = 0; k < 200; k++) {
		const struct genome *g = k % 2 ? chain_first(&mem, k, 64,
							 &start, &small, &r)
					       : chain_least(&mem, 3, 1, 64,
							 &small, &r);

		for (size_t i = 0; i < g->n_nodes; i++)
			assert_layer_in(&g->nodes[i]);
	}
	arena_release(&mem);
}

/* -- in documents -- */

static json_t *read_space(const char *text, struct space *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_STORED};
	json_t *v = json_loads(text, 0, NULL), *kept = NULL;

	assert_non_null(v);
	if (fields_read(&space_fields, v, "", &r, out, e) == 0)
		kept = fields_write(&space_fields, FIELD_KEEP, out);
	json_decref(v);
	return kept;
}

static void assert_kept(const char *text, const char *kept)
{
	struct space s;
	struct err e = {0};
	json_t *v = read_space(text, &s, &e);
	char *is;

	if (!v)
		fail_msg("%s", e.text);
	is = json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(is, kept);
	free(is);
	json_decref(v);
}

static void ranges_are_kept_where_they_are_not_the_standard(void **state)
{
	(void)state;
	assert_kept("{}", "{}");
	assert_kept("{\"space\":null}", "{}");
	assert_kept("{\"space\":{}}", "{}");
	assert_kept("{\"space\":{\"filters\":[8,128],\"kernel\":[3,5]}}",
		"{\"space\":{\"kernel\":[3,5]}}");
	assert_kept(
		"{\"space\":{\"filters\":\"16..64\",\"units\":32,"
		"\"dropout\":\"0..0.25\",\"learning_rate\":\".001..1e-2\"}}",
		"{\"space\":{\"dropout\":[0.0,0.25],\"filters\":[16,64],"
		"\"learning_rate\":[0.001,0.01],\"units\":[32,32]}}");
}

static void what_is_no_range_is_refused(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *where;
	} bad[] = {
		{"{\"space\":[]}", ERR_INVALID, "/space"},
		{"{\"space\":{\"fitlers\":[8,16]}}", ERR_INVALID,
			"/space/fitlers"},
		{"{\"space\":{\"filters\":[8]}}", ERR_INVALID,
			"/space/filters"},
		{"{\"space\":{\"filters\":[8,\"16\"]}}", ERR_INVALID,
			"/space/filters"},
		{"{\"space\":{\"filters\":\"8-16\"}}", ERR_INVALID,
			"/space/filters"},
		{"{\"space\":{\"filters\":\"8..\"}}", ERR_INVALID,
			"/space/filters"},
		{"{\"space\":{\"filters\":\"8..16x\"}}", ERR_INVALID,
			"/space/filters"},
		{"{\"space\":{\"filters\":[16,8]}}", ERR_RANGE,
			"/space/filters"},
		{"{\"space\":{\"kernel\":[3,12]}}", ERR_RANGE, "/space/kernel"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct space s;
		struct err e = {0};

		if (read_space(bad[i].text, &s, &e))
			fail_msg("%s", bad[i].text);
		assert_int_equal(e.code, bad[i].code);
		assert_string_equal(e.where, bad[i].where);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_the_five_and_the_four_in_order),
		cmocka_unit_test(a_draw_is_the_number_of_a_choice),
		cmocka_unit_test(another_choice_is_never_the_present_one),
		cmocka_unit_test(what_is_no_choice_becomes_any_of_them),
		cmocka_unit_test(the_only_choice_stays_and_takes_no_number),
		cmocka_unit_test(lists_that_cannot_be_are_refused),
		cmocka_unit_test(layers_are_drawn_from_the_space_alone),
		cmocka_unit_test(flat_genomes_are_drawn_from_the_space_alone),
		cmocka_unit_test(ranges_that_cannot_be_are_refused),
		cmocka_unit_test(
			fresh_draws_are_spread_over_a_range_that_is_given),
		cmocka_unit_test(
			fresh_draws_of_the_standard_range_are_the_usual_ones),
		cmocka_unit_test(a_step_stays_in_its_range),
		cmocka_unit_test(first_genomes_are_of_the_space_alone),
		cmocka_unit_test(
			ranges_are_kept_where_they_are_not_the_standard),
		cmocka_unit_test(what_is_no_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
