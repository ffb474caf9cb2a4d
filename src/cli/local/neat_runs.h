/* neat_runs.h -- many runs of classic NEAT at once, one a thread. */
#ifndef CLI_LOCAL_NEAT_RUNS_H
#define CLI_LOCAL_NEAT_RUNS_H

#include <stddef.h>

#include "classic/experiment.h"

#define NEAT_RUNS_MAX 10000
#define NEAT_THREADS_MAX 256

struct neat_runs {
	const struct experiment *experiment;
	int64_t seed; /* run i has the seed derived from (seed, i) */
	size_t runs;  /* 1..NEAT_RUNS_MAX */
	int threads;  /* 1..NEAT_THREADS_MAX; changes no outcome */
	int say;      /* progress on standard error after two seconds */
	int (*stop)(void *unused); /* polled by all; true ends the runs */
};

/* Runs them all; outcomes[i] is of run i.  ERR_CANCELLED when `stop` said so,
 * errors of experiment_run. */
int neat_runs(
	const struct neat_runs *r, struct outcome *outcomes, struct err *e);

#endif
