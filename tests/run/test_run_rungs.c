/* test_run_rungs.c -- successive halving: who is trained at which rung, from
 * which seed, and what it counts for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "run/digest.h"
#include "run_bench.h"

static struct bench bench;

/* Four genomes, of which two go on to rung 1 and one to rung 2; generation 0
 * waits for rung 0. */
static int set_up(void **state)
{
	struct run_settings s = bench_settings();

	s.rungs = 3;
	s.eta = 3;
	bench_init(&bench, &s);
	*state = &bench;
	bench_send(&bench, RUN_EV_CONTINUE);
	bench_breed(&bench, 0, -1);
	return 0;
}

static int tear_down(void **state)
{
	bench_release(*state);
	return 0;
}

static const struct run_member *member(const struct bench *b, int64_t id)
{
	for (size_t i = 0; i < b->run.n_members; i++)
		if (b->run.members[i].id == id)
			return &b->run.members[i];
	fail_msg("no member %d", (int)id);
	return NULL;
}

/* All of rung 0; 3 and 1 are the best. */
static void close_first(struct bench *b)
{
	bench_rung(b, 0, 0, 0.9, 50);
	bench_rung(b, 1, 0, 0.4, 40);
	bench_rung(b, 2, 0, 0.8, 60);
	bench_rung(b, 3, 0, 0.3, 30);
}

static void all_new_genomes_are_trained_at_the_first_rung(void **state)
{
	struct bench *b = *state;
	const struct job_doc *j;

	bench_send(b, RUN_EV_CONTINUE);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 4);
	j = &bench_first(b, RUN_CMD_SUBMIT)->job;
	assert_string_equal(j->id, BENCH_UUID "/0/0/0/0");
	assert_true(j->ranked);
	assert_int_equal(j->scale, 1);
}

static void without_rungs_a_job_is_as_it_was(void **state)
{
	struct bench *b = *state;
	int64_t seed;

	bench_send(b, RUN_EV_CONTINUE);
	seed = bench_first(b, RUN_CMD_SUBMIT)->job.seed;
	b->run.settings.rungs = 1;
	bench_send(b, RUN_EV_CONTINUE);
	assert_false(bench_first(b, RUN_CMD_SUBMIT)->job.ranked);
	assert_int_equal(bench_first(b, RUN_CMD_SUBMIT)->job.scale, 1);
	assert_int_equal(bench_first(b, RUN_CMD_SUBMIT)->job.seed, seed);
}

static void the_best_by_loss_go_on_once_the_rung_is_in(void **state)
{
	struct bench *b = *state;
	const struct run_command *c;
	int64_t seed;

	bench_send(b, RUN_EV_CONTINUE);
	seed = bench_first(b, RUN_CMD_SUBMIT)->next->job.seed;
	bench_rung(b, 1, 0, 0.4, 40);
	BENCH_GAVE(b, RUN_CMD_SAVE_RESULT, RUN_CMD_SAVE_RUN);
	close_first(b);
	BENCH_GAVE(b, RUN_CMD_SAVE_RESULT, RUN_CMD_SAVE_RUNG, RUN_CMD_SAVE_RUN,
		RUN_CMD_SUBMIT, RUN_CMD_SUBMIT);
	c = bench_first(b, RUN_CMD_SUBMIT);
	assert_string_equal(c->job.id, BENCH_UUID "/0/1/1/0");
	assert_int_equal(c->job.scale, 3);
	assert_true(c->job.seed != seed);
	assert_string_equal(c->next->job.id, BENCH_UUID "/0/3/1/0");
	assert_true(member(b, 0)->scored && member(b, 2)->scored);
	assert_false(member(b, 1)->scored || member(b, 3)->scored);
}

static void at_equal_loss_the_lower_id_goes_on(void **state)
{
	struct bench *b = *state;

	for (int id = 3; id >= 0; id--)
		bench_rung(b, id, 0, 0.5, 10 * id);
	assert_false(member(b, 0)->scored || member(b, 1)->scored);
	assert_true(member(b, 2)->scored && member(b, 3)->scored);
}

