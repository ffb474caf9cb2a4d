/* run.h -- a run as a state machine: run_step(run, event) -> commands.
 *
 * Pure and single-threaded: no clock, no I/O, no randomness.  A driver (the
 * broker) feeds it events and carries its commands out in two parts: first all
 * writes in one transaction, then, after the commit, the acts.  (When the
 * commit fails, the driver throws this run away and restores it from the
 * store.)  Every event may come twice, late or out of order: what changes
 * nothing yields no commands.
 *
 * created -> running -> finished | failed | cancelled, with running <-> paused.
 * Within running: ask for a generation, score its members, and so on; then the
 * finalists, if there are any, are trained as the champion will be; then the
 * champion is trained from scratch and judged on the sealed test split.
 *
 * With rungs, a generation is scored by successive halving (run_rungs.c;
 * Jamieson & Talwalkar 2016): its new members are trained at rung 0, from
 * scratch; when all of these results are in, the best 1/eta of them, by loss
 * (by the metric, if it is not accuracy), are trained at rung 1, from scratch
 * and on eta times the images, and so on. Members are ranked by rung first.
 *
 * With inheritance, a new member starts at rung 0 from the weights that its
 * parents' training has left (model/inherit.h), and at a higher rung from its
 * own of the rung below.  The final training is from scratch, as ever.
 *
 * Where equal networks share their seed (run_share.c), a SUBMIT has a key that
 * all trainings with the same outcome have: what a job of that key has given
 * may be handed in as this one's.  Of members that wait with one key the first
 * is submitted, and the next when its result is in. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "neat/algorithm.h"
#include "wire/genome_json.h"
#include "wire/job_json.h"
#include "wire/settings.h"

enum run_state {
	RUN_CREATED,
	RUN_RUNNING,
	RUN_PAUSED,
	RUN_FINISHED,
	RUN_FAILED,
	RUN_CANCELLED,
	RUN_STATES
};
/* "created", ..., as documents have it. */
const char *run_state_name(enum run_state s);
/* The state of that name; RUN_STATES for no state's. */
enum run_state run_state_named(const char *name);
/* True if the state is a run's last: finished, failed or cancelled. */
int run_state_over(enum run_state s);

enum run_phase {
	PHASE_BREEDING,  /* the next generation has been asked for */
	PHASE_SCORING,   /* members of the generation are being trained */
	PHASE_FINALISTS, /* the best of all are, from scratch and longer */
	PHASE_FINAL,     /* the champion is, on all images */
	PHASE_OVER,
	RUN_PHASES
};
/* "breeding", "scoring", "finalists", "final" or "over". */
const char *run_phase_name(enum run_phase p);

#define RUN_FINALISTS_TRIED 3 /* in turn, if a final training fails */
#define RUN_FINALISTS_MAX (SETTINGS_FINALISTS_MAX + 1)

struct run_member {
	int64_t id, born; /* born: the generation that made it */
	int64_t parents[2];
	const struct genome *genome; /* lives as long as the member */
	int64_t first_species;       /* where it was born, ... */
	int64_t species;    /* ... and where it is now; -1: there are none */
	unsigned mutations; /* bits of enum mutation */
	/* In a run with rungs: how many it was trained at, and the validation
	 * loss at each.  0 in any other. */
	int rungs;
	double losses[SETTINGS_RUNGS_MAX];
	double handicap; /* of its losses, by its work (run_budget.c) */
	/* In a run with folds: what each gave, of those whose bit, 1 for fold
	 * 1, is set in `folded`. */
	struct run_fold {
		double fitness; /* 0 with a failure */
		char failure[FAILURE_CODE_MAX];
	} folds[SETTINGS_FOLDS_MAX];
	unsigned folded;
	int scored;                     /* it will not be trained again */
	double fitness;                 /* accuracy, of its highest rung; 0 with
					 * a failure */
	char failure[FAILURE_CODE_MAX]; /* "" or the genome's failure */
	/* In a run that inherits, by SHA-256, "" for none: the weights that
	 * training at its highest rung has left, and those of its parents. */
	char weights[SHA256_HEX_BYTES];
	char legacy[2][SHA256_HEX_BYTES];
	/* Of one that waits for a result: its job's key; else, and where it can
	 * share with none, "". */
	char key[SHA256_HEX_BYTES];
	/* Of a finalist that was trained as one: fitness and failure are of
	 * that training, and this is its loss. */
	int tried;
	double trial_loss;
	int mirrored; /* a finalist that is trained on mirror images, too */
};

