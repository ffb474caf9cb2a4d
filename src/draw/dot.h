/* dot.h -- a genome for Graphviz. */
#ifndef DRAW_DOT_H
#define DRAW_DOT_H

#include "base/buf.h"
#include "base/err.h"
#include "neat/flat.h"
#include "neat/genome.h"

/* Appends a digraph in the DOT language, with the labels and the marks of
 * svg_write.  `data` may be NULL.  ERR_TOO_BIG as buf_add; 1 MB is enough for
 * every genome. */
int dot_write(const struct genome *g, const struct data_shape *data,
	struct buf *out, struct err *e);

#endif
