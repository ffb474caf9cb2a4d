/* test_driver_save.c -- what a step decides is in the store whole, with the
 * events that tell of it, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/canonical.h"
#include "driver_bench.h"
#include "service/driver/driver_save.h"

/* A driver of the stored run, and the last step's commands. */
struct desk {
	struct broker_bench *broker;
	struct driver_bench bench;
	struct driver *d;
	struct arena mem;
	struct run_commands cmds;
};

static int set_up(void **state)
{
	struct desk *k = xcalloc(1, sizeof *k);
	void *broker;

	*state = k;
	if (broker_bench_set_up(&broker))
		return -1;
	k->broker = broker;
	k->d = &k->bench.driver;
	arena_init(&k->mem, (size_t)16 << 20);
	broker_bench_store_run(k->broker);
	return driver_bench_load(&k->bench, k->broker, NULL);
}

static int tear_down(void **state)
{
	struct desk *k = *state;
	void *broker = k->broker;

	driver_bench_release(&k->bench);
	arena_release(&k->mem);
	free(k);
	return broker_bench_tear_down(&broker);
}

/* Saves what was decided last, on that result. */
static int save(struct desk *k, const struct job_result *result)
{
	const struct driver_event event = {.ev = {.result = result},
		.text = "{\"text\":1}",
		.cmds = k->cmds};

	return driver_save(k->d, &event, 1, NULL);
}

/* Decides on the event, and saves what was decided. */
static int step(struct desk *k, struct run_event ev)
{
	assert_int_equal(run_step(&k->d->run, &ev, &k->mem, &k->cmds, NULL), 0);
	return save(k, ev.result);
}

static int score(struct desk *k, int64_t id, int64_t correct)
{
	struct job_result r = {.correct = correct, .total = 100, .images = 9};

	snprintf(r.id, sizeof r.id, BENCH_UUID "/0/%d/0/0", (int)id);
	return step(k, (struct run_event){.kind = RUN_EV_RESULT, .result = &r});
}

/* The same run with two rungs, of which two genomes reach the second. */
static void with_rungs(struct desk *k)
{
	broker_bench_edit(k->broker,
		"UPDATE run SET settings = json_set(settings, '$.rungs', 2)");
	driver_bench_release(&k->bench);
	assert_int_equal(driver_bench_load(&k->bench, k->broker, NULL), 0);
}

static int score_at(
	struct desk *k, int rung, int64_t id, double loss, int64_t correct)
{
	struct job_result r = {.correct = correct,
		.total = 100,
		.images = 9,
		.has_loss = 1,
		.loss = loss};

	snprintf(r.id, sizeof r.id, BENCH_UUID "/0/%d/%d/0", (int)id, rung);
	return step(k, (struct run_event){.kind = RUN_EV_RESULT, .result = &r});
}

/* How many rungs of the genome are stored. */
static size_t rungs(struct desk *k, int64_t id)
{
	struct store_rung *rows;
	size_t n;

	assert_int_equal(store_rungs(k->broker->broker.store, &k->mem,
				 BENCH_UUID, id, &rows, &n, NULL),
		0);
	return n;
}

static struct store_genome genome(struct desk *k, int64_t id)
{
	struct store_genome g;

	assert_int_equal(store_genome_get(k->broker->broker.store, &k->mem,
				 BENCH_UUID, id, &g, NULL),
		0);
	return g;
}

static struct store_run row(struct desk *k)
{
	struct store_run r;

	assert_int_equal(store_run_get(k->broker->broker.store, &k->mem,
				 BENCH_UUID, &r, NULL),
		0);
	return r;
}

/* The types of all events, joined. */
static const char *events(struct desk *k)
{
	struct store_event *page;
	char *text = "";
	size_t n;

	assert_int_equal(store_events(k->broker->broker.store, &k->mem,
				 BENCH_UUID, 0, 999, &page, &n, NULL),
		0);
	for (size_t i = 0; i < n; i++)
		text = arena_printf(
			&k->mem, "%s%s%s", text, i ? " " : "", page[i].type);
	return text;
}

