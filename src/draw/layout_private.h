/* layout_private.h -- which rank a box stands in, and at which place of it. */
#ifndef DRAW_LAYOUT_PRIVATE_H
#define DRAW_LAYOUT_PRIVATE_H

#include "draw/layout.h"

/* Fills in rank and place of the boxes.  Inputs are in rank 0, outputs in the
 * last, every other node below those that feed it; of a cycle one edge points
 * up.  In a rank, boxes are near those that they are connected with.  `order`
 * receives the indices of all nodes, rank by rank and from left to right.
 * Returns the number of ranks. */
int rank_boxes(struct arena *mem, const struct genome *g,
	struct layout_box *boxes, int *order);

#endif
