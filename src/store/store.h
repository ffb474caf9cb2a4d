/* store.h -- the only durable truth: runs, generations, genomes, scores,
 * events, and the populations of existing clients.
 *
 * Rows are plain structs; documents are opaque canonical text, stored as they
 * are.  A write happens inside store_begin .. store_commit and counts once
 * store_commit has returned 0: it is then on disk, not only in the cache.
 * One writer at a time: store_begin waits for the other.  Readers see the last
 * commit and never wait.  Safe from any thread.  ERR_WORLD (disk full, I/O) may
 * go away; the transaction is then undone whole.  ERR_DAMAGED: a row of a run
 * that is read, or changed, is not as it was written (store_sum.h); events and
 * the populations of existing clients are not looked at so.  Which database it
 * is made of is said by the URL (store_backend.h). */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/uuid.h"

struct store;

/* Opens or makes the store at a URL: "sqlite:PATH", or a plain path, which is
 * SQLite's too.  ERR_CONFLICT when another process has it, ERR_INVALID when it
 * is no nevod store, of a later version or of no known kind, ERR_WORLD. */
struct store *store_open(const char *url, struct err *e);

/* Copies the store of that file into another, which is not there yet, as it is
 * at one moment; brokers and readers go on meanwhile.  ERR_WORLD,
 * ERR_INVALID. */
int store_copy(const char *from, const char *to, struct err *e);

/* -- who leads: one broker writes to a store, and others may read and wait.
 * Where the database is a file, whoever has opened it leads -- */

/* Opens it without the lead: nothing can be written (ERR_CONFLICT) until
 * store_lead.  Errors as of store_open. */
struct store *store_open_behind(const char *url, struct err *e);

/* Takes the lead, for a broker that is reached at `url` (""), unless another
 * has it: ERR_CONFLICT, which says who.  One thread calls it.  ERR_WORLD. */
int store_lead(struct store *s, const char *url, struct err *e);

/* Says where the broker is reached that leads, which is ours.  ERR_WORLD. */
int store_advertise(struct store *s, const char *url, struct err *e);

/* Appends where the broker is reached that leads; nothing where it does not
 * say.  ERR_WORLD. */
int store_leader(struct store *s, struct buf *url, struct err *e);

/* True from when on it is known that another has taken the lead from us: what
 * we would write is refused. */
int store_deposed(struct store *s);

/* How many rows it has in all. */
int store_rows(struct store *s, int64_t *n, struct err *e);

/* Who watches a transfer: how many rows are over, of how many; true gives it up
 * with ERR_CANCELLED. */
struct store_watch {
	int (*told)(void *ctx, int64_t rows, int64_t all);
	void *ctx;
};

struct store_moved {
	int64_t rows, runs, digests; /* digests: of runs that are over */
};

/* Copies all rows of a store into another, which must be empty and may be of
 * another kind; nobody else uses either.  Each row is checked by its checksum
 * and read back before the one transaction that it is ends.  `watch` may be
 * NULL.  ERR_CONFLICT: the other is not empty; ERR_DAMAGED, ERR_CANCELLED, the
 * store's errors: it is as it was. */
int store_transfer(struct store *from, struct store *to,
	const struct store_watch *watch, struct store_moved *out,
	struct err *e);

/* Outside any transaction.  NULL allowed. */
void store_close(struct store *s);

/* -- transactions: between begin and end the calling thread alone writes -- */

/* Waits for the other writer.  ERR_WORLD. */
int store_begin(struct store *s, struct err *e);
/* Ends it either way.  ERR_UNKNOWN: it may have committed, now or as seen by
 * the next process; whoever goes on must first read what the store has.  After
 * any other failure nothing of it is left. */
int store_commit(struct store *s, struct err *e);
/* What has been committed since the store was opened, and the time that it
 * took. */
struct store_counts {
	int64_t commits, failures;
	double seconds;
};

/* Without waiting for a writer. */
void store_count(struct store *s, struct store_counts *out);
/* Ends it with nothing left of it; cannot fail. */
void store_rollback(struct store *s);

