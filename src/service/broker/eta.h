/* eta.h -- how long a run will still score genomes. */
#ifndef SERVICE_BROKER_ETA_H
#define SERVICE_BROKER_ETA_H

#include "dispatch/dispatch.h"
#include "run/run.h"
#include "service/driver/driver_world.h"

/* Seconds until the last genome is scored, at the pace of the `wall_s` seconds
 * so far; genomes that live on in the next generation are not scored again.
 * Negative where nobody knows: before the first score, once the champion is in
 * its final training, and in a run that does not run. */
double eta_seconds(const struct run *run, double wall_s,
	const struct driver_view *view, const struct dispatch_load *load);

#endif
