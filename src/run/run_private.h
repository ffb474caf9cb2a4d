/* run_private.h -- one turn of the state machine, shared by its parts: run.c
 * (states), run_breed.c (generations), run_jobs.c (what is to be trained),
 * run_score.c (results), run_rungs.c (who goes on to the next rung),
 * run_folds.c (several trainings of a genome), run_share.c (those that are the
 * same), run_final.c (finalists, the
 * champion), run_budget.c (what it may take), run_restore.c. */
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

/* A copy of the member that lives as long as the commands. */
const struct run_member *run_as_is(
	struct run_turn *t, const struct run_member *m);

/* Asserts that the state may follow, and enters it; a terminal one ends the
 * phases. */
void run_move(struct run *r, enum run_state to);

/* Emits every act that the phase waits for, as a running run does on entering a
 * phase and after a restart.  Nothing unless the run is running. */
void run_act(struct run_turn *t);

/* The result of a job of this key is in: emits the next one, if the run is
 * running and there is one.  The rung is still open. */
void run_act_next(struct run_turn *t, const char *key);

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

/* -- run_folds.c -- */

/* Emits the jobs of the folds that the member has no result of. */
void run_submit_folds(struct run_turn *t, struct run_member *m);

/* RESULT of a fitness job in a run with folds; it is plausible. */
void run_take_fold(struct run_turn *t, const struct job_id *id);

/* Scores a member whose folds are all in. */
void run_score_folds(const struct run *r, struct run_member *m);

/* True if its folds fit the run and its state. */
int run_folds_hold(const struct run *r, const struct run_member *m);

/* A member's score is in: on with the rung, or the generation. */
void run_go_on(struct run_turn *t, int rung, const char *key);

/* True if `a` is before `b` among those that are to be the champion; of two
 * equals the lower id is. */
int run_better(const struct run *r, const struct run_member *a,
	const struct run_member *b);

/* Adds what a job took. */
void run_count_work(struct run_totals *t, const struct job_result *j);

/* -- run_final.c -- */

/* No generation follows: on to the finalists, or to the champion. */
void run_end_search(struct run_turn *t);

/* RESULT of a finalist, and of a final job; both are plausible. */
void run_take_trial(struct run_turn *t, const struct job_id *id);
void run_take_final(struct run_turn *t, const struct job_id *id);

/* How many of the best are kept during the search. */
int run_finalists_kept(const struct run *r);

/* True if the finalists are in the order in which they are the champion. */
int run_finalists_ranked(const struct run *r);

/* Emits the finalists' trainings that may be had now. */
void run_act_trials(struct run_turn *t);

/* True if it is not known how trainings of so many epochs are to see their
 * images, and they are long enough for mirror images. */
int run_may_mirror(const struct run *r, int epochs);

/* The best finalist comes twice, second on mirror images, too. */
void run_double_best(struct run *r);

/* A finalist becomes what its training says it is. */
void run_note_trial(struct run_member *m, const struct job_result *j);

/* How finalists and the champion are trained. */
struct training run_training_long(
	const struct run *r, const struct run_member *m);

/* -- run_pilot.c -- */

/* Emits the pilot trainings that are not in. */
void run_act_pilots(struct run_turn *t);

/* RESULT of one of them; it is plausible. */
void run_take_pilot(struct run_turn *t, const struct job_id *id);

/* What they will take, in 10^6 operations, if the search ends now. */
int64_t run_pilots_cost(const struct run *r);

/* -- run_budget.c; all in 10^6 operations, and 0 for a genome that cannot be
 * built -- */

/* What training the member takes at a rung; as a finalist or at last. */
int64_t run_cost(const struct run *r, const struct run_member *m, int rung);
int64_t run_cost_long(
	const struct run *r, const struct run_member *m, int final);
int64_t run_cost_pilot(const struct run *r, const struct run_member *m);

/* True if members of a rung are ordered by what their loss promises; and the
 * factor, 1 in other runs, that makes it that. */
int run_ranks_by_work(const struct run *r);
double run_handicap(const struct run *r, const struct genome *g);

/* Epochs of a finalist and of the champion. */
int run_epochs_long(const struct run *r, const struct run_member *m);

/* True if another generation like the last is too much for the search. */
int run_budget_spent(const struct run *r);

/* Once every member is scored: best, mean, finalists, the stop rules, the next
 * phase.  Emits SAVE_GENERATION and SAVE_RUN, then the acts. */
void run_complete_generation(struct run_turn *t);
int run_generation_scored(const struct run *r);

/* Times the images of rung 0. */
int64_t run_scale(const struct run_settings *s, int rung);

/* The rung that members wait to be trained at: the lowest of those not scored;
 * settings.rungs where all are. */
int run_open_rung(const struct run *r);

/* Sets the members' handicaps. */
void run_weigh(const struct run *r, struct run_member *members, size_t n);

/* What orders members at a rung that both were trained at, the least first. */
double run_lacks(const struct run_member *m, int rung);

/* Counts r->waiting anew. */
void run_count_waiting(struct run *r);

/* True if that is what it is. */
int run_waiting_right(const struct run *r);

/* Trainings that the member has had, with or without success. */
int run_trainings(const struct run *r, const struct run_member *m);

/* True if there is a result of the member at that rung. */
int run_has_result(const struct run *r, const struct run_member *m, int rung);

/* Once all results of that rung are in and some member goes on: says who does
 * not. */
void run_close_rung(struct run_turn *t, int rung);

/* -- run_share.c: nothing in a run whose seeds are the genomes' -- */

/* Gives the member's job, otherwise whole, the seed of its network if that is
 * whose it is, and the member the job's key; "" where it shares with none. */
void run_share(const struct run *r, struct run_member *m, struct job_doc *j);

/* Of the members that wait for the open rung with this key, the one whose job
 * is to be submitted; NULL if there is none. */
struct run_member *run_first_of_key(const struct run *r, const char *key);

/* True if both make the same network. */
int run_same_network(const struct run *r, const struct run_member *a,
	const struct run_member *b);

/* -- run_inherit.c: nothing in a run that does not inherit -- */

/* What a new member gets from those of the generation before. */
void run_take_legacy(const struct run *r, struct run_member *m);

/* What the member's next fitness job starts from and keeps. */
void run_inherit(
	const struct run *r, const struct run_member *m, struct job_doc *j);

/* True if the result of a fitness job that did not fail has the weights that it
 * must have. */
int run_has_weights(const struct run *r, const struct job_result *j);

/* What a result is ranked by at a rung, the least first: its loss, or by
 * another metric than accuracy what its fitness lacks to 1. */
double run_shortfall(const struct run *r, const struct job_result *j);

/* Notes what that result's training has left. */
void run_note_weights(
	const struct run *r, struct run_member *m, const struct job_result *j);

/* 0 if members have been trained at the rungs that their results say, else
 * ERR_INVALID with a sentence. */
int run_check_rungs(const struct run *r, struct err *e);

/* True if the member's genome is within bounds, and one that the form of the
 * run's documents can say. */
int run_genome_valid(const struct run *r, const struct run_member *m);

/* The scored member as breeding is asked with it. */
struct individual run_individual(
	const struct run *r, const struct run_member *m);

/* The members' order; finding one by its id, or NULL. */
int run_member_compare(const void *a, const void *b);
struct run_member *run_member_find(const struct run *r, int64_t id);

#endif
