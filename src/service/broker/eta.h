/* eta.h -- how long a run will still take. */
#ifndef SERVICE_BROKER_ETA_H
#define SERVICE_BROKER_ETA_H

#include "dispatch/dispatch.h"
#include "run/run.h"
#include "service/driver/driver_world.h"

/* Seconds until the champion is trained: the search and the finalists at the
 * pace of the `wall_s` seconds so far, the final training, which is on one
 * thread, at that of a thread, and of a budget a single finalist, too.  Genomes
 * that live on in the next generation are not scored again.  Negative where
 * nobody knows: before the first score, and in a run that does not run. */
double eta_seconds(const struct run *run, double wall_s,
	const struct driver_view *view, const struct dispatch_load *load);

#endif
