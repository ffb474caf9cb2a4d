/* algorithm_neat.h -- what a run by NEAT can be told. */
#ifndef NEAT_ALGORITHM_NEAT_H
#define NEAT_ALGORITHM_NEAT_H

#include "neat/algorithm.h"
#include "neat/chain.h"
#include "neat/params.h"

struct neat_settings {
	struct params params;
	double size_pressure; /* 0..0.1 of fitness, a gene of the graph */
	struct chain_start start;
};

#endif
