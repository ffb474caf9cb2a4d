/* run_trouble.h -- why a run does not get on.
 *
 * Nothing is remembered and nothing is written for it: the answer is made from
 * what driver and dispatch know at the moment, so it is gone with its cause,
 * and is there when nothing can be saved. */
#ifndef SERVICE_BROKER_RUN_TROUBLE_H
#define SERVICE_BROKER_RUN_TROUBLE_H

#include "dispatch/dispatch.h"
#include "service/driver/driver_world.h"

/* Of a run that is not over. */
struct run_facts {
	const char *kernels;            /* that the run is pinned to */
	const struct driver_view *view; /* NULL: it has no driver */
	const struct dispatch_load *load;
	const struct dispatch_worker *workers;
	size_t n_workers;
	int64_t now_ms; /* wall clock */
};

/* 0 while the run gets on or waits for its turn.  Otherwise ERR_WORLD, or
 * ERR_GENOME where all of its genomes fail, and the first cause in the order of
 * what rests on what; its sentence changes with the cause alone, never with the
 * time or the number of attempts. */
int run_trouble(const struct run_facts *f, struct err *e);

/* ERR_BUSY with a sentence when nothing is wrong and the run's data set is
 * being prepared, or no job of it has a slot; 0 otherwise.  This sentence has
 * figures, which change. */
int run_waits(const struct run_facts *f, struct err *e);

#endif
