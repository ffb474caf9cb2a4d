/* test_run_share.c -- which members' trainings are one, and what follows from
 * it for jobs, totals and finalists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "run_bench.h"

static struct bench bench;

/* Generation 0, of which genomes 0, 2 and 3 are equal. */
static void begin(int policy, int rungs, int inherit)
{
	struct run_settings s = bench_settings();
	struct population p;

	s.seed_policy = policy;
	s.rungs = rungs;
	s.inherit = inherit;
	bench_init(&bench, &s);
	bench_send(&bench, RUN_EV_CONTINUE);
	p = bench_population(&bench, 0, -1);
	p.members[2].genome = p.members[3].genome = p.members[0].genome;
	bench_hand_in(&bench, &p);
}

static int tear_down(void **state)
{
	(void)state;
	bench_release(&bench);
	return 0;
}

/* The genomes that the last step submitted, in order: "0 1". */
static const char *submitted(void)
{
	static char ids[80];
	size_t n = 0;

	ids[0] = '\0';
	for (const struct run_command *c = bench.out.head; c; c = c->next) {
		struct job_id id;

		if (c->kind != RUN_CMD_SUBMIT)
			continue;
		assert_int_equal(job_id_read(c->job.id, &id, NULL), 0);
		n += (size_t)snprintf(ids + n, sizeof ids - n, "%s%d",
			n ? " " : "", (int)id.genome);
	}
	return ids;
}

static struct run_member *member(int64_t id)
{
	return &bench.run.members[id];
}

static void genomes_with_seeds_of_their_own_share_nothing(void **state)
{
	(void)state;
	begin(SEED_OF_GENOME, 1, 0);
	assert_string_equal(submitted(), "0 1 2 3");
	for (const struct run_command *c = bench.out.head; c; c = c->next)
		assert_string_equal(c->key, "");
}

static void of_equal_networks_one_is_trained_at_a_time(void **state)
{
	struct run_command first, next;

	(void)state;
	begin(SEED_OF_NETWORK, 1, 0);
	assert_string_equal(submitted(), "0 1");
	first = *bench_first(&bench, RUN_CMD_SUBMIT);
	assert_true(sha256_is_hex(first.key));
	bench_score(&bench, 1, 10);
	assert_string_equal(submitted(), "");
	bench_score(&bench, 0, 20);
	assert_string_equal(
		bench_first(&bench, RUN_CMD_SAVE_RESULT)->key, first.key);
	assert_string_equal(submitted(), "2");
	next = *bench_first(&bench, RUN_CMD_SUBMIT);
	assert_string_equal(next.key, first.key);
	assert_int_equal(next.job.seed, first.job.seed);
	bench_score(&bench, 2, -1); /* a failure, too */
	assert_string_equal(submitted(), "3");
}

static void what_waits_is_submitted_when_the_run_is_resumed(void **state)
{
	(void)state;
	begin(SEED_OF_NETWORK, 1, 0);
	bench_send(&bench, RUN_EV_PAUSE);
	bench_score(&bench, 0, 20);
	assert_string_equal(submitted(), "");
	bench_send(&bench, RUN_EV_RESUME);
	assert_string_equal(submitted(), "1 2");
}

static void a_restored_run_shares_as_before(void **state)
{
	struct run again;
	struct bench copy = {.e = {0}};
	char key[SHA256_HEX_BYTES];

	(void)state;
	begin(SEED_OF_NETWORK, 1, 0);
	strcpy(key, bench_first(&bench, RUN_CMD_SUBMIT)->key);
	bench_score(&bench, 0, 20);
	assert_int_equal(bench_copy(&bench, &again, NULL), 0);
	copy = bench;
	bench.run = again;
	bench_send(&bench, RUN_EV_CONTINUE);
	assert_string_equal(submitted(), "1 2");
	assert_string_not_equal(bench_first(&bench, RUN_CMD_SUBMIT)->key, key);
	assert_string_equal(member(2)->key, key);
	run_release(&copy.run);
}