/* -- rows; strings that are read live in the arena given -- */

struct store_run {
	char uuid[UUID_TEXT_BYTES];
	int64_t number; /* creation order, from 1; set by insert */
	int64_t created_ms, updated_ms;
	int64_t running_ms; /* time spent running, before the last start */
	int64_t generation; /* -1 before the first */
	const char *state;  /* "created", ... */
	const char *settings, *document;     /* canonical JSON */
	char digest[SHA256_HEX_BYTES];       /* "" until the run is over */
	const char *idempotency_key;         /* NULL for none; unique */
	char request_hash[SHA256_HEX_BYTES]; /* of the body, beside the key */
	const char *trace; /* traceparent that it was asked for with, or NULL */
	/* What a person has said since (store_run_label). */
	const char *label; /* another name, or NULL */
	int archived;      /* out of the way */
	/* In a list: that the row is not as it was written, so that the rest
	 * may be anything; NULL: it is. */
	const char *damage;
};

struct store_generation {
	int64_t generation;
	const char *members; /* JSON list of ids */
	const char *species; /* JSON list of theirs, or NULL */
	int scored;          /* best and mean are known */
	double best, mean;
	int64_t created_ms, scored_ms;
};

struct store_genome {
	int64_t id, born;   /* born: the generation that made it */
	int64_t parents[2]; /* -1: none */
	int64_t species;    /* that it was born into; -1: none */
	int64_t mutations;  /* bits */
	const char *genome; /* canonical JSON */
	int scored;
	double fitness;
	const char *failure; /* code, or NULL */
	const char *result;  /* the result document, or NULL: of a genome with
			      * rungs that did not fail, they have it */
	int64_t crashes;     /* of its training child so far */
};

struct store_rung {
	int64_t genome, rung; /* rung: from 0 */
	double fitness, loss;
	const char *result; /* the result document */
};

/* Which genome was trained so, and at which rung; `key` says all that the
 * training's outcome follows from. */
struct store_training {
	const char *key;
	int64_t genome, rung;
};

struct store_species {
	int64_t generation, id, born, improved;
	int64_t size;      /* members in this generation */
	double best, mean; /* of their fitness */
	int64_t champion;  /* id of the fittest */
};

struct store_event {
	int64_t number; /* within the run, from 1, without gaps */
	int64_t created_ms;
	const char *type, *data; /* data: JSON */
};

/* -- writers, inside a transaction: ERR_CONFLICT when the row is there already,
 * ERR_NOT_FOUND when its run (or it) is not, ERR_RANGE for a value that the
 * store refuses, ERR_WORLD.  The transaction can then only be rolled back.  A
 * database that need not be waited for may say so later: of the writers of
 * genomes, rungs, trainings, species, generations and events the failure may
 * come from another call, at the latest from store_commit -- */

/* Adds a run and sets its number. */
int store_run_insert(struct store *s, struct store_run *r, struct err *e);

/* Changes all but uuid, number, created_ms, settings, key, trace, label. */
int store_run_update(struct store *s, const struct store_run *r, struct err *e);

/* Gives the run these labels, in place of those that it had. */
int store_run_label(struct store *s, const char *run, const char *label,
	int archived, struct err *e);

/* The run is gone, and all that belongs to it. */
int store_run_delete(struct store *s, const char *run, struct err *e);

/* Changes the settings alone, of a run that has not begun: ERR_CONFLICT of one
 * that has a generation, or is over. */
int store_run_settle(
	struct store *s, const char *uuid, const char *settings, struct err *e);

/* Inserts the generation of the run, or replaces it. */
int store_generation_put(struct store *s, const char *run,
	const struct store_generation *g, struct err *e);

/* Inserts the species in its generation, or replaces it. */
int store_species_put(struct store *s, const char *run,
	const struct store_species *sp, struct err *e);

/* Adds a genome. */
int store_genome_insert(struct store *s, const char *run,
	const struct store_genome *g, struct err *e);

