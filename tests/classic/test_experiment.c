/* test_experiment.c -- a run is a function of its seed; ablations leave out
 * what they say; the tasks score as the paper defines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "classic/experiment.h"
#include "classic/experiment_private.h"
#include "classic/summary.h"
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

static int go_on(void *arg)
{
	(void)arg;
	return 0;
}

static int stop_at_once(void *arg)
{
	(void)arg;
	return 1;
}

static struct experiment experiment(
	const struct task *task, enum ablation ablation)
{
	struct experiment x;

	assert_int_equal(
		experiment_init(&x, task, "paper2002", ablation, NULL), 0);
	return x;
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
	assert_int_equal(a->solved, b->solved);
	assert_int_equal(a->evaluations, b->evaluations);
	assert_int_equal(a->generations, b->generations);
	assert_int_equal(a->hidden, b->hidden);
	assert_int_equal(a->connections, b->connections);
	assert_int_equal(a->species, b->species);
}

static void the_same_seed_gives_the_same_outcome(void **state)
{
	struct experiment x = experiment(&task_xor, ABLATE_NOTHING);
	struct outcome a, b;

	(void)state;
	for (int64_t seed = 0; seed < 3; seed++) {
		assert_int_equal(
			experiment_run(&x, seed, go_on, NULL, &a, NULL), 0);
		assert_int_equal(
			experiment_run(&x, seed, go_on, NULL, &b, NULL), 0);
		assert_same(&a, &b);
	}
}

static void every_member_of_every_generation_is_an_evaluation(void **state)
{
	struct experiment x = experiment(&task_xor, ABLATE_NOTHING);
	struct outcome out;

	(void)state;
	assert_int_equal(experiment_run(&x, 5, go_on, NULL, &out, NULL), 0);
	assert_true(out.solved);
	assert_int_equal(out.evaluations, 150 * out.generations);
	assert_int_equal(out.starts, -1);
	assert_true(out.hidden >= 1);
}

static void a_run_that_is_stopped_says_so(void **state)
{
	struct experiment x = experiment(&task_xor, ABLATE_NOTHING);
	struct outcome out;
	struct err e;

	(void)state;
	assert_int_equal(experiment_run(&x, 5, stop_at_once, NULL, &out, &e),
		ERR_CANCELLED);
}

static void an_unknown_preset_is_refused(void **state)
{
	struct experiment x;
	struct err e;

	(void)state;
	assert_int_equal(
		experiment_init(&x, &task_xor, "best", 0, &e), ERR_NOT_FOUND);
}

static void the_paper_sets_other_constants_without_velocities(void **state)
{
	struct experiment x = experiment(&task_pole2_novel, ABLATE_NOTHING);

	(void)state;
	assert_true(x.params.c3 == 3 && x.params.threshold == 4);
	assert_true(x.params.add_edge_rate == 0.3);
	assert_int_equal(x.task->population, 1000);
	assert_int_equal(
		experiment_init(&x, &task_pole2_novel, "jair2004", 0, NULL), 0);
	assert_true(x.params.c3 == 2);
}

/* -- the genomes that a run starts from -- */

static const struct genome **start(
	enum ablation ablation, struct innovation_counters *next)
{
	struct experiment x = experiment(&task_pole2, ablation);
	const struct genome **genomes = arena_array(&mem, 50, sizeof *genomes);

	start_genomes(&mem, &x, 9, 50, genomes, next);
	for (int i = 0; i < 50; i++) {
		struct err e;

		if (genome_check(genomes[i], &e))
			fail_msg("%s", e.text);
		assert_true(genomes[i]->edges[genomes[i]->n_edges - 1].number <
			    next->edge);
	}
	return genomes;
}

static void a_run_starts_without_hidden_neurons(void **state)
{
	struct innovation_counters next;
	const struct genome **g = start(ABLATE_NOTHING, &next);

	(void)state;
	for (int i = 0; i < 50; i++) {
		assert_int_equal(network_hidden(g[i]), 0);
		assert_int_equal(network_connections(g[i]), 7);
	}
}

