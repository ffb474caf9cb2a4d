/* chains.h -- flat genomes, which are short to write down, as the graphs that
 * everything works with. */
#ifndef TESTS_CHAINS_H
#define TESTS_CHAINS_H

#include "neat/flat.h"
#include "neat/genome.h"

/* The chain of `f`; it lives as long as the test program. */
const struct genome *chain_of(const struct flat *f);

#endif
