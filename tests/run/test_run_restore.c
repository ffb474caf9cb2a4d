/* test_run_restore.c -- a run that was saved and restored is the same run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/rng.h"
#include "run_bench.h"

static char *document_text(const struct run *r)
{
	json_t *doc = run_document(r);
	char *text = canonical_text(doc, NULL);

	json_decref(doc);
	assert_non_null(text);
	return text;
}

static void same_jobs(const struct job_doc *a, const struct job_doc *b)
{
	json_t *x = job_write(a), *y = job_write(b);

	assert_true(json_equal(x, y));
	json_decref(x);
	json_decref(y);
}

static void same_members(const struct run_member *a, const struct run_member *b)
{
	struct run_member x = *a;

	assert_true(genome_equal(a->genome, b->genome));
	x.genome = b->genome;
	assert_memory_equal(&x, b, sizeof x);
}

static void same_commands(
	const struct run_commands *a, const struct run_commands *b)
{
	const struct run_command *x = a->head, *y = b->head;

	for (; x && y; x = x->next, y = y->next) {
		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->generation, y->generation);
		if (x->kind == RUN_CMD_SUBMIT)
			same_jobs(&x->job, &y->job);
		assert_int_equal(!x->member, !y->member);
		if (x->member)
			same_members(x->member, y->member);
	}
	assert_null(x);
	assert_null(y);
}

/* `twin` is thrown away before each step and made anew from the store. */
static void twin_step(
	struct bench *b, struct run *twin, const struct run_event *ev)
{
	struct arena mem;
	struct run_commands out;
	struct err e = {0};
	char *mine, *its;

	run_release(twin);
	if (bench_copy(b, twin, &e))
		fail_msg("%s", e.text);
	arena_init(&mem, (size_t)16 << 20);
	bench_step(b, *ev);
	run_step(twin, ev, &mem, &out, NULL);
	same_commands(&b->out, &out);
	mine = document_text(&b->run);
	its = document_text(twin);
	assert_string_equal(mine, its);
	free(mine);
	free(its);
	arena_release(&mem);
}

static struct job_result answer_to(const struct job_doc *j, struct rng *r)
{
	struct job_result out = {.total = 997, .images = 123, .flops = 4567};

	memcpy(out.id, j->id, sizeof out.id);
	out.correct = (int64_t)rng_below(r, 998);
	out.cpu_s = rng_unit(r);
	if (rng_chance(r, 0.3)) {
		out.failure = FAILURE_GENOME;
		strcpy(out.code, "memory");
	}
	if (j->final)
		sha256_of(j->id, strlen(j->id), out.weights);
	return out;
}

/* Scores every job that the last step submitted, pausing in between. */
static void twin_score(struct bench *b, struct run *twin, struct rng *r)
{
	struct job_doc jobs[BENCH_POPULATION];
	size_t n = 0;

	for (const struct run_command *c = b->out.head; c; c = c->next)
		if (c->kind == RUN_CMD_SUBMIT)
			jobs[n++] = c->job;
	for (size_t i = 0; i < n; i++) {
		struct job_result j = answer_to(&jobs[i], r);
		struct run_event ev = {.kind = RUN_EV_RESULT, .result = &j};

		if (i == 1)
			twin_step(b, twin,
				&(struct run_event){.kind = RUN_EV_PAUSE});
		twin_step(b, twin, &ev);
		if (i == 1)
			twin_step(b, twin,
				&(struct run_event){.kind = RUN_EV_RESUME});
	}
}

static void twin_breed(struct bench *b, struct run *twin)
{
	int64_t elite = -1;
	struct population p;

	if (b->run.generation >= 0)
		elite = b->run.members[2].id;
	p = bench_population(b, b->run.generation + 1, elite);
	twin_step(b, twin,
		&(struct run_event){
			.kind = RUN_EV_GENERATION, .population = &p});
}

static void restored_run_gives_the_same_commands_at_every_point(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct run_settings s = bench_settings();
		struct run twin = {.members = NULL};
		struct bench b;
		struct rng r;

		rng_stream(&r, seed, 0, 0);
		s.generations = 6;
		bench_init(&b, &s);
		twin_step(&b, &twin,
			&(struct run_event){.kind = RUN_EV_CONTINUE});
		while (b.run.phase != PHASE_OVER) {
			if (b.run.phase == PHASE_BREEDING)
				twin_breed(&b, &twin);
			if (b.run.phase != PHASE_BREEDING)
				twin_score(&b, &twin, &r);
		}
		run_release(&twin);
		bench_release(&b);
	}
}

