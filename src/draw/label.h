/* label.h -- what a node's box says: a line or a few. */
#ifndef DRAW_LABEL_H
#define DRAW_LABEL_H

#include "neat/flat.h"
#include "neat/genome.h"

#define LABEL_LINES 3
#define LABEL_BYTES 80

/* Plain ASCII, without anything that XML or DOT would read as its own. */
struct label {
	char lines[LABEL_LINES][LABEL_BYTES];
	int n; /* at least 1; the first line names the node */
};

/* The label of node i, of those that `used` marks (graph_order).  `data` is the
 * shape that the ends of a layer genome tell of; NULL where it is not known. */
void label_of(const struct genome *g, size_t i, const unsigned char *used,
	const struct data_shape *data, struct label *out);

#endif