struct run_totals { /* for people; never in the digest */
	int64_t evaluations, failures, images;
	int64_t cached;      /* evaluations whose result was another genome's */
	double flops, cpu_s; /* flops of a large run pass 2^53 */
	double raised;       /* what run_work counts beyond 1 an evaluation */
	int64_t planned; /* with a budget: in 10^6 operations, from shapes */
};

struct run {
	char uuid[UUID_TEXT_BYTES];
	struct run_settings settings;
	enum run_state state;
	enum run_phase phase;
	char stop_reason[16]; /* "", threshold, generations, ... */
	char error[FAILURE_REASON_MAX];
	int64_t generation; /* of `members`; -1 before the first */
	/* What outlives a generation, as population_json.h's STATE; without
	 * members, and its other fields 0. */
	struct population bred;
	struct arena genomes; /* of the members, and their species */
	struct arena finalists_genomes;
	int64_t next_id;
	struct run_member *members; /* owned; in order of id, all different */
	size_t n_members;
	size_t waiting[SETTINGS_RUNGS_MAX]; /* members that are not scored, by
					     * their rungs */
	double best, mean;  /* of the last complete generation: the fitness of
			     * its first, and of all */
	int64_t best_since; /* generation in which the best appeared */
	struct run_member finalists[RUN_FINALISTS_MAX]; /* best first */
	int n_finalists, finalist; /* how many; which is trained now */
	int trials;   /* the first so many are trained as finalists; the first
		       * genome may be there twice, mirrored and not */
	int piloting; /* the pilot trainings are under way */
	double pilot_losses[2]; /* on images as they are, and mirrored, too; -1
				 * of one that is not in */
	int64_t searched;       /* totals.planned before the first trial */
	int64_t test_correct, test_total; /* of the champion, when finished */
	int64_t parameters;               /* of the champion, likewise */
	char weights[SHA256_HEX_BYTES];   /* likewise */
	struct run_totals totals;
};

enum run_event_kind {
	RUN_EV_CONTINUE,   /* after creation, and after every restart */
	RUN_EV_GENERATION, /* the genome service answered */
	RUN_EV_RESULT,     /* a job's result */
	RUN_EV_REFUSED,    /* a service refused the run for good (4xx) */
	RUN_EV_PAUSE,
	RUN_EV_RESUME,
	RUN_EV_CANCEL,
	RUN_EVENTS
};

struct run_event {
	enum run_event_kind kind;
	const struct population *population; /* GENERATION */
	const struct job_result *result;     /* RESULT */
	const char *reason;                  /* REFUSED; PAUSE: why, or NULL */
};

enum run_command_kind {
	/* writes, in one transaction */
	RUN_CMD_SAVE_MEMBERS,    /* those born in run->generation, and the
				  * generation with all member ids */
	RUN_CMD_SAVE_RESULT,     /* of `member` at `rung`: fitness and loss, or
				  * failure */
	RUN_CMD_SAVE_FOLD,       /* of `member`: that of fold `rung`, and, if it
				  * was the last, the score */
	RUN_CMD_SAVE_RUNG,       /* `rung` is in: of the members born in
				  * run->generation, those that are `scored` go
				  * no higher */
	RUN_CMD_SAVE_GENERATION, /* best and mean of run->generation */
	RUN_CMD_SAVE_TRIAL,      /* of the finalist `member`, or its pilot */
	RUN_CMD_SAVE_FINAL,      /* of run_champion, at the run's end */
	RUN_CMD_SAVE_RUN,        /* the row: state, document, digest if over */
	/* acts, after the commit */
	RUN_CMD_ASK_GENERATION, /* number `generation` */
	RUN_CMD_SUBMIT,         /* `job` */
	RUN_CMD_HOLD_JOBS,      /* withdraw those that have not started */
	RUN_CMD_CANCEL_JOBS,    /* all of the run */
	RUN_CMD_MISMATCH        /* a later result differs in bits: log ERROR */
};

