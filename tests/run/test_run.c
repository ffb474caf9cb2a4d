/* test_run.c -- how a run breeds and scores, rule by rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "run_bench.h"

static void created_run_is_saved_as_running_and_asks(void **state)
{
	struct bench *b = *state;

	bench_send(b, RUN_EV_CONTINUE);
	BENCH_GAVE(b, RUN_CMD_SAVE_RUN, RUN_CMD_ASK_GENERATION);
	assert_int_equal(b->out.head->next->generation, 0);
	assert_int_equal(b->run.state, RUN_RUNNING);
}

static void generation_is_saved_then_every_member_submitted(void **state)
{
	struct bench *b = bench_scoring(state);
	const struct job_doc *j = &bench_first(b, RUN_CMD_SUBMIT)->job;

	BENCH_GAVE(b, RUN_CMD_SAVE_MEMBERS, RUN_CMD_SAVE_RUN, RUN_CMD_SUBMIT,
		RUN_CMD_SUBMIT, RUN_CMD_SUBMIT, RUN_CMD_SUBMIT);
	assert_string_equal(j->id, BENCH_UUID "/0/0/0/0");
	assert_int_equal(j->seed, rng_derive(7, 0, 0));
	assert_int_equal(j->training.epochs, 1);
	assert_int_equal(j->training.train_limit, 10000);
	assert_string_equal(j->kernels, "avx2-2");
	assert_string_equal(j->dataset.hash, b->run.settings.dataset_hash);
	assert_true(genome_equal(j->genome.graph, b->run.members[0].genome));
	assert_int_equal(j->genome.form, GENOME_FLAT);
}

static void elite_keeps_its_score_and_is_not_submitted(void **state)
{
	struct bench *b = bench_scoring(state);

	bench_score_all(b, (int64_t[]){10, 90, 30, 40});
	bench_breed(b, 1, 1);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 3);
	assert_int_equal(b->run.members[0].id, 1);
	assert_true(b->run.members[0].fitness == 0.9);
	assert_int_equal(b->run.members[0].born, 0);
}

/* The first generation once more, as elites alone. */
static struct population all_elites(struct bench *b)
{
	struct population p = bench_population(b, 1, -1);

	for (size_t i = 0; i < p.n; i++) {
		p.members[i].id = (int64_t)i;
		p.members[i].elite = 1;
		p.members[i].genome = genome_clone(
			&b->bred, b->run.members[i].genome);
	}
	p.next_id = b->run.next_id;
	return p;
}

static void generation_of_elites_alone_is_complete_at_once(void **state)
{
	struct bench *b = bench_scoring(state);
	struct population p;

	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	p = all_elites(b);
	bench_hand_in(b, &p);
	BENCH_GAVE(b, RUN_CMD_SAVE_MEMBERS, RUN_CMD_SAVE_GENERATION,
		RUN_CMD_SAVE_RUN, RUN_CMD_ASK_GENERATION);
	assert_int_equal(bench_first(b, RUN_CMD_ASK_GENERATION)->generation, 2);
}

static void next_id_never_goes_back(void **state)
{
	struct bench *b = bench_scoring(state);
	struct population p;

	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	p = all_elites(b);
	p.next_id--;
	bench_hand_in(b, &p);
	assert_int_equal(b->run.state, RUN_FAILED);
}

static void late_or_early_generation_is_ignored(void **state)
{
	struct bench *b = bench_scoring(state);

	bench_breed(b, 1, -1); /* not asked for yet */
	assert_null(b->out.head);
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	bench_breed(b, 0, -1); /* once more */
	assert_null(b->out.head);
	bench_breed(b, 2, -1);
	assert_null(b->out.head);
}

/* What a broken genome service may answer, one fault each. */
enum fault {
	TWICE,
	UNKNOWN_ELITE,
	CHANGED_ELITE,
	OLD_ID,
	LATE_ID,
	PARENT,
	SPECIES,
	BOUNDS,
	NO_CHAIN,
	FEWER,
	NEXT_ID,
	FAULTS
};

/* A genome of its own, to be spoilt. */
static struct genome *own(struct bench *b, struct individual *m)
{
	struct genome *g = genome_clone(&b->bred, m->genome);

	m->genome = g;
	return g;
}