static void what_failed_never_goes_on(void **state)
{
	struct bench *b = *state;

	bench_rung(b, 0, 0, -1, -1);
	bench_rung(b, 1, 0, -1, -1);
	bench_rung(b, 2, 0, -1, -1);
	bench_rung(b, 3, 0, 5, 10);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 1);
	assert_false(member(b, 3)->scored);
	bench_rung(b, 3, 1, -1, -1); /* nor is what failed later sound */
	assert_int_equal(b->run.phase, PHASE_BREEDING);
	assert_true(member(b, 3)->fitness == 0);
	assert_true(run_standing(&b->run, member(b, 3)) == 0);
	assert_null(run_champion(&b->run));
}

static void a_result_out_of_turn_is_ignored(void **state)
{
	struct bench *b = *state;

	bench_rung(b, 0, 1, 0.1, 90); /* nobody is there yet */
	assert_null(b->out.head);
	bench_rung(b, 0, 0, -1, 90); /* it must have a loss */
	assert_null(b->out.head);
	bench_rung(b, 0, 0, 0.1, 90);
	bench_rung(b, 0, 1, 0.1, 90); /* the others are not in */
	assert_null(b->out.head);
	bench_rung(b, 0, 0, 0.1, 90); /* the same again */
	assert_null(b->out.head);
	bench_rung(b, 0, 0, 0.2, 90);
	BENCH_GAVE(b, RUN_CMD_MISMATCH);
	bench_rung(b, 0, 0, -1, -1);
	BENCH_GAVE(b, RUN_CMD_MISMATCH);
}

static void an_earlier_rungs_result_may_come_again(void **state)
{
	struct bench *b = *state;

	close_first(b);
	bench_rung(b, 1, 1, 0.3, 70);
	bench_rung(b, 1, 0, 0.4, 40);
	assert_null(b->out.head);
	bench_rung(b, 1, 0, 0.5, 40);
	BENCH_GAVE(b, RUN_CMD_MISMATCH);
	bench_rung(b, 1, 1, 0.3, 71);
	BENCH_GAVE(b, RUN_CMD_MISMATCH);
}

static void the_champion_is_of_the_highest_rung(void **state)
{
	struct bench *b = *state;

	close_first(b);
	assert_int_equal(run_champion(&b->run)->id, 2); /* scored, and fitter */
	bench_rung(b, 1, 1, 0.2, 45);
	bench_rung(b, 3, 1, 0.3, 55);
	assert_int_equal(run_champion(&b->run)->id, 3);
	bench_rung(b, 1, 2, 0.1, 47);
	assert_int_equal(b->run.phase, PHASE_BREEDING);
	assert_int_equal(b->run.finalists[0].id, 1);
	assert_int_equal(b->run.finalists[1].id, 3);
	assert_int_equal(b->run.finalists[2].id, 2);
	assert_true(b->run.best == 0.47);
	assert_true(b->run.mean == (0.5 + 0.47 + 0.6 + 0.55) / 4);
}

static void a_finalist_is_judged_by_its_own_training_alone(void **state)
{
	struct bench *b = *state;

	b->run.settings.finalists = 2;
	b->run.settings.generations = 1;
	close_first(b);
	bench_rung(b, 1, 1, 0.2, 45);
	bench_rung(b, 3, 1, 0.3, 55);
	bench_rung(b, 1, 2, 0.1, 47);
	assert_int_equal(b->run.phase, PHASE_FINALISTS);
	bench_rung(b, 1, RUNG_FINALIST, 0.3, 70);
	bench_rung(b, 3, RUNG_FINALIST, 0.2, 80);
	assert_int_equal(b->run.phase, PHASE_FINAL);
	assert_int_equal(run_champion(&b->run)->id, 3);
}

