/* run_private.h -- one turn of the state machine, shared by its parts: run.c
 * (states), run_breed.c (generations), run_score.c (results), run_rungs.c (who
 * goes on to the next rung), run_restore.c. */
#ifndef RUN_RUN_PRIVATE_H
#define RUN_RUN_PRIVATE_H

#include "run/run.h"

#define RUN_GENOMES_BYTES_MAX REPRODUCE_BYTES_MAX

/* Readies the arenas of a run that has nothing yet. */
void run_init_arenas(struct run *r);

/* Moves the finalists' graphs to an arena of their own, where they outlive the
 * generation. */
void run_keep_finalists(struct run *r);

/* One call of run_step. */
struct run_turn {
	struct run *run;
	const struct run_event *ev;
	struct arena *mem;
	struct run_commands *out;
};

/* Appends a command of this kind, otherwise zero, for the caller to fill in. */
struct run_command *run_emit(struct run_turn *t, enum run_command_kind kind);

/* Asserts that the state may follow, and enters it; a terminal one ends the
 * phases. */
void run_move(struct run *r, enum run_state to);

/* Emits every act that the phase waits for, as a running run does on entering a
 * phase and after a restart.  Nothing unless the run is running. */
void run_act(struct run_turn *t);

/* Ends the run as failed, saying why. */
void run_fail(struct run_turn *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* GENERATION, while running or paused. */
void run_take_generation(struct run_turn *t);

/* Makes these the members of the run, in order of id, with their graphs and
 * the state of `bred` in its own arena; the ones before are freed. */
void run_settle(struct run *r, struct run_member *members, size_t n,
	const struct population *bred);

/* RESULT, likewise. */
void run_take_result(struct run_turn *t);

/* Once every member is scored: best, mean, finalists, the stop rules, the next
 * phase.  Emits SAVE_GENERATION and SAVE_RUN, then the acts. */
void run_complete_generation(struct run_turn *t);
int run_generation_scored(const struct run *r);

/* Times the images of rung 0. */
int64_t run_scale(const struct run_settings *s, int rung);

/* The rung that members wait to be trained at: the lowest of those not scored;
 * settings.rungs where all are. */
int run_open_rung(const struct run *r);

/* True if there is a result of the member at that rung. */
int run_has_result(const struct run *r, const struct run_member *m, int rung);

/* Once all results of that rung are in and some member goes on: says who does
 * not. */
void run_close_rung(struct run_turn *t, int rung);

/* 0 if members have been trained at the rungs that their results say, else
 * ERR_INVALID with a sentence. */
int run_check_rungs(const struct run *r, struct err *e);

/* True if the member's genome is within bounds, and one that the form of the
 * run's documents can say. */
int run_genome_valid(const struct run *r, const struct run_member *m);

/* The members' order; finding one by its id, or NULL. */
int run_member_compare(const void *a, const void *b);
struct run_member *run_member_find(const struct run *r, int64_t id);

#endif
