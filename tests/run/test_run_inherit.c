/* test_run_inherit.c -- whose weights a job names, and what is kept of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "run/digest.h"
#include "run_bench.h"

static struct bench bench;

static void begin(int inherit, int rungs)
{
	struct run_settings s = bench_settings();

	s.inherit = inherit;
	s.inherit_keep = 0.25;
	s.rungs = rungs;
	bench_init(&bench, &s);
	bench_send(&bench, RUN_EV_CONTINUE);
	bench_breed(&bench, 0, -1);
}

static int tear_down(void **state)
{
	(void)state;
	bench_release(&bench);
	return 0;
}

static const struct run_member *member(int64_t id)
{
	for (size_t i = 0; i < bench.run.n_members; i++)
		if (bench.run.members[i].id == id)
			return &bench.run.members[i];
	fail_msg("no member %d", (int)id);
	return NULL;
}

/* The weights that a genome's training at a rung leaves. */
static const char *weights(int64_t id, int rung)
{
	static char name[SHA256_HEX_BYTES];
	char text[40];

	sha256_of(text,
		(size_t)snprintf(text, sizeof text, "%d/%d", (int)id, rung),
		name);
	return name;
}

static struct job_result result_of(int64_t id, int rung)
{
	struct job_result j = {.correct = 10 + id,
		.total = 100,
		.has_loss = 1,
		.loss = 1.0 / (double)(id + 1),
		.has_weights = 1,
		.weights_bytes = 100};

	snprintf(j.id, sizeof j.id, BENCH_UUID "/%d/%d/%d/0",
		(int)member(id)->born, (int)id, rung);
	strcpy(j.weights, weights(id, rung));
	return j;
}

static void hand_in(const struct job_result *j)
{
	bench_step(
		&bench, (struct run_event){.kind = RUN_EV_RESULT, .result = j});
}

static void score(int64_t id, int rung)
{
	const struct job_result j = result_of(id, rung);

	hand_in(&j);
}

/* Generation 1: an elite, a clone of 3, a child of 3 and 2, and one of 0, which
 * has failed. */
static void breed_next(void)
{
	struct population p = bench_population(&bench, 1, 3);

	p.members[1].parents[0] = p.members[1].parents[1] = 3;
	p.members[2].parents[0] = 3;
	p.members[2].parents[1] = 2;
	p.members[3].parents[0] = 0;
	bench_hand_in(&bench, &p);
}

static void score_first_generation(void)
{
	struct job_result failed = result_of(0, 0);

	failed.failure = FAILURE_GENOME;
	strcpy(failed.code, "diverged");
	failed.has_weights = 0;
	failed.weights[0] = '\0';
	hand_in(&failed);
	for (int id = 1; id < 4; id++)
		score(id, 0);
}

/* The job of a genome that is submitted again after a restart. */
static struct job_doc job_of(int64_t id)
{
	char want[JOB_ID_MAX];

	bench_send(&bench, RUN_EV_CONTINUE);
	snprintf(want, sizeof want, BENCH_UUID "/%d/%d/%d/0",
		(int)member(id)->born, (int)id, member(id)->rungs);
	for (const struct run_command *c = bench.out.head; c; c = c->next)
		if (c->kind == RUN_CMD_SUBMIT && strcmp(c->job.id, want) == 0)
			return c->job;
	fail_msg("%s is not submitted", want);
	return (struct job_doc){0};
}

static void without_it_a_job_is_as_it_was(void **state)
{
	(void)state;
	begin(0, 1);
	score_first_generation();
	breed_next();
	assert_int_equal(job_of(6).n_parents, 0);
	assert_false(job_of(6).keep_weights);
	assert_string_equal(member(3)->weights, "");
}

static void the_first_generation_starts_afresh_and_keeps_its_weights(
	void **state)
{
	(void)state;
	begin(1, 1);
	assert_int_equal(job_of(0).n_parents, 0);
	assert_true(job_of(0).keep_weights);
}

static void a_child_starts_from_its_parents_weights(void **state)
{
	struct job_doc j;

	(void)state;
	begin(1, 1);
	score_first_generation();
	breed_next();
	assert_string_equal(member(3)->weights, weights(3, 0)); /* the elite */
	j = job_of(6);
	assert_int_equal(j.n_parents, 2);
	assert_string_equal(j.parents[0], weights(3, 0));
	assert_string_equal(j.parents[1], weights(2, 0));
	assert_true(j.inherit_keep == 0.25);
	assert_int_equal(job_of(5).n_parents, 1); /* of one, twice */
	assert_int_equal(job_of(7).n_parents, 0); /* which left nothing */
}

static void a_higher_rung_goes_on_from_the_one_below(void **state)
{
	struct job_doc j;

	(void)state;
	begin(1, 2);
	for (int id = 0; id < 4; id++)
		score(id, 0);
	j = job_of(3);
	assert_int_equal(j.n_parents, 1);
	assert_string_equal(j.parents[0], weights(3, 0));
	assert_true(j.inherit_keep == 1);
	score(3, 1);
	assert_string_equal(member(3)->weights, weights(3, 1));
}

static void a_result_without_its_weights_is_ignored(void **state)
{
	struct job_result j;

	(void)state;
	begin(1, 1);
	j = result_of(1, 0);
	j.has_weights = 0;
	hand_in(&j);
	assert_null(bench.out.head);
	j = result_of(1, 0);
	strcpy(j.weights, "x");
	hand_in(&j);
	assert_null(bench.out.head);
}

static void weights_that_no_job_could_bring_are_left_to_nobody(void **state)
{
	struct job_result j;

	(void)state;
	begin(1, 1);
	j = result_of(1, 0);
	j.weights_bytes = (int64_t)JOB_PARENT_BYTES_MAX + 1;
	hand_in(&j);
	assert_true(member(1)->scored);
	assert_string_equal(member(1)->weights, "");
}

static void other_weights_of_the_same_job_are_a_mismatch(void **state)
{
	struct job_result j;

	(void)state;
	begin(1, 1);
	score(1, 0);
	j = result_of(1, 0);
	hand_in(&j);
	assert_null(bench.out.head);
	strcpy(j.weights, weights(2, 0));
	hand_in(&j);
	BENCH_GAVE(&bench, RUN_CMD_MISMATCH);
}

static void digest_of(char out[SHA256_HEX_BYTES])
{
	struct digest *d = digest_new(&bench.run.settings);

	for (size_t i = 0; i < bench.run.n_members; i++)
		digest_member(d, &bench.run, &bench.run.members[i]);
	digest_end(d, &bench.run, out);
}

static void the_digest_has_the_weights_of_every_member(void **state)
{
	char before[SHA256_HEX_BYTES], after[SHA256_HEX_BYTES];

	(void)state;
	for (int inherit = 0; inherit < 2; inherit++) {
		begin(inherit, 1);
		digest_of(before);
		strcpy(bench.run.members[2].weights, weights(9, 9));
		digest_of(after);
		assert_int_equal(strcmp(before, after) != 0, inherit);
		if (!inherit)
			bench_release(&bench);
	}
}

#define RULE(f) cmocka_unit_test_teardown(f, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(without_it_a_job_is_as_it_was),
		RULE(the_first_generation_starts_afresh_and_keeps_its_weights),
		RULE(a_child_starts_from_its_parents_weights),
		RULE(a_higher_rung_goes_on_from_the_one_below),
		RULE(a_result_without_its_weights_is_ignored),
		RULE(weights_that_no_job_could_bring_are_left_to_nobody),
		RULE(other_weights_of_the_same_job_are_a_mismatch),
		RULE(the_digest_has_the_weights_of_every_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
