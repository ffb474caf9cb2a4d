/* genome_text.h -- a genome as a few lines that a person reads. */
#ifndef CLI_VIEW_GENOME_TEXT_H
#define CLI_VIEW_GENOME_TEXT_H

#include <stdio.h>

#include "neat/flat.h"
#include "neat/genome.h"

/* Prints the layers from input to output, one a line, then the training. */
void genome_text(const struct flat *g, FILE *out);

/* The same of a layer genome that passed genome_check: each layer with those
 * that feed it. */
void genome_text_layers(
	const struct genome *g, const struct flat_data *data, FILE *out);

#endif
