/* sim.h -- many evolutioners in one process that train nothing: each takes jobs
 * as a real one does, waits for as long as the seed says, and makes a score up.
 *
 * What a job comes to follows from the seed and its id alone, so that a run on
 * them has a digest.  Safe from any thread. */
#ifndef SERVICE_SIMULATE_SIM_H
#define SERVICE_SIMULATE_SIM_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "dispatch/worker.h"

#define SIM_WORKERS_MAX 3000
#define SIM_GENERATIONS_MAX 1000

struct sim;

struct sim_options {
	int workers, slots; /* slots: of each */
	int64_t job_ms;     /* of a job; each takes from half to three halves */
	int64_t seed;
	/* A job of worker i has ended; from any thread. */
	void (*ended)(void *ctx, int i);
	void *ctx;
};

/* Workers without work.  NULL with ERR_WORLD. */
struct sim *sim_new(const struct sim_options *o, struct err *e);

/* Ends all.  Nobody may offer any more.  NULL allowed. */
void sim_free(struct sim *s);

/* Worker i, a worker_push; the simulation's. */
struct worker *sim_worker(struct sim *s, int i);

/* Offers a job document to worker i; as the `offer` of worker_orders.h. */
int sim_offer(struct sim *s, int i, const json_t *job, struct err *e);

/* The generation of the job that was offered last, -1 before the first. */
int64_t sim_generation(struct sim *s);

/* What was seen so far. */
struct sim_figures {
	int64_t jobs;   /* that were begun */
	int64_t again;  /* of them, such as had been begun before */
	double seconds; /* from the first begun to the last ended, final jobs
			 * left out */
	double scheduled_s; /* the same by a list schedule at no cost: each
			     * generation's jobs in the order they came in, each
			     * to the slot that is free first, the next when
			     * all have ended */
	double between_s;   /* longest from a generation's last end to the next
			     * one's first begin */
};

/* The figures up to now. */
void sim_look(struct sim *s, struct sim_figures *out);

#endif
