/* population.h -- a generation, and all that outlives it. */
#ifndef NEAT_POPULATION_H
#define NEAT_POPULATION_H

#include "neat/innovation.h"
#include "neat/species.h"

#define POPULATION_MAX 10000

/* A generation, with everything that outlives it. */
struct population {
	int64_t generation;
	struct individual *members; /* a champion's copy before its species'
				     * other children */
	size_t n;
	struct species *species; /* those with members, by id */
	size_t n_species;
	struct innovation_counters innovations;
	int64_t next_id, next_species; /* the lowest never given */
	double threshold;              /* of the compatibility distance */
	double best;      /* highest fitness so far; -1: nothing scored */
	int64_t improved; /* the generation that `best` is from */
};

#endif