/* The run that the store has is the run that the driver has. */
static void assert_saved(struct desk *k)
{
	struct driver_bench again;
	json_t *ours = run_document(&k->d->run), *theirs;

	assert_int_equal(driver_bench_load(&again, k->broker, NULL), 0);
	theirs = run_document(&again.driver.run);
	assert_true(json_equal(ours, theirs));
	assert_int_equal(again.driver.run.n_members, k->d->run.n_members);
	for (size_t i = 0; i < k->d->run.n_members; i++) {
		const struct run_member *a = &again.driver.run.members[i];
		const struct run_member *b = &k->d->run.members[i];

		assert_true(a->fitness == b->fitness);
		assert_int_equal(a->scored, b->scored);
		assert_int_equal(a->rungs, b->rungs);
		assert_memory_equal(a->losses, b->losses, sizeof a->losses);
	}
	json_decref(ours);
	json_decref(theirs);
	driver_bench_release(&again);
}

static void a_result_is_saved_with_its_text_and_told(void **state)
{
	struct desk *k = *state;
	struct store_genome g;

	assert_int_equal(score(k, 1, 25), 0);
	g = genome(k, 1);
	assert_true(g.scored && g.fitness == 0.25);
	assert_string_equal(g.result, "{\"text\":1}");
	assert_null(g.failure);
	assert_string_equal(events(k), "evaluation");
	assert_saved(k);
}

static void acts_alone_write_nothing(void **state)
{
	struct desk *k = *state;

	broker_bench_sql(k->broker, BROKER_BENCH_REFUSE("UPDATE", "run"));
	assert_int_equal(
		step(k, (struct run_event){.kind = RUN_EV_CONTINUE}), 0);
	assert_non_null(k->cmds.head); /* jobs to be submitted */
	assert_string_equal(events(k), "");
}

static void a_complete_generation_is_saved_with_its_best_and_mean(void **state)
{
	struct store_generation *g;
	struct desk *k = *state;
	size_t n;

	for (int i = 0; i < BENCH_POPULATION; i++)
		assert_int_equal(score(k, i, 10 * i), 0);
	assert_int_equal(store_generations(k->broker->broker.store, &k->mem,
				 BENCH_UUID, -1, 9, &g, &n, NULL),
		0);
	assert_int_equal(n, 1);
	assert_true(g->scored && g->best == 0.3 && g->scored_ms > 0);
	assert_true(g->mean > 0.149 && g->mean < 0.151);
	assert_string_equal(g->members, "[0,1,2,3]"); /* as it was */
	assert_string_equal(events(k), "evaluation evaluation evaluation "
				       "evaluation generation");
	assert_saved(k);
}

static void the_next_generation_is_saved_with_those_born_in_it(void **state)
{
	struct bench maker = {.run.next_id = 0};
	struct store_generation *g;
	struct desk *k = *state;
	struct population p;
	size_t n;

	for (int i = 0; i < BENCH_POPULATION; i++)
		assert_int_equal(score(k, i, 10 * i), 0);
	maker.run = k->d->run;
	arena_init(&maker.bred, (size_t)1 << 20);
	p = bench_population(&maker, 1, 3);
	assert_int_equal(step(k, (struct run_event){.kind = RUN_EV_GENERATION,
					 .population = &p}),
		0);
	arena_release(&maker.bred);
	assert_int_equal(store_generations(k->broker->broker.store, &k->mem,
				 BENCH_UUID, 0, 9, &g, &n, NULL),
		0);
	assert_int_equal(n, 1);
	assert_string_equal(g->members, "[3,5,6,7]"); /* the elite lives on */
	assert_int_equal(genome(k, 5).born, 1);
	assert_int_equal(row(k).generation, 1);
	assert_saved(k);
}

static void a_rung_is_saved_when_it_is_in_and_told(void **state)
{
	struct desk *k = *state;

	with_rungs(k);
	for (int id = 0; id < 3; id++) {
		assert_int_equal(score_at(k, 0, id, 0.5 - id * 0.1, 40), 0);
		assert_false(genome(k, id).scored);
		assert_int_equal(rungs(k, id), 1);
		assert_saved(k);
	}
	assert_int_equal(score_at(k, 0, 3, 0.6, 45), 0);
	assert_string_equal(
		events(k), "evaluation evaluation evaluation evaluation rung");
	assert_true(genome(k, 0).scored && genome(k, 3).scored);
	assert_true(genome(k, 3).fitness == 0.45);
	assert_null(genome(k, 3).result); /* its rung has it */
	assert_false(genome(k, 1).scored || genome(k, 2).scored);
	assert_saved(k);
	assert_int_equal(score_at(k, 1, 1, 0.2, 60), 0);
	assert_int_equal(score_at(k, 1, 2, 0.1, 50), 0);
	assert_int_equal(rungs(k, 2), 2);
	assert_true(genome(k, 1).fitness == 0.6);
	assert_int_equal(k->d->run.phase, PHASE_BREEDING);
	assert_saved(k);
}