static void an_elite_keeps_its_score_and_rung(void **state)
{
	struct bench *b = *state;

	close_first(b);
	bench_rung(b, 1, 1, 0.2, 45);
	bench_rung(b, 3, 1, 0.3, 55);
	bench_rung(b, 1, 2, 0.1, 47);
	bench_breed(b, 1, 1);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 3);
	assert_int_equal(member(b, 1)->rungs, 3);
	for (int id = 5; id <= 7; id++) /* one of three goes on, twice */
		bench_rung(b, id, 0, 0.1 * id, 99);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 1);
	bench_rung(b, 5, 1, 0.01, 99);
	bench_rung(b, 5, 2, 0.01, 40);
	assert_int_equal(b->run.generation, 1);
	assert_int_equal(b->run.phase, PHASE_BREEDING);
	assert_int_equal(run_champion(&b->run)->id, 1);
	assert_int_equal(b->run.best_since, 0);
}

static void breeding_sees_rung_and_loss(void **state)
{
	struct bench *b = *state;
	struct generation_request q;
	struct arena mem;

	close_first(b);
	bench_rung(b, 1, 1, 1, 45);
	bench_rung(b, 3, 1, 3, 99);
	bench_rung(b, 1, 2, 0, 47);
	arena_init(&mem, (size_t)1 << 20);
	run_next_generation(&b->run, &mem, &q);
	assert_true(q.now.members[0].fitness == 1 / 1.9 / 3);
	assert_true(q.now.members[1].fitness == 1);
	assert_true(q.now.members[2].fitness == 1 / 1.8 / 3);
	assert_true(q.now.members[3].fitness == 1.25 / 3);
	arena_release(&mem);
}

static void a_pause_in_the_middle_of_a_rung_opens_the_next_when_it_ends(
	void **state)
{
	struct bench *b = *state;

	bench_send(b, RUN_EV_PAUSE);
	close_first(b);
	BENCH_GAVE(b, RUN_CMD_SAVE_RESULT, RUN_CMD_SAVE_RUNG, RUN_CMD_SAVE_RUN);
	bench_send(b, RUN_EV_RESUME);
	BENCH_GAVE(b, RUN_CMD_SAVE_RUN, RUN_CMD_SUBMIT, RUN_CMD_SUBMIT);
}

static void a_run_comes_back_in_the_middle_of_a_rung(void **state)
{
	struct bench *b = *state;
	struct bench copy = {.out = {NULL, NULL}};
	struct run_rung rung;

	close_first(b);
	bench_rung(b, 3, 1, 0.25, 70);
	assert_int_equal(bench_copy(b, &copy.run, NULL), 0);
	run_rung_now(&copy.run, &rung);
	assert_int_equal(rung.number, 1);
	assert_int_equal(rung.members, 2);
	assert_int_equal(rung.trained, 1);
	assert_true(copy.run.totals.raised == 2);
	arena_init(&copy.mem, (size_t)16 << 20);
	bench_send(&copy, RUN_EV_CONTINUE);
	BENCH_GAVE(&copy, RUN_CMD_SUBMIT);
	assert_string_equal(bench_first(&copy, RUN_CMD_SUBMIT)->job.id,
		BENCH_UUID "/0/1/1/0");
	run_release(&copy.run);
	arena_release(&copy.mem);
}

static void refused(const struct bench *b)
{
	struct run copy;
	struct err e = {0};

	assert_int_equal(bench_copy(b, &copy, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "damaged"));
}

