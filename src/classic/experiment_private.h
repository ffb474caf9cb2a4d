/* experiment_private.h -- the genomes that a run starts from. */
#ifndef CLASSIC_EXPERIMENT_PRIVATE_H
#define CLASSIC_EXPERIMENT_PRIVATE_H

#include "classic/experiment.h"
#include "neat/innovation.h"

/* Makes n genomes for the task: minimal ones, or as the ablation has it, with
 * matching genes wherever they have the same edge.  Genome i draws from the
 * stream of (seed, 0, i). */
void start_genomes(struct arena *mem, const struct experiment *x, int64_t seed,
	size_t n, const struct genome **genomes,
	struct innovation_counters *counters);

#endif
