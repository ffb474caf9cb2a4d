/* summary.h -- many runs in a few figures. */
#ifndef CLASSIC_SUMMARY_H
#define CLASSIC_SUMMARY_H

#include <stddef.h>

#include "classic/experiment.h"

/* Of the runs that solved the task; 0 where there are too few. */
struct figure {
	double mean;
	double sd; /* of a sample: over n - 1 */
};

struct summary {
	size_t runs, solved;
	struct figure evaluations, generations, hidden, connections, species;
	struct figure starts; /* -1, 0 where the task does not ask */
};

/* What `runs` runs of an experiment came to. */
void summary_make(
	struct summary *s, const struct outcome *outcomes, size_t runs);

#endif
