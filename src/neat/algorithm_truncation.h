/* algorithm_truncation.h -- what a run by truncation selection can be told. */
#ifndef NEAT_ALGORITHM_TRUNCATION_H
#define NEAT_ALGORITHM_TRUNCATION_H

#include "neat/algorithm.h"

struct truncation_settings {
	int elite;            /* 0..population-1 */
	double mutation_rate; /* 0..1 */
};

#endif