static void rungs_that_no_run_can_have_are_refused(void **state)
{
	struct bench *b = *state;
	struct run_member *m = b->run.members;

	close_first(b);
	m[1].losses[0] = 0.85; /* worse than genome 2, which stayed behind */
	refused(b);
	m[1].losses[0] = -1;
	refused(b);
	m[1].losses[0] = 0.4;
	m[0].scored = 0; /* three of four go on */
	refused(b);
	m[0].scored = 1;
	m[1].rungs = 3; /* two rungs ahead */
	refused(b);
	m[1].rungs = 1;
	m[2].rungs = 0; /* scored, and never trained */
	refused(b);
	m[2].rungs = 1;
	b->run.settings.rungs = 1;
	refused(b);
	b->run.settings.rungs = 3;
	assert_int_equal(run_check(&b->run, NULL), 0);
}

static void work_is_counted_in_trainings_at_the_first_rung(void **state)
{
	struct bench *b = *state;
	const struct run_settings *s = &b->run.settings;

	assert_true(run_work(s, 4) == 4 + 3 * 2 + 9 * 1);
	assert_true(run_work(s, 7) == 7 + 3 * 3 + 9 * 1);
	assert_true(run_work(s, 0) == 0);
	assert_true(run_work_left(&b->run) == 19);
	bench_rung(b, 0, 0, 0.9, 50);
	assert_true(run_work_left(&b->run) == 18);
	close_first(b);
	assert_true(run_work_left(&b->run) == 15);
	bench_rung(b, 1, 1, 0.2, 45);
	bench_rung(b, 3, 1, 0.3, 55);
	assert_true(run_work_left(&b->run) == 9);
	bench_rung(b, 1, 2, 0.1, 47);
	assert_true(run_work_left(&b->run) == 0);
	assert_int_equal(b->run.totals.evaluations, 7);
	assert_true(b->run.totals.raised == 2 * 2 + 8);
}

/* The same four, in a run with a budget, whose losses are weighed by work: ids
 * by it, the least first. */
static void begin_by_work(struct bench *b, int64_t ids[BENCH_POPULATION])
{
	struct run_settings s = bench_settings();

	bench_release(b);
	s.rungs = 3;
	s.rank_by = RANK_BY_WORK;
	s.has_budget = 1;
	s.budget_pflop = 0.1;
	s.train_images = 1000;
	s.validation_images = 100;
	bench_init(b, &s);
	bench_send(b, RUN_EV_CONTINUE);
	bench_breed(b, 0, -1);
	for (int i = 0; i < BENCH_POPULATION; i++) {
		int at = i;

		for (; at > 0 && member(b, ids[at - 1])->handicap >
					 member(b, i)->handicap;
			at--)
			ids[at] = ids[at - 1];
		ids[at] = i;
	}
	assert_true(member(b, ids[0])->handicap < member(b, ids[3])->handicap);
}

/* A loss by which a member stands as one with that loss and no handicap. */
static double worth(const struct bench *b, int64_t id, double loss)
{
	return loss / member(b, id)->handicap;
}

static void by_work_the_loss_of_less_work_promises_more(void **state)
{
	struct bench *b = *state;
	int64_t ids[BENCH_POPULATION];

	begin_by_work(b, ids);
	for (int i = 0; i < BENCH_POPULATION; i++)
		bench_rung(b, ids[i], 0, 0.5, 10 * i);
	assert_false(member(b, ids[0])->scored || member(b, ids[1])->scored);
	assert_true(member(b, ids[2])->scored && member(b, ids[3])->scored);
}

static void by_work_what_is_promised_is_what_is_bred_and_kept(void **state)
{
	struct bench *b = *state;
	int64_t ids[BENCH_POPULATION];
	const struct run_member *small, *large;

	begin_by_work(b, ids);
	bench_rung(b, ids[0], 0, worth(b, ids[0], 0.4), 90);
	bench_rung(b, ids[1], 0, worth(b, ids[1], 0.9), 90);
	bench_rung(b, ids[2], 0, worth(b, ids[2], 0.9), 90);
	bench_rung(b, ids[3], 0, worth(b, ids[3], 0.5), 90);
	small = member(b, ids[0]);
	large = member(b, ids[3]);
	assert_true(small->losses[0] < 0.9 && !small->scored && !large->scored);
	bench_rung(b, ids[3], 1, worth(b, ids[3], 0.2), 91);
	bench_rung(b, ids[0], 1, worth(b, ids[0], 0.3), 95);
	/* Its accuracy is lower, and it is ahead. */
	assert_true(
		run_standing(&b->run, small) < run_standing(&b->run, large));
	assert_int_equal(run_champion(&b->run)->id, ids[0]);
	bench_rung(b, ids[3], 2, worth(b, ids[3], 0.1), 90);
	assert_int_equal(b->run.finalists[0].id, ids[3]);
	assert_int_equal(b->run.finalists[1].id, ids[0]);
}