static void a_rung_that_cannot_be_closed_leaves_nothing(void **state)
{
	struct desk *k = *state;

	with_rungs(k);
	for (int id = 0; id < 3; id++)
		assert_int_equal(score_at(k, 0, id, 0.5 - id * 0.1, 40), 0);
	broker_bench_sql(k->broker, BROKER_BENCH_REFUSE("UPDATE", "genome"));
	assert_int_not_equal(score_at(k, 0, 3, 0.6, 45), 0);
	assert_int_equal(rungs(k, 3), 0);
	broker_bench_sql(k->broker, "DROP TRIGGER refuse");
	assert_int_equal(save(k, &(struct job_result){.images = 9}), 0);
	assert_int_equal(rungs(k, 3), 1);
	assert_true(genome(k, 3).scored);
	assert_saved(k);
}

static void a_digest_reads_the_losses_of_earlier_generations(void **state)
{
	struct bench maker = {.run.next_id = 0};
	struct desk *k = *state;
	struct population next;
	char before[SHA256_HEX_BYTES];

	with_rungs(k);
	for (int id = 0; id < 4; id++)
		assert_int_equal(score_at(k, 0, id, 0.5 - id * 0.1, 40), 0);
	assert_int_equal(score_at(k, 1, 2, 0.2, 60), 0);
	assert_int_equal(score_at(k, 1, 3, 0.1, 50), 0);
	maker.run = k->d->run;
	arena_init(&maker.bred, (size_t)16 << 20);
	next = bench_population(&maker, 1, -1);
	assert_int_equal(step(k, (struct run_event){.kind = RUN_EV_GENERATION,
					 .population = &next}),
		0);
	arena_release(&maker.bred);
	assert_int_equal(step(k, (struct run_event){.kind = RUN_EV_CANCEL}), 0);
	strcpy(before, row(k).digest);
	broker_bench_edit(k->broker,
		"UPDATE rung SET loss = 0.45 WHERE genome = 0 AND rung = 0;");
	assert_int_equal(save(k, NULL), 0);
	assert_string_not_equal(row(k).digest, before);
}

static void a_run_that_is_over_gets_its_digest(void **state)
{
	struct desk *k = *state;
	struct store_run r;

	assert_string_equal(row(k).digest, "");
	assert_int_equal(step(k, (struct run_event){.kind = RUN_EV_CANCEL}), 0);
	r = row(k);
	assert_string_equal(r.state, "cancelled");
	assert_int_equal(strlen(r.digest), SHA256_HEX_BYTES - 1);
	assert_string_equal(events(k), "run");
	assert_saved(k);
}

/* The event is the last of the writes; with it the others go. */
static void a_refused_write_leaves_nothing(void **state)
{
	struct desk *k = *state;

	broker_bench_sql(k->broker, BROKER_BENCH_REFUSE("INSERT", "event"));
	assert_int_equal(score(k, 1, 25), ERR_RANGE);
	assert_false(genome(k, 1).scored);
	broker_bench_sql(k->broker, "DROP TRIGGER refuse");
	/* The same again: a try that failed has left the driver as it was. */
	assert_int_equal(save(k, &(struct job_result){.images = 9}), 0);
	assert_true(genome(k, 1).scored);
	assert_string_equal(events(k), "evaluation");
}

static void a_change_of_state_is_told_again_after_a_refusal(void **state)
{
	struct desk *k = *state;

	broker_bench_sql(k->broker, BROKER_BENCH_REFUSE("INSERT", "event"));
	assert_int_equal(
		step(k, (struct run_event){.kind = RUN_EV_PAUSE}), ERR_RANGE);
	assert_string_equal(row(k).state, "running");
	broker_bench_sql(k->broker, "DROP TRIGGER refuse");
	assert_int_equal(save(k, NULL), 0);
	assert_string_equal(row(k).state, "paused");
	assert_string_equal(events(k), "run");
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_result_is_saved_with_its_text_and_told),
		RULE(acts_alone_write_nothing),
		RULE(a_complete_generation_is_saved_with_its_best_and_mean),
		RULE(the_next_generation_is_saved_with_those_born_in_it),
		RULE(a_rung_is_saved_when_it_is_in_and_told),
		RULE(a_rung_that_cannot_be_closed_leaves_nothing),
		RULE(a_digest_reads_the_losses_of_earlier_generations),
		RULE(a_run_that_is_over_gets_its_digest),
		RULE(a_refused_write_leaves_nothing),
		RULE(a_change_of_state_is_told_again_after_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
