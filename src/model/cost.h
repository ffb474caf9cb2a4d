/* cost.h -- what a genome's network costs, from its shapes alone: the judge of
 * a run with limits. */
#ifndef MODEL_COST_H
#define MODEL_COST_H

#include "neat/limits.h"

/* ERR_GENOME, as build_spec says it, for a genome that is no network for such
 * data. */
int model_cost(const struct genome *g, const struct data_shape *data,
	struct network_cost *out, struct err *e);

/* True if the network keeps to the limits.  What is no network does not. */
int model_admits(const struct genome *g, const struct data_shape *data,
	const struct limits *l, struct err *e);

#endif