static void without_growth_it_starts_with_ten_and_keeps_them(void **state)
{
	struct experiment x = experiment(&task_pole2, ABLATE_GROWTH);
	struct innovation_counters next;
	const struct genome **g = start(ABLATE_GROWTH, &next);

	(void)state;
	assert_int_equal(network_hidden(g[0]), 10);
	assert_int_equal(network_connections(g[0]), 80);
	assert_true(x.params.add_node_rate == 0 && x.params.add_edge_rate == 0);
}

static void without_species_no_champion_lives_on(void **state)
{
	struct experiment x = experiment(&task_pole2, ABLATE_SPECIATION);

	(void)state;
	assert_true(x.params.champion_size >= (double)x.task->population);
}

static void without_minimal_start_it_starts_with_one_to_ten(void **state)
{
	struct innovation_counters next;
	const struct genome **g = start(ABLATE_MINIMAL, &next);
	int seen[11] = {0}, kinds = 0;

	(void)state;
	for (int i = 0; i < 50; i++) {
		assert_in_range(network_hidden(g[i]), 1, 10);
		seen[network_hidden(g[i])] = 1;
	}
	for (int i = 1; i <= 10; i++)
		kinds += seen[i];
	assert_in_range(kinds, 8, 10);
}

/* -- the tasks -- */

static struct network *with_weights(const struct task *t, const double *weights)
{
	struct experiment x = experiment(t, ABLATE_NOTHING);
	struct innovation_counters next;
	struct rng r;
	struct genome *g;
	struct edge_gene *own;

	rng_stream(&r, 1, 1, 1);
	g = neuron_minimal(&mem, t->inputs, t->outputs, t->recurrent, &x.params,
		&r, &next);
	own = genome_own_edges(&mem, g);
	for (size_t i = 0; i < g->n_edges; i++)
		own[i].weight = weights[i];
	return network_new(&mem, g);
}

static void xor_fitness_is_4_less_the_error_squared(void **state)
{
	const double nothing[3] = {0};
	struct score s = task_xor.evaluate(with_weights(&task_xor, nothing));

	(void)state;
	/* An output of 0.5 throughout is wrong by 2. */
	assert_true(fabs(s.fitness - 4) < 1e-12);
	assert_false(s.solved);
}

static void pole_fitness_counts_the_steps_until_something_falls(void **state)
{
	const double nothing[7] = {0};
	struct score s = task_pole2.evaluate(
		with_weights(&task_pole2, nothing));

	(void)state;
	assert_true(s.fitness > 10 && s.fitness < 200);
	assert_false(s.solved);
}

static void damping_needs_100_steps_to_count(void **state)
{
	const double nothing[4] = {0};
	struct score s = task_pole2_novel.evaluate(
		with_weights(&task_pole2_novel, nothing));

	(void)state;
	/* It falls within 100 steps: 0.1 of a thousandth for each. */
	assert_true(s.fitness > 0.001 && s.fitness < 0.01);
	s = task_pole2_novel.test(with_weights(&task_pole2_novel, nothing));
	assert_false(s.solved);
	assert_int_equal(s.starts, -1);
}

static void figures_are_over_solved_runs(void **state)
{
	const struct outcome o[3] = {{.solved = 1, .evaluations = 100},
		{.solved = 0, .evaluations = 9999},
		{.solved = 1, .evaluations = 200}};
	struct summary s;

	(void)state;
	summary_make(&s, o, 3);
	assert_int_equal(s.runs, 3);
	assert_int_equal(s.solved, 2);
	assert_true(s.evaluations.mean == 150);
	assert_true(fabs(s.evaluations.sd - 50 * sqrt(2)) < 1e-9);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_same_seed_gives_the_same_outcome),
		CASE(every_member_of_every_generation_is_an_evaluation),
		CASE(a_run_that_is_stopped_says_so),
		CASE(an_unknown_preset_is_refused),
		CASE(the_paper_sets_other_constants_without_velocities),
		CASE(a_run_starts_without_hidden_neurons),
		CASE(without_growth_it_starts_with_ten_and_keeps_them),
		CASE(without_species_no_champion_lives_on),
		CASE(without_minimal_start_it_starts_with_one_to_ten),
		CASE(xor_fitness_is_4_less_the_error_squared),
		CASE(pole_fitness_counts_the_steps_until_something_falls),
		CASE(damping_needs_100_steps_to_count),
		CASE(figures_are_over_solved_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
