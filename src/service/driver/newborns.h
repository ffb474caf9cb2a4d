/* newborns.h -- the genomes that a generation adds, as they are saved. */
#ifndef SERVICE_DRIVER_NEWBORNS_H
#define SERVICE_DRIVER_NEWBORNS_H

#include "model/cost.h"
#include "run/run.h"

struct newborn {
	const struct run_member *member;
	const char *genome;       /* canonical text */
	struct network_cost cost; /* of a genome that is no network: nothing */
};

/* Those of the run's generation, in the order of its members, on all cores:
 * their texts take longer to write than to save.  All lives in `mem`. */
struct newborn *newborns(const struct run *run, struct arena *mem, size_t *n);

#endif
