/* driver_load.h -- a run back from the store. */
#ifndef SERVICE_DRIVER_DRIVER_LOAD_H
#define SERVICE_DRIVER_DRIVER_LOAD_H

#include "service/driver/driver.h"

/* A genome's row as a member, without rungs and weights; a graph in it lives in
 * `mem`.  ERR_INVALID, ERR_RANGE when its document is no genome. */
int driver_load_member(struct arena *mem, const struct store_genome *row,
	struct run_member *m, struct err *e);

/* Fills in what the store has of the member's rungs, and the fitness that the
 * highest gave unless it failed.  ERR_INVALID when they are none, and the
 * store's errors; `mem` is for what is read on the way. */
int driver_load_rungs(struct driver *d, struct arena *mem, struct run_member *m,
	struct err *e);

/* Rebuilds the run and its row from the store.  ERR_NOT_FOUND, ERR_INVALID when
 * what is stored is no run, ERR_WORLD; the caller releases row_mem in any
 * case, and the run after success. */
int driver_load(struct driver *d, struct err *e);

#endif