static void break_it(struct bench *b, enum fault f, struct population *p)
{
	struct individual *m = p->members;

	switch (f) {
	case TWICE: m[3].id = m[2].id; break;
	case UNKNOWN_ELITE: m[3].elite = 1; break;
	case CHANGED_ELITE:
		genome_own_hypers(&b->bred, own(b, &m[0]))[HYPER_BATCH_SIZE]
			.value++;
		break;
	case OLD_ID: m[3].id = 1; break;
	case LATE_ID: m[3].id = p->next_id; break;
	case PARENT: m[3].parents[1] = m[2].id; break;
	case SPECIES: m[3].species = 0; break;
	case BOUNDS:
		genome_own_hypers(&b->bred, own(b, &m[3]))[HYPER_BATCH_SIZE]
			.value = 0;
		break;
	case NO_CHAIN: /* that a flat genome could say */
		genome_own_nodes(&b->bred, own(b, &m[3]))[2].conv.stride = 2;
		break;
	case FEWER: p->n = 3; break;
	case NEXT_ID: p->next_id = RNG_SEED_MAX + 1; break;
	case FAULTS: break;
	}
}

static void malformed_generation_fails_the_run_with_a_sentence(void **state)
{
	for (enum fault f = 0; f <= FAULTS; f++) {
		struct bench *b = bench_scoring(state);
		struct population p;

		bench_score_all(b, (int64_t[]){10, 20, 30, 40});
		p = bench_population(b, 1, 3);
		break_it(b, f, &p);
		bench_hand_in(b, &p);
		if (f == FAULTS) { /* the unbroken one is taken */
			assert_int_equal(b->run.generation, 1);
			break;
		}
		BENCH_GAVE(b, RUN_CMD_SAVE_RUN, RUN_CMD_CANCEL_JOBS);
		assert_int_equal(b->run.state, RUN_FAILED);
		assert_int_equal(b->run.generation, 0);
		assert_non_null(strstr(b->run.error, "generation 1"));
		bench_tear_down(state);
		bench_set_up(state);
	}
}

static void result_is_saved_with_its_fitness(void **state)
{
	struct bench *b = bench_scoring(state);

	bench_score(b, 2, 55);
	BENCH_GAVE(b, RUN_CMD_SAVE_RESULT, RUN_CMD_SAVE_RUN);
	assert_int_equal(b->out.head->member->id, 2);
	assert_true(b->out.head->member->fitness == 0.55);
	assert_int_equal(b->run.totals.evaluations, 1);
	assert_int_equal(run_champion(&b->run)->id, 2);
}

static void genomes_failure_is_a_result_of_fitness_zero(void **state)
{
	struct bench *b = bench_scoring(state);

	bench_score(b, 2, -1);
	BENCH_GAVE(b, RUN_CMD_SAVE_RESULT, RUN_CMD_SAVE_RUN);
	assert_true(b->run.members[2].fitness == 0);
	assert_string_equal(b->run.members[2].failure, "diverged");
	assert_int_equal(b->run.totals.failures, 1);
	assert_null(run_champion(&b->run));
}

static void first_result_wins_and_different_bits_are_reported(void **state)
{
	struct bench *b = bench_scoring(state);

	bench_score(b, 2, 55);
	bench_score(b, 2, 55);
	assert_null(b->out.head);
	bench_score(b, 2, 56);
	BENCH_GAVE(b, RUN_CMD_MISMATCH);
	assert_int_equal(b->out.head->member->id, 2);
	bench_score(b, 2, -1);
	BENCH_GAVE(b, RUN_CMD_MISMATCH);
	assert_true(b->run.members[2].fitness == 0.55);
	assert_int_equal(b->run.totals.evaluations, 1);
}

static void impossible_results_are_as_if_never_come(void **state)
{
	struct bench *b = bench_scoring(state);
	const struct job_result good = {
		.id = BENCH_UUID "/0/1/0/0", .correct = 1, .total = 2};
	struct job_result bad[14];
	size_t n = sizeof bad / sizeof *bad;

	for (size_t i = 0; i < n; i++)
		bad[i] = good;
	bad[0].correct = bad[0].total = 0;
	bad[1].correct = 3;
	bad[2].correct = -1;
	bad[3].images = -1;
	bad[4].cpu_s = NAN;
	bad[5].flops = -1;
	bad[6].failure = FAILURE_CRASH;
	bad[7].failure = FAILURE_GENOME; /* without a code */
	strcpy(bad[8].id, "1f8fad5b-d9cb-469f-a165-70867728950e/0/1/0/0");
	strcpy(bad[9].id, BENCH_UUID "/1/1/0/0");
	strcpy(bad[10].id, BENCH_UUID "/0/9/0/0");
	strcpy(bad[11].id, BENCH_UUID "/0/1/0/1");
	strcpy(bad[12].id, BENCH_UUID "/final/1/0/0");
	strcpy(bad[13].id, "nonsense");
	for (size_t i = 0; i < n; i++) {
		bench_step(b, (struct run_event){.kind = RUN_EV_RESULT,
				      .result = &bad[i]});
		if (b->out.head)
			fail_msg("bad result %d was taken", (int)i);
	}
	assert_int_equal(b->run.totals.evaluations, 0);
	bench_step(
		b, (struct run_event){.kind = RUN_EV_RESULT, .result = &good});
	BENCH_GAVE(b, RUN_CMD_SAVE_RESULT, RUN_CMD_SAVE_RUN);
}