struct run_command {
	enum run_command_kind kind;
	int64_t generation;              /* ASK_GENERATION */
	const struct run_member *member; /* SAVE_RESULT, SAVE_TRIAL, MISMATCH:
					  * as it was in this step */
	int rung;                        /* SAVE_RESULT, SAVE_RUNG, SAVE_TRIAL;
					  * SAVE_FOLD: the fold */
	struct job_doc job;              /* SUBMIT */
	char key[SHA256_HEX_BYTES];      /* SUBMIT, SAVE_RESULT: the job's, or
					  * "" */
	struct run_command *next;
};

/* In order of execution; lives in the arena given to run_step. */
struct run_commands {
	struct run_command *head, **tail;
};

/* A new run in state created; `uuid` as uuid_parse writes it. */
void run_init(struct run *r, const char *uuid, const struct run_settings *s);

/* Frees what the run owns. */
void run_release(struct run *r);

/* Takes one event.  ASK_GENERATION and SUBMIT are given again on CONTINUE and
 * RESUME, for whatever is still open.  A paused run keeps the results and the
 * generation that still come, and acts on them when it is resumed.
 *
 * A generation or a result that does not belong to what the run waits for is
 * ignored; a generation that does but breaks the rules of breeding ends the run
 * as REFUSED does.  FAILURE_CRASH is ignored: the driver counts crashes, and
 * hands in the one that is the genome's as FAILURE_GENOME.
 *
 * 0, or ERR_CONFLICT when a person's event (pause, resume, cancel) does not fit
 * the state: then nothing changed. */
int run_step(struct run *r, const struct run_event *ev, struct arena *mem,
	struct run_commands *out, struct err *e);

/* The question for the generation that an ASK_GENERATION command names: the
 * population with its fitness, in `mem`. */
void run_next_generation(
	const struct run *r, struct arena *mem, struct generation_request *out);

/* The job of the member's next training in the search: at rung m->rungs, from
 * what it (`weights`) or its parents (`legacy`) have learned.  m->key becomes
 * the job's.  The job's genome is the member's own. */
void run_fitness_job(
	const struct run *r, struct run_member *m, struct job_doc *out);

/* The same in a run with folds: of fold 1 and up.  It shares with none. */
void run_fold_job(const struct run *r, struct run_member *m, int fold,
	struct job_doc *out);

/* True if the member has the result of that fold. */
int run_has_fold(const struct run_member *m, int fold);

/* The job of a finalist, mirrored or not, once the search is over. */
void run_trial_job(
	const struct run *r, const struct run_member *m, struct job_doc *out);

/* The job of the champion's final training. */
void run_final_job(
	const struct run *r, const struct run_member *m, struct job_doc *out);

/* The job of a pilot training of that member. */
void run_pilot_job(const struct run *r, const struct run_member *m,
	int mirrored, struct job_doc *out);

/* A member's genome as documents have it. */
struct genome_doc run_genome(const struct run *r, const struct run_member *m);

/* What counts in breeding, 0..1: the fitness, and in a run with rungs a number
 * that orders members by rung, and within a rung by loss, the lowest first: for
 * rung r of n it lies in r/n .. (r+1)/n.  0 with a failure. */
double run_standing(const struct run *r, const struct run_member *m);

/* True if genomes may be trained at more than one rung. */
int run_has_rungs(const struct run *r);