/* The first score wins: 0 and *changed = 0 when there already is one. */
int store_genome_score(struct store *s, const char *run, int64_t id,
	double fitness, const char *failure, const char *result, int *changed,
	struct err *e);

/* Adds the training of a genome at a rung. */
int store_rung_insert(struct store *s, const char *run,
	const struct store_rung *r, struct err *e);

/* Adds a training under its key, or replaces the one that was there. */
int store_training_put(struct store *s, const char *run,
	const struct store_training *t, struct err *e);

/* Counts one more crash of the genome's child; the new count in *crashes. */
int store_genome_crash(struct store *s, const char *run, int64_t id,
	int64_t *crashes, struct err *e);

/* Adds the run's next event; its number in `*number` (NULL allowed). */
int store_event_add(struct store *s, const char *run, const char *type,
	const char *data, int64_t now_ms, int64_t *number, struct err *e);

/* -- readers: ERR_NOT_FOUND when there is no such row.  Pages are keyset pages:
 * rows after the key given, at most `max`, in key order; *n says how many -- */

/* The run of that uuid. */
int store_run_get(struct store *s, struct arena *mem, const char *uuid,
	struct store_run *out, struct err *e);

/* The run that was made under that key. */
int store_run_by_key(struct store *s, struct arena *mem,
	const char *idempotency_key, struct store_run *out, struct err *e);

/* How many runs are in that state, archived ones too. */
int store_run_count(
	struct store *s, const char *state, int64_t *n, struct err *e);

/* Newest first: number below `before` (INT64_MAX for the first page); `state`
 * may be NULL for any.  Those that are archived too, or without them.  A row
 * that is damaged says so and hides no other. */
int store_runs(struct store *s, struct arena *mem, const char *state,
	int archived, int64_t before, size_t max, struct store_run **out,
	size_t *n, struct err *e);

/* The run's generations. */
int store_generations(struct store *s, struct arena *mem, const char *run,
	int64_t after, size_t max, struct store_generation **out, size_t *n,
	struct err *e);

/* The run's genome of that id. */
int store_genome_get(struct store *s, struct arena *mem, const char *run,
	int64_t id, struct store_genome *out, struct err *e);

/* In order of id. */
int store_genomes(struct store *s, struct arena *mem, const char *run,
	int64_t after, size_t max, struct store_genome **out, size_t *n,
	struct err *e);

/* The genome and its ancestors, each once, highest id first: ids below `before`
 * (INT64_MAX for the first page).  Parents must have lower ids than children.
 * None when the run has no such genome.  The time grows with the ancestors from
 * `before` up, which are met again, the memory with `max`. */
int store_lineage(struct store *s, struct arena *mem, const char *run,
	int64_t id, int64_t before, size_t max, struct store_genome **out,
	size_t *n, struct err *e);

/* The genome's, all of them, the lowest first; none where it has none. */
int store_rungs(struct store *s, struct arena *mem, const char *run,
	int64_t genome, struct store_rung **out, size_t *n, struct err *e);

/* The run's training of that key, which `out` then points to. */
int store_training_get(struct store *s, const char *run, const char *key,
	struct store_training *out, struct err *e);

/* Of one generation, in order of id. */
int store_species(struct store *s, struct arena *mem, const char *run,
	int64_t generation, int64_t after, size_t max,
	struct store_species **out, size_t *n, struct err *e);

/* What happened to the run, in order of number. */
int store_events(struct store *s, struct arena *mem, const char *run,
	int64_t after, size_t max, struct store_event **out, size_t *n,
	struct err *e);

/* -- the roster: a run's genomes as lists sort and filter them.  A genome is on
 * it from store_genome_insert on, and store_genome_score scores it there too;
 * what else it says is told by the writers here.  No truth: no checksums -- */

