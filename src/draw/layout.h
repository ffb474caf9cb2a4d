/* layout.h -- where a genome's boxes and edges go, from top to bottom.
 *
 * Boxes stand in ranks, each below all that feed it.  An edge to the next rank
 * runs down the gap between them.  A longer one runs straight down below its
 * source or above its target, if no box stands there; else around the boxes:
 * into the gap below its source, out to a lane of its own beside the boxes, and
 * in through the gap above its target.  Enabled edges have their lanes on the
 * right, disabled ones on the left.  So no edge crosses a box, and no two boxes
 * overlap.
 *
 * Coordinates are whole pixels, x to the right and y down, all at least 0. */
#ifndef DRAW_LAYOUT_H
#define DRAW_LAYOUT_H

#include "base/arena.h"
#include "neat/genome.h"

struct layout_size {
	int width, height;
};

struct layout_box {
	int rank;  /* 0 at the top */
	int place; /* in its rank, from the left */
	int x, y;  /* left, top */
	struct layout_size size;
};

struct layout_edge {
	int side;           /* 0 down, 1 around the right, -1 the left */
	int from_x, from_y; /* at the bottom of the source */
	int to_x, to_y;     /* at the top of the target */
	int lane;           /* of edges around: 0 is next to the boxes */
	/* The long part is vertical, at lane_x.  An edge around turns toward it
	 * at leave_y and from it at enter_y; an edge down has reached it at
	 * leave_y and keeps to it until enter_y, unless that is above: then it
	 * only crosses the gap between two ranks. */
	int lane_x, leave_y, enter_y;
};

struct layout {
	struct layout_size size;   /* of the whole drawing */
	struct layout_box *boxes;  /* of the genome's nodes, in their order */
	struct layout_edge *edges; /* likewise */
};

/* Lays out a genome that passed genome_check, whose box i is to have the size
 * sizes[i] (even widths), or the height of the highest box in its rank.  All
 * memory is taken from `mem`. */
struct layout *layout_genome(struct arena *mem, const struct genome *g,
	const struct layout_size *sizes);

#endif
