/* run_bench.c -- see run_bench.h. */
#include "run_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/canonical.h"
#include "base/doc.h"
#include "neat/chain.h"
#include "neat/flat_breed.h"

struct run_settings bench_settings(void)
{
	struct run_settings s;
	json_t *body = json_pack("{s:i, s:i, s:i, s:s}", "population",
		BENCH_POPULATION, "generations", 3, "seed", 7, "algorithm",
		"truncation");

	assert_int_equal(settings_read(body, &s, NULL), 0);
	json_decref(body);
	s.data = (struct data_shape){1, 28, 28, 10};
	strcpy(s.kernels, "avx2-2");
	sha256_of("data", 4, s.dataset_hash);
	return s;
}

void bench_init(struct bench *b, const struct run_settings *s)
{
	memset(b, 0, sizeof *b);
	arena_init(&b->mem, (size_t)16 << 20);
	arena_init(&b->bred, (size_t)16 << 20);
	run_init(&b->run, BENCH_UUID, s);
}

void bench_release(struct bench *b)
{
	run_release(&b->run);
	arena_release(&b->mem);
	arena_release(&b->bred);
}

int bench_step(struct bench *b, struct run_event ev)
{
	struct err why = {0};
	int rc;

	arena_release(&b->mem);
	rc = run_step(&b->run, &ev, &b->mem, &b->out, &b->e);
	if (run_check(&b->run, &why))
		fail_msg("after event %d: %s", (int)ev.kind, why.text);
	return rc;
}

int bench_send(struct bench *b, enum run_event_kind kind)
{
	return bench_step(
		b, (struct run_event){.kind = kind, .reason = "no such data"});
}

struct population bench_population(struct bench *b, int64_t n, int64_t elite)
{
	struct population p = {.generation = n,
		.n = BENCH_POPULATION,
		.next_id = b->run.next_id + BENCH_POPULATION};

	arena_release(&b->bred);
	p.members = arena_array(&b->bred, p.n, sizeof *p.members);
	for (int i = 0; i < BENCH_POPULATION; i++) {
		struct individual *m = &p.members[i];
		struct flat f;
		struct rng r;

		*m = (struct individual){.id = b->run.next_id + i,
			.parents = {-1, -1},
			.species = -1};
		rng_stream(&r, 1, 0, (uint64_t)m->id);
		flat_random(&f, &b->run.settings.data, 64, space_default(), &r);
		m->genome = chain_from_flat(&b->bred, &f);
	}
	for (size_t i = 0; i < b->run.n_members; i++)
		if (b->run.members[i].id == elite) {
			p.members[0].id = elite;
			p.members[0].elite = 1;
			p.members[0].genome = genome_clone(
				&b->bred, b->run.members[i].genome);
		}
	return p;
}

void bench_hand_in(struct bench *b, const struct population *p)
{
	bench_step(b,
		(struct run_event){.kind = RUN_EV_GENERATION, .population = p});
}

void bench_breed(struct bench *b, int64_t n, int64_t elite)
{
	const struct population p = bench_population(b, n, elite);

	bench_hand_in(b, &p);
}

static void hand_in(struct bench *b, struct job_result *j, int64_t correct)
{
	j->images = 100;
	j->flops = 1000;
	j->cpu_s = 0.1;
	j->total = 100;
	j->correct = correct;
	if (correct < 0) {
		j->failure = FAILURE_GENOME;
		strcpy(j->code, "diverged");
		strcpy(j->reason, "The loss is not finite.");
	}
	bench_step(b, (struct run_event){.kind = RUN_EV_RESULT, .result = j});
}

void bench_score(struct bench *b, int64_t id, int64_t correct)
{
	bench_rung(b, id, 0, -1, correct);
}

void bench_rung(
	struct bench *b, int64_t id, int rung, double loss, int64_t correct)
{
	struct job_result j = {.has_loss = loss >= 0, .loss = loss};

	for (size_t i = 0; i < b->run.n_members; i++)
		if (b->run.members[i].id == id)
			snprintf(j.id, sizeof j.id, BENCH_UUID "/%d/%d/%d/0",
				(int)b->run.members[i].born, (int)id, rung);
	hand_in(b, &j, correct);
}

void bench_final(struct bench *b, int64_t id, int64_t correct)
{
	struct job_result j = {.parameters = 1234};

	snprintf(j.id, sizeof j.id, BENCH_UUID "/final/%d/0/0", (int)id);
	sha256_of("weights", 7, j.weights);
	hand_in(b, &j, correct);
}

void bench_score_all(struct bench *b, const int64_t *correct)
{
	int64_t ids[BENCH_POPULATION];

	for (int i = 0; i < BENCH_POPULATION; i++)
		ids[i] = b->run.members[i].id;
	for (int i = 0; i < BENCH_POPULATION; i++)
		bench_score(b, ids[i], correct[i]);
}

int bench_count(const struct bench *b, enum run_command_kind kind)
{
	int n = 0;

	for (const struct run_command *c = b->out.head; c; c = c->next)
		n += c->kind == kind;
	return n;
}

const struct run_command *bench_first(
	const struct bench *b, enum run_command_kind kind)
{
	for (const struct run_command *c = b->out.head; c; c = c->next)
		if (c->kind == kind)
			return c;
	fail_msg("no command of kind %d", (int)kind);
	return NULL;
}

/* Through canonical text, as a store does it. */
static json_t *through_text(json_t *v)
{
	char *text = canonical_text(v, NULL);
	json_t *again = doc_parse(text, strlen(text), NULL);

	json_decref(v);
	free(text);
	return again;
}

int bench_copy(const struct bench *b, struct run *out, struct err *e)
{
	json_t *doc = through_text(run_document(&b->run));
	json_t *settings = through_text(settings_write(&b->run.settings));
	size_t n = b->run.n_members;
	struct run_member *members = xcalloc(n, sizeof *members);
	int rc;

	if (n > 0)
		memcpy(members, b->run.members, n * sizeof *members);
	rc = run_restore(out, b->run.uuid, settings, doc, members, n, e);
	if (rc)
		free(members);
	json_decref(doc);
	json_decref(settings);
	return rc;
}

static struct bench bench;

int bench_set_up(void **state)
{
	struct run_settings s = bench_settings();

	bench_init(&bench, &s);
	*state = &bench;
	return 0;
}

int bench_tear_down(void **state)
{
	bench_release(*state);
	return 0;
}

struct bench *bench_scoring(void **state)
{
	struct bench *b = *state;

	bench_send(b, RUN_EV_CONTINUE);
	bench_breed(b, 0, -1);
	assert_int_equal(b->run.phase, PHASE_SCORING);
	return b;
}

struct bench *bench_in_final(void **state)
{
	struct bench *b = bench_scoring(state);

	b->run.settings.generations = 1;
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	assert_int_equal(b->run.phase, PHASE_FINAL);
	return b;
}

struct bench *bench_finalists(void **state, int finalists, int epochs)
{
	struct bench *b = *state;

	b->run.settings.finalists = finalists;
	b->run.settings.final_epochs = epochs;
	b->run.settings.generations = 1;
	bench_scoring(state);
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	assert_int_equal(b->run.phase, PHASE_FINALISTS);
	return b;
}

void bench_gave(
	const struct bench *b, const enum run_command_kind *kinds, size_t n)
{
	const struct run_command *c = b->out.head;

	for (size_t i = 0; i < n; i++, c = c->next) {
		assert_non_null(c);
		assert_int_equal(c->kind, kinds[i]);
	}
	assert_null(c);
}