struct store_listed {
	int64_t id, born, species; /* species: -1 without */
	int scored;
	double fitness;      /* 0 while it is not scored */
	const char *failure; /* or NULL */
	int64_t rung;        /* the highest that it was trained at; -1: none */
	int64_t trainings;   /* in the search */
	double cpu_s;        /* of these */
	int64_t parameters, flops; /* flops: forward, of an image; -1: not
				    * known */
};

/* What its network costs; ERR_NOT_FOUND. */
int store_roster_cost(struct store *s, const char *run, int64_t id,
	int64_t parameters, int64_t flops, struct err *e);

/* One more training at that rung; ERR_NOT_FOUND. */
int store_roster_train(struct store *s, const char *run, int64_t id,
	int64_t rung, double cpu_s, struct err *e);

enum store_sort {
	STORE_BY_ID,
	STORE_BY_BORN,
	STORE_BY_SPECIES,
	STORE_BY_FITNESS,
	STORE_BY_RUNG,
	STORE_BY_PARAMETERS,
	STORE_BY_FLOPS,
	STORE_BY_CPU,
	STORE_SORTS
};

enum store_state {
	STORE_ANY,
	STORE_OPEN,   /* not scored */
	STORE_SOUND,  /* scored, without a failure */
	STORE_FAILED, /* scored, with one */
	STORE_STATES
};

struct store_wanted {
	enum store_sort sort; /* at equal values by id */
	int falling;          /* the highest first */
	enum store_state state;
	int64_t born, species, rung; /* -1: any */
	const char *failure;         /* that code alone; NULL: any */
	int64_t step;                /* only ids that it divides; at least 1 */
};

/* Those wanted, in their order: after that of id `after` (-1: from the first
 * on) and `skip` more, at most `max`. */
int store_roster(struct store *s, struct arena *mem, const char *run,
	const struct store_wanted *w, int64_t after, int64_t skip, size_t max,
	struct store_listed **out, size_t *n, struct err *e);

/* How good a genome is and what it took, read in a fraction of the time. */
struct store_outcome {
	int64_t id, born, trainings;
	int scored, failed;
	double fitness, cpu_s;
};

/* Of those with ids lo..hi, in order of id. */
int store_roster_outcomes(struct store *s, struct arena *mem, const char *run,
	int64_t lo, int64_t hi, struct store_outcome **out, size_t *n,
	struct err *e);

/* How many are wanted. */
int store_roster_count(struct store *s, const char *run,
	const struct store_wanted *w, int64_t *count, struct err *e);

/* Genomes of any run whose costs are not known, as those of an older store. */
struct store_unknown {
	char run[UUID_TEXT_BYTES];
	int64_t id;
};

/* At most `max` of them, in `mem`. */
int store_roster_unknown(struct store *s, struct arena *mem, size_t max,
	struct store_unknown **out, size_t *n, struct err *e);

/* -- populations of existing clients: bare genomes with scores -- */

struct store_population {
	char uuid[UUID_TEXT_BYTES];
	int64_t created_ms;
	const char *dataset;
	int64_t seed; /* children derive theirs from it */
};

struct store_model {
	int64_t id;
	const char *genome;
	int scored;
	double score;       /* percent */
	const char *answer; /* of the evolutioner, or NULL */
};

/* Adds a population; errors as of the writers above. */
int store_population_insert(
	struct store *s, const struct store_population *p, struct err *e);

/* The population of that uuid. */
int store_population_get(struct store *s, struct arena *mem, const char *uuid,
	struct store_population *out, struct err *e);

/* Adds a model to it. */
int store_model_insert(struct store *s, const char *population,
	const struct store_model *m, struct err *e);

/* Scores a model; of several scores the latest stays. */
int store_model_score(struct store *s, const char *population, int64_t id,
	double score, const char *answer, struct err *e);

/* The model of that id. */
int store_model_get(struct store *s, struct arena *mem, const char *population,
	int64_t id, struct store_model *out, struct err *e);

/* All of a population in order of id, and the next free id. */
int store_models(struct store *s, struct arena *mem, const char *population,
	struct store_model **out, size_t *n, int64_t *next_id, struct err *e);

#endif
