/* reproduce_private.h -- the checks before a population breeds. */
#ifndef NEAT_REPRODUCE_PRIVATE_H
#define NEAT_REPRODUCE_PRIVATE_H

#include "neat/reproduce.h"

/* 0, or ERR_RANGE as reproduce_first promises. */
int reproduce_check_first(const struct breeding *how,
	const struct genome *const *genomes, size_t n,
	const struct innovation_counters *counters, struct err *e);

/* 0, or ERR_RANGE as reproduce_next promises; works in `mem`. */
int reproduce_check(struct arena *mem, const struct breeding *how,
	const struct population *now, struct err *e);

#endif