static void another_rung_is_another_training(void **state)
{
	char key[SHA256_HEX_BYTES];
	int64_t seed;

	(void)state;
	begin(SEED_OF_NETWORK, 2, 0);
	strcpy(key, member(0)->key);
	seed = bench_first(&bench, RUN_CMD_SUBMIT)->job.seed;
	bench_rung(&bench, 1, 0, 0.9, 10);
	bench_rung(&bench, 0, 0, 0.5, 20);
	bench_rung(&bench, 2, 0, 0.5, 20);
	bench_rung(&bench, 3, 0, 0.5, 20);
	assert_string_equal(submitted(), "0"); /* and 2 waits for it */
	assert_false(member(2)->scored);
	assert_string_not_equal(member(0)->key, key);
	assert_int_not_equal(
		bench_first(&bench, RUN_CMD_SUBMIT)->job.seed, seed);
	assert_string_equal(bench.out.head->key, key); /* of rung 0 */
}

static int64_t seed_submitted(void)
{
	const struct run_command *first = bench_first(&bench, RUN_CMD_SUBMIT);

	for (const struct run_command *c = first; c; c = c->next)
		if (c->kind == RUN_CMD_SUBMIT)
			assert_int_equal(c->job.seed, first->job.seed);
	return first->job.seed;
}

static void by_rung_all_that_are_compared_have_one_seed(void **state)
{
	struct run_settings s = bench_settings();
	int64_t low, high, own;

	(void)state;
	s.seed_policy = SEED_OF_RUNG;
	s.rungs = 2;
	s.eta = 2;
	s.finalists = 2;
	s.generations = 2;
	bench_init(&bench, &s);
	bench_send(&bench, RUN_EV_CONTINUE);
	bench_breed(&bench, 0, -1);
	assert_string_equal(submitted(), "0 1 2 3");
	low = seed_submitted();
	for (int64_t id = 0; id < BENCH_POPULATION; id++)
		bench_rung(&bench, id, 0, id < 2 ? 0.5 : 0.9, 20);
	assert_string_equal(submitted(), "0 1");
	high = seed_submitted();
	assert_int_not_equal(high, low);
	bench_rung(&bench, 0, 1, 0.4, 30);
	bench_rung(&bench, 1, 1, 0.3, 30);
	/* And so in every generation: an elite's score is comparable. */
	bench_breed(&bench, 1, -1);
	assert_int_equal(seed_submitted(), low);
	for (int64_t id = 4; id < 4 + BENCH_POPULATION; id++)
		bench_rung(&bench, id, 0, id < 6 ? 0.5 : 0.9, 20);
	assert_int_equal(seed_submitted(), high);
	bench_rung(&bench, 4, 1, 0.6, 30);
	bench_rung(&bench, 5, 1, 0.6, 30);
	assert_int_equal(bench.run.phase, PHASE_FINALISTS);
	own = seed_submitted();
	assert_int_not_equal(own, low);
	assert_int_not_equal(own, high);
}

static void by_rung_equal_networks_are_trained_once(void **state)
{
	(void)state;
	begin(SEED_OF_RUNG, 1, 0);
	assert_string_equal(submitted(), "0 1");
	assert_string_equal(member(0)->key, member(2)->key);
	assert_string_not_equal(member(0)->key, member(1)->key);
	bench_score(&bench, 0, 20);
	assert_string_equal(submitted(), "2");
}

/* Another genome, whose network is the same: new numbers for all but the input
 * and the output. */
static const struct genome *renumbered(const struct genome *of)
{
	struct genome *g = genome_copy(&bench.bred, of);
	struct node_gene *nodes = genome_own_nodes(&bench.bred, g);
	struct edge_gene *edges = genome_own_edges(&bench.bred, g);

	for (size_t i = 0; i < g->n_nodes; i++)
		nodes[i].number += nodes[i].number > 1 ? 1000 : 0;
	for (size_t i = 0; i < g->n_edges; i++) {
		edges[i].number += 1000;
		edges[i].from += edges[i].from > 1 ? 1000 : 0;
		edges[i].to += edges[i].to > 1 ? 1000 : 0;
	}
	return g;
}

/* What is inherited goes by numbers, and weights that are kept say them. */
static void only_without_inheritance_is_the_network_all_that_counts(
	void **state)
{
	(void)state;
	for (int inherit = 0; inherit < 2; inherit++) {
		struct run_settings s = bench_settings();
		struct population p;

		while (strcmp(algorithm_name(s.algorithm), "random") != 0)
			s.algorithm++;
		s.seed_policy = SEED_OF_NETWORK;
		s.inherit = inherit;
		bench_init(&bench, &s);
		bench_send(&bench, RUN_EV_CONTINUE);
		p = bench_population(&bench, 0, -1);
		p.members[2].genome = renumbered(p.members[0].genome);
		bench_hand_in(&bench, &p);
		assert_string_equal(submitted(), inherit ? "0 1 2 3" : "0 1 3");
		if (!inherit)
			bench_release(&bench);
	}
}

