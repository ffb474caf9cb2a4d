/* run_bench.h -- a run on a bench: fed by hand, its commands counted. */
#ifndef TESTS_RUN_BENCH_H
#define TESTS_RUN_BENCH_H

#include "run/run.h"

#define BENCH_UUID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define BENCH_POPULATION 4

struct bench {
	struct run run;
	struct arena mem;  /* of the last step */
	struct arena bred; /* of the last population */
	struct run_commands out;
	struct err e;
};

/* Settings of 4 genomes, 3 generations, elite 1, filled in as at creation. */
struct run_settings bench_settings(void);

/* A created run with these settings. */
void bench_init(struct bench *b, const struct run_settings *s);
void bench_release(struct bench *b);

/* One event; the commands are in b->out.  The run's invariants hold after it.
 */
int bench_step(struct bench *b, struct run_event ev);
int bench_send(struct bench *b, enum run_event_kind kind);

/* Hands in generation `n` of BENCH_POPULATION genomes; `elite` (-1: none) lives
 * on as its first. */
void bench_breed(struct bench *b, int64_t n, int64_t elite);
/* The same generation, to be changed before it is handed in; it lives in an
 * arena of the bench's until the next one. */
struct population bench_population(struct bench *b, int64_t n, int64_t elite);
/* Hands it in. */
void bench_hand_in(struct bench *b, const struct population *p);

/* Hands in a result of genome `id` of the current generation: `correct` of
 * 100, or its failure when -1. */
void bench_score(struct bench *b, int64_t id, int64_t correct);
/* Likewise at a rung, with a loss; -1: none. */
void bench_rung(
	struct bench *b, int64_t id, int rung, double loss, int64_t correct);
/* Likewise for the final job. */
void bench_final(struct bench *b, int64_t id, int64_t correct);

/* Scores all members of a generation, that many right answers each. */
void bench_score_all(struct bench *b, const int64_t *correct);

/* How many commands of a kind the last step gave; the first of them. */
int bench_count(const struct bench *b, enum run_command_kind kind);
const struct run_command *bench_first(
	const struct bench *b, enum run_command_kind kind);

/* Asserts that the last step gave these kinds of commands and no others. */
void bench_gave(
	const struct bench *b, const enum run_command_kind *kinds, size_t n);
#define BENCH_GAVE(b, ...)                                             \
	bench_gave(b, (const enum run_command_kind[]){__VA_ARGS__},    \
		sizeof((const enum run_command_kind[]){__VA_ARGS__}) / \
			sizeof(enum run_command_kind))

/* cmocka's fixtures: *state is a bench with a created run. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/* The fixture's run moved on: its first generation, ids 0..3, waits for scores;
 * or its champion, of ids 0..3 the last, is trained from scratch. */
struct bench *bench_scoring(void **state);
struct bench *bench_in_final(void **state);
/* Or all of its generations, one, are scored, the last of ids 0..3 the best,
 * and so many finalists are trained for so many epochs. */
struct bench *bench_finalists(void **state, int finalists, int epochs);

/* Saves the run and restores it as another that the caller releases. */
int bench_copy(const struct bench *b, struct run *out, struct err *e);

#endif
