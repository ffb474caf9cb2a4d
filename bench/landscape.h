/* landscape.h -- made-up accuracies of layer genomes, known exactly and free.
 *
 * Breeding is judged on them where training would cost hours: what a genome
 * truly scores is a formula of what it expresses, and what a run sees of it is
 * that and noise.  They are simple: a hint, not a proof. */
#ifndef BENCH_LANDSCAPE_H
#define BENCH_LANDSCAPE_H

#include "neat/genome.h"

struct landscape {
	const char *name;
	/* The true accuracy of a genome, within 0..1. */
	double (*accuracy)(const struct genome *g);
};

/* Landscape number i; NULL beyond the last.
 *   CNN-like    rate, depth, width, kernels, activations and pooling all count,
 *               much as in small networks on Fashion-MNIST
 *   attributes  the graph is worth nothing, what stands in its layers all
 *   NK-like     what a choice is worth depends on two others, at random
 *   valley      CNN-like, but two and three convolutions are worse than one,
 *               and from four on they are better */
const struct landscape *landscape_at(int i);

#endif
