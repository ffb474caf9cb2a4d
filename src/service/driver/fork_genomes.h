/* fork_genomes.h -- the genomes that a fork begins with: those of a generation
 * of another run. */
#ifndef SERVICE_DRIVER_FORK_GENOMES_H
#define SERVICE_DRIVER_FORK_GENOMES_H

#include "base/arena.h"
#include "store/store.h"
#include "wire/settings.h"

/* The row, in `mem`, of the run that is forked.  ERR_RANGE where there is none,
 * or the store's error. */
int fork_find_run(struct store *store, struct arena *mem,
	const struct fork *fork, struct store_run *out, struct err *e);

/* Notes which generation s->fork goes on from, where none was named: ERR_RANGE
 * where there is none that is complete, or ERR_WORLD. */
int fork_settle(struct store *store, struct run_settings *s, struct err *e);

/* The same, and enters the best of it among the known genomes: by rung, by
 * fitness, by id, without those that failed or exceed the limits, as many as
 * the population and the list have room for.  All else of the settings is
 * filled in.  ERR_RANGE where there is none that fits, or ERR_WORLD. */
int fork_enter(struct store *store, struct run_settings *s, struct err *e);

#endif