static void complete_generation_is_summed_up_and_the_next_asked_for(
	void **state)
{
	struct bench *b = bench_scoring(state);

	bench_score_all(b, (int64_t[]){10, -1, 30, 40});
	BENCH_GAVE(b, RUN_CMD_SAVE_RESULT, RUN_CMD_SAVE_GENERATION,
		RUN_CMD_SAVE_RUN, RUN_CMD_ASK_GENERATION);
	assert_true(b->run.best == 0.4);
	assert_true(fabs(b->run.mean - 0.2) < 1e-12);
	assert_int_equal(b->run.phase, PHASE_BREEDING);
}

static void finalists_are_the_best_three_of_all_generations(void **state)
{
	struct bench *b = bench_scoring(state);

	bench_score_all(b, (int64_t[]){50, 20, 90, -1});
	bench_breed(b, 1, 2); /* 2 lives on, new are 5, 6, 7 */
	bench_score(b, 5, 60);
	bench_score(b, 6, 50); /* as good as 0, which is older */
	bench_score(b, 7, 10);
	assert_int_equal(b->run.n_finalists, 3);
	assert_int_equal(b->run.finalists[0].id, 2);
	assert_int_equal(b->run.finalists[1].id, 5);
	assert_int_equal(b->run.finalists[2].id, 0);
}

static void next_generation_is_asked_with_every_members_fitness(void **state)
{
	struct bench *b = bench_scoring(state);
	struct generation_request q;

	bench_score_all(b, (int64_t[]){10, -1, 30, 40});
	run_next_generation(&b->run, &b->mem, &q);
	assert_int_equal(q.seed, 7);
	assert_int_equal(q.generation, 1);
	assert_int_equal(q.size, 4);
	assert_memory_equal(q.own, b->run.settings.own, sizeof q.own);
	assert_int_equal(q.now.next_id, 4);
	assert_int_equal(q.now.n, 4);
	assert_int_equal(q.now.members[1].id, 1);
	assert_true(q.now.members[1].fitness == 0);
	assert_true(q.now.members[3].fitness == 0.4);
}

#define RULE(f) \
	cmocka_unit_test_setup_teardown(f, bench_set_up, bench_tear_down)

static void three_states_are_the_last_and_all_have_names(void **state)
{
	int over = 0;

	(void)state;
	for (int s = 0; s < RUN_STATES; s++) {
		assert_int_equal(run_state_named(run_state_name(s)), s);
		over += run_state_over(s);
	}
	assert_int_equal(over, 3);
	assert_true(run_state_over(run_state_named("cancelled")));
	assert_int_equal(run_state_named("asleep"), RUN_STATES);
	assert_false(run_state_over(RUN_STATES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_states_are_the_last_and_all_have_names),
		RULE(created_run_is_saved_as_running_and_asks),
		RULE(generation_is_saved_then_every_member_submitted),
		RULE(elite_keeps_its_score_and_is_not_submitted),
		RULE(generation_of_elites_alone_is_complete_at_once),
		RULE(next_id_never_goes_back),
		RULE(late_or_early_generation_is_ignored),
		RULE(malformed_generation_fails_the_run_with_a_sentence),
		RULE(result_is_saved_with_its_fitness),
		RULE(genomes_failure_is_a_result_of_fitness_zero),
		RULE(first_result_wins_and_different_bits_are_reported),
		RULE(impossible_results_are_as_if_never_come),
		RULE(complete_generation_is_summed_up_and_the_next_asked_for),
		RULE(finalists_are_the_best_three_of_all_generations),
		RULE(next_generation_is_asked_with_every_members_fitness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