/* The rung that the generation is trained at: how many of its new members are,
 * and how many of these results are in. */
struct run_rung {
	int number; /* from 0 */
	int64_t members, trained;
};
void run_rung_now(const struct run *r, struct run_rung *out);

/* What it takes to score so many new genomes, in trainings at rung 0; and what
 * it still takes to score the members of this generation.  Both count on no
 * failures. */
double run_work(const struct run_settings *s, int64_t genomes);
double run_work_left(const struct run *r);

/* Fills in what the request left open, by its budget; nothing without one.  The
 * settings' data are described.  ERR_RANGE for a budget that is too small for
 * any network. */
int run_budget_plan(struct run_settings *s, struct err *e);

/* How a budget is shared out, in 10^6 operations. */
struct run_shares {
	double total, search;
	double finalist; /* each, and the champion's final training in
			  * proportion to its images */
	double image;    /* at most, training on one, of a network that is bred
			  */
};
void run_budget_shares(const struct run_settings *s, struct run_shares *out);

/* How many generations a budget is expected to pay for; of a search that is
 * over, how many there were. */
int64_t run_budget_generations(const struct run *r);

/* What is left of a budget, in 10^6 operations; what of that one training does
 * at a time: the final one, and a finalist that is the last or the only one. */
double run_budget_left(const struct run *r);
double run_budget_alone(const struct run *r);

/* What trainings have done that are under way and have seen so many images: by
 * the costs of the finalist's network, in the search by those so far. */
double run_budget_under_way(const struct run *r, int64_t images);

/* The failure that most members of the generation have, "" if none has any; how
 * many failed, in `*failed`, and were scored in all, in `*scored`. */
const char *run_common_failure(
	const struct run *r, size_t *failed, size_t *scored);

/* How many finalists have been trained as such, of r->trials; the most that
 * there will be; and how many are still to come, as far as anybody knows. */
int run_trials_done(const struct run *r);
int run_trials_planned(const struct run_settings *s);
int run_trials_left(const struct run *r);

/* Pilot trainings that have been opened, and how many of these are in; what
 * those that are not take, in trainings at the lowest rung. */
int run_pilots(const struct run *r);
int run_pilots_done(const struct run *r);
int64_t run_pilots_left(const struct run *r);

/* Species number `i` of r->bred, once every member is scored: its size, the
 * mean and the best fitness of its members and whose that is, the generation
 * that it was born in and the one in which the best that counts in breeding
 * last rose. */
struct run_species {
	int64_t id, born, improved, size, champion;
	double best, mean;
};
void run_census(const struct run *r, size_t i, struct run_species *out);

/* The champion: the best scored member that did not fail of any generation, the
 * one being scored included (of the highest rung, there the fittest, at equal
 * fitness the lower id); among finalists the best of those that were trained as
 * such; in the final training and when finished, the finalist that is or was
 * trained.  NULL before the first score. */
const struct run_member *run_champion(const struct run *r);

/* 0 if the run's invariants hold -- members and finalists in order and within
 * bounds, and a phase that fits them -- else ERR_INVALID with a sentence.  For
 * runs from a store and, after every step, for tests. */
int run_check(const struct run *r, struct err *e);

/* What the store keeps of a run beside its rows: state, phase, counters,
 * finalists, totals; a new reference. */
json_t *run_document(const struct run *r);

/* What settings and document alone say of a run: all but its members.  To be
 * looked at, not stepped; the caller releases it.  ERR_INVALID as run_restore.
 */
int run_glance(struct run *r, const char *uuid, const json_t *settings,
	const json_t *document, struct err *e);

/* Rebuilds the very run from its settings, its document and the `n` members of
 * its current generation in any order (allocated with xcalloc, taken over on
 * success; their graphs are copied).  ERR_INVALID if they cannot have been
 * written by a run; `members` may then be in another order. */
int run_restore(struct run *r, const char *uuid, const json_t *settings,
	const json_t *document, struct run_member *members, size_t n,
	struct err *e);

#endif
