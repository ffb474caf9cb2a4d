/* svg.h -- a genome as a picture. */
#ifndef DRAW_SVG_H
#define DRAW_SVG_H

#include "base/buf.h"
#include "base/err.h"
#include "neat/flat.h"
#include "neat/genome.h"

/* Appends an SVG document that draws a genome which passed genome_check: boxes
 * from input to output, disabled edges dashed, what is not expressed pale.  The
 * same genome gives the same bytes.  `data` may be NULL.  ERR_TOO_BIG as
 * buf_add; 2 MB are enough for every genome. */
int svg_write(const struct genome *g, const struct data_shape *data,
	struct buf *out, struct err *e);

#endif