/* By its place: a member, its parents' weights changed. */
static const char *key_with(int i, const char *legacy)
{
	snprintf(member(i)->legacy[0], SHA256_HEX_BYTES, "%s", legacy);
	bench_send(&bench, RUN_EV_CONTINUE);
	return member(i)->key;
}

static void what_inherits_is_shared_if_its_genome_and_parents_are_equal(
	void **state)
{
	char hash[SHA256_HEX_BYTES];

	(void)state;
	sha256_of("parent", 6, hash);
	begin(SEED_OF_NETWORK, 1, 1);
	assert_string_equal(member(0)->key, member(2)->key);
	assert_string_not_equal(member(0)->key, key_with(2, hash));
	assert_string_equal(key_with(3, hash), member(2)->key);
}

static struct job_result cached_result(int64_t id, int64_t from)
{
	struct job_result j = {.correct = 20,
		.total = 100,
		.images = 100,
		.flops = 1000,
		.cached = 1,
		.cached_from = from};

	snprintf(j.id, sizeof j.id, BENCH_UUID "/0/%d/0/0", (int)id);
	return j;
}

static void what_is_taken_over_is_an_evaluation_that_trained_nothing(
	void **state)
{
	const struct job_result j = cached_result(2, 0);
	struct run_totals before;

	(void)state;
	begin(SEED_OF_NETWORK, 1, 0);
	bench_score(&bench, 0, 20);
	before = bench.run.totals;
	bench_step(&bench,
		(struct run_event){.kind = RUN_EV_RESULT, .result = &j});
	assert_true(member(2)->scored && member(2)->fitness == 0.2);
	assert_int_equal(bench.run.totals.evaluations, before.evaluations + 1);
	assert_int_equal(bench.run.totals.cached, before.cached + 1);
	assert_int_equal(bench.run.totals.images, before.images);
	assert_true(bench.run.totals.flops == before.flops);
}

static void a_budget_is_charged_for_it_as_if_it_had_been_trained(void **state)
{
	const struct job_result j = cached_result(2, 0);
	int64_t trained;

	(void)state;
	begin(SEED_OF_NETWORK, 1, 0);
	bench.run.settings.has_budget = 1;
	bench.run.settings.train_images = 1000;
	bench.run.settings.validation_images = 100;
	bench_score(&bench, 0, 20);
	trained = bench.run.totals.planned;
	assert_true(trained > 0);
	bench_step(&bench,
		(struct run_event){.kind = RUN_EV_RESULT, .result = &j});
	assert_int_equal(bench.run.totals.planned, 2 * trained);
}

static void equal_networks_are_one_finalist(void **state)
{
	(void)state;
	for (int policy = SEED_OF_GENOME; policy <= SEED_OF_RUNG; policy++) {
		begin(policy, 1, 0);
		bench_score_all(&bench, (int64_t[]){30, 20, 30, 30});
		assert_int_equal(bench.run.n_finalists,
			policy == SEED_OF_GENOME ? RUN_FINALISTS_TRIED : 2);
		assert_int_equal(bench.run.finalists[0].id, 0);
		if (policy != SEED_OF_RUNG)
			bench_release(&bench);
	}
	assert_int_equal(bench.run.finalists[1].id, 1);
}

#define RULE(f) cmocka_unit_test_teardown(f, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(genomes_with_seeds_of_their_own_share_nothing),
		RULE(of_equal_networks_one_is_trained_at_a_time),
		RULE(what_waits_is_submitted_when_the_run_is_resumed),
		RULE(a_restored_run_shares_as_before),
		RULE(another_rung_is_another_training),
		RULE(by_rung_all_that_are_compared_have_one_seed),
		RULE(by_rung_equal_networks_are_trained_once),
		RULE(what_inherits_is_shared_if_its_genome_and_parents_are_equal),
		RULE(only_without_inheritance_is_the_network_all_that_counts),
		RULE(what_is_taken_over_is_an_evaluation_that_trained_nothing),
		RULE(a_budget_is_charged_for_it_as_if_it_had_been_trained),
		RULE(equal_networks_are_one_finalist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
