/* genome_text.h -- a genome as a few lines that a person reads. */
#ifndef CLI_GENOME_TEXT_H
#define CLI_GENOME_TEXT_H

#include <stdio.h>

#include "neat/flat.h"

/* Prints the layers from input to output, one a line, then the training. */
void genome_text(const struct flat *g, FILE *out);

#endif