/* -- damaged stores -- */

struct damage {
	const char *key;
	json_t *value; /* NULL: the key is lost */
};

static int restore_damaged(const struct bench *b, struct damage *d)
{
	json_t *doc = run_document(&b->run);
	json_t *settings = settings_write(&b->run.settings);
	size_t n = b->run.n_members;
	struct run_member *members = xcalloc(n, sizeof *members);
	struct run r = {.members = NULL};
	struct err e = {0};
	int rc;

	memcpy(members, b->run.members, n * sizeof *members);
	assert_non_null(json_object_get(doc, d->key));
	if (d->value)
		json_object_set_new(doc, d->key, d->value);
	else
		json_object_del(doc, d->key);
	rc = run_restore(&r, b->run.uuid, settings, doc, members, n, &e);
	if (rc) {
		assert_true(strlen(e.text) > 0);
		free(members);
	} else {
		run_release(&r);
	}
	json_decref(doc);
	json_decref(settings);
	return rc;
}

static void damaged_document_is_refused(void **state)
{
	struct run_settings s = bench_settings();
	struct bench b;
	struct damage damages[] = {
		{"state", json_string("sleeping")},
		{"state", json_string("finished")}, /* in phase scoring */
		{"state", json_string("failed")},
		{"state", json_string("created")},
		{"phase", json_string("breeding")}, /* with unscored members */
		{"phase", json_string("final")},
		{"phase", json_integer(1)},
		{"generation", json_integer(-1)},
		{"generation", json_integer(-2)},
		{"next_id", json_integer(3)}, /* there is a member 3 */
		{"best", json_real(1.5)},
		{"finalist", json_integer(1)},
		{"finalists", json_pack("[{}]")},
		{"totals", json_array()},
		{"weights", NULL},
		{"mean", NULL},
	};

	(void)state;
	bench_init(&b, &s);
	bench_send(&b, RUN_EV_CONTINUE);
	bench_breed(&b, 0, -1);
	bench_score(&b, 1, 50);
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
		if (restore_damaged(&b, &damages[i]) != ERR_INVALID)
			fail_msg("damage %d was not seen", (int)i);
	assert_int_equal(
		restore_damaged(&b, &(struct damage){"best", json_real(0.5)}),
		0);
	bench_release(&b);
}

static void scoring_without_anything_to_score_is_refused(void **state)
{
	struct run_settings s = bench_settings();
	struct bench b;

	(void)state;
	bench_init(&b, &s);
	bench_send(&b, RUN_EV_CONTINUE);
	bench_breed(&b, 0, -1);
	bench_score_all(&b, (int64_t[]){10, 20, 30, 40});
	assert_int_equal(restore_damaged(&b, &(struct damage){"phase",
						     json_string("scoring")}),
		ERR_INVALID);
	assert_int_equal(restore_damaged(&b, &(struct damage){"phase",
						     json_string("breeding")}),
		0);
	bench_release(&b);
}

static void members_that_do_not_fit_are_refused(void **state)
{
	struct run_settings s = bench_settings();
	struct run copy;
	struct bench b;

	(void)state;
	bench_init(&b, &s);
	bench_send(&b, RUN_EV_CONTINUE);
	bench_breed(&b, 0, -1);
	b.run.members[1].id = 0; /* twice */
	assert_int_equal(bench_copy(&b, &copy, NULL), ERR_INVALID);
	b.run.members[1].id = 1;
	b.run.members[1].born = 1; /* in the future */
	assert_int_equal(bench_copy(&b, &copy, NULL), ERR_INVALID);
	b.run.members[1].born = 0;
	b.run.n_members--;
	assert_int_equal(bench_copy(&b, &copy, NULL), ERR_INVALID);
	b.run.n_members++;
	assert_int_equal(bench_copy(&b, &copy, NULL), 0);
	run_release(&copy);
	bench_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			restored_run_gives_the_same_commands_at_every_point),
		cmocka_unit_test(damaged_document_is_refused),
		cmocka_unit_test(scoring_without_anything_to_score_is_refused),
		cmocka_unit_test(members_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
