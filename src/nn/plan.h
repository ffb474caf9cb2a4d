/* plan.h -- how a net works through a step: stages, chunks, and where tensors
 * lie.  Everything follows from the shapes alone, so it is the same every time.
 *
 * A stage is a run of nodes that a chunk of images goes through from end to
 * end while it is in the cache, then the next chunk.  A stage ends where maps
 * shrink, since the next can take more images at a time; before dense layers,
 * whose weights are read once for the whole batch; and in the middle of an op
 * that must measure the whole batch before it goes on (batch normalization),
 * which has its front half in one stage and its back half in the next. */
#ifndef NN_PLAN_H
#define NN_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "nn/spec.h"

struct plan_node {
	size_t pixel; /* floats from a pixel of the output to the next */

	/* The stage that measures and goes backward, and the stage that goes
	 * forward and takes gradients: the same but for an op that
	 * measures. */
	int front, back;

	int trains;          /* the output has a gradient */
	int in_place;        /* the output lies where the input lies */
	int shares_gradient; /* and the gradient where the input's does */

	/* What one stage makes and uses up has room for one chunk only, in the
	 * pool, so many floats from its start. */
	int value_local, gradient_local;
	size_t value_at, gradient_at;
	/* Bit k: the gradient to input k is added to what others have left,
	 * not written. */
	uint32_t adds;
};

struct plan_stage {
	int first, last; /* nodes, halves included */
	size_t chunk;    /* images */
};

struct plan {
	struct plan_node nodes[SPEC_NODES_MAX];
	struct plan_stage stages[2 * SPEC_NODES_MAX];
	int n_stages;
	size_t pool;  /* floats for what is local to any one stage */
	size_t spill; /* floats for a gradient that is to be added */
};

/* The plan of a checked spec for batches of up to `batch` images on vectors of
 * `lanes` floats. */
void plan_make(
	struct plan *p, const struct spec *s, size_t batch, size_t lanes);

/* Floats of one image of node i's output. */
size_t plan_image(const struct plan *p, const struct spec *s, int i);

#endif