static void a_run_by_work_comes_back_with_its_finalists_in_order(void **state)
{
	struct bench *b = *state;
	int64_t ids[BENCH_POPULATION];
	struct run again;

	begin_by_work(b, ids);
	for (int i = 0; i < BENCH_POPULATION; i++)
		bench_rung(
			b, ids[i], 0, worth(b, ids[i], 0.5 + 0.1 * i), 10 * i);
	bench_rung(b, ids[0], 1, worth(b, ids[0], 0.4), 30);
	bench_rung(b, ids[1], 1, worth(b, ids[1], 0.3), 20);
	bench_rung(b, ids[1], 2, worth(b, ids[1], 0.2), 10);
	assert_int_equal(bench_copy(b, &again, NULL), 0);
	for (int i = 0; i < again.n_finalists; i++) {
		const struct run_member *m = &b->run.finalists[i];

		assert_int_equal(again.finalists[i].id, m->id);
		assert_true(again.finalists[i].handicap == m->handicap);
		assert_true(again.finalists[i].losses[m->rungs - 1] ==
			    m->losses[m->rungs - 1]);
	}
	run_release(&again);
}

static void digest_of(const struct run *r, char out[SHA256_HEX_BYTES])
{
	struct digest *d = digest_new(&r->settings);

	digest_member(d, r, &r->members[1]);
	digest_end(d, r, out);
}

static void every_rungs_loss_is_in_the_digest(void **state)
{
	struct bench *b = *state;
	char first[SHA256_HEX_BYTES], second[SHA256_HEX_BYTES];

	close_first(b);
	bench_rung(b, 1, 1, 0.25, 45);
	digest_of(&b->run, first);
	b->run.members[1].losses[0] = 0.5;
	digest_of(&b->run, second);
	assert_string_not_equal(first, second);
	b->run.settings.rungs = 1; /* without rungs, no loss */
	digest_of(&b->run, first);
	b->run.members[1].losses[0] = 0.4;
	digest_of(&b->run, second);
	assert_string_equal(first, second);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(all_new_genomes_are_trained_at_the_first_rung),
		RULE(without_rungs_a_job_is_as_it_was),
		RULE(the_best_by_loss_go_on_once_the_rung_is_in),
		RULE(at_equal_loss_the_lower_id_goes_on),
		RULE(what_failed_never_goes_on),
		RULE(a_result_out_of_turn_is_ignored),
		RULE(an_earlier_rungs_result_may_come_again),
		RULE(the_champion_is_of_the_highest_rung),
		RULE(a_finalist_is_judged_by_its_own_training_alone),
		RULE(an_elite_keeps_its_score_and_rung),
		RULE(breeding_sees_rung_and_loss),
		RULE(a_pause_in_the_middle_of_a_rung_opens_the_next_when_it_ends),
		RULE(a_run_comes_back_in_the_middle_of_a_rung),
		RULE(rungs_that_no_run_can_have_are_refused),
		RULE(work_is_counted_in_trainings_at_the_first_rung),
		RULE(by_work_the_loss_of_less_work_promises_more),
		RULE(by_work_what_is_promised_is_what_is_bred_and_kept),
		RULE(a_run_by_work_comes_back_with_its_finalists_in_order),
		RULE(every_rungs_loss_is_in_the_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
