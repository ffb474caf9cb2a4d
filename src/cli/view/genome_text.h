/* genome_text.h -- a genome as a few lines that a person reads. */
#ifndef CLI_VIEW_GENOME_TEXT_H
#define CLI_VIEW_GENOME_TEXT_H

#include <stdio.h>

#include "neat/flat.h"
#include "neat/genome.h"

/* Prints the layers of a genome that passed genome_check, from input to output,
 * one a line with those that feed it, then the training. */
void genome_text(
	const struct genome *g, const struct data_shape *data, FILE *out);

#endif
