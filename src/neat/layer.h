/* layer.h -- layer genomes: graphs of convolutions and dense layers, after
 * Miikkulainen et al., "Evolving Deep Neural Networks", 2017.
 *
 * The image is node 0 and the classifier node 1, in every genome; layers are
 * numbered from 2.  A dense layer gives a vector, so no convolution comes after
 * it.  All hyper-parameters are always there.
 *
 * The minimal start and the form for flat genomes are in chain.h. */
#ifndef NEAT_LAYER_H
#define NEAT_LAYER_H

#include "neat/genome.h"
#include "neat/space.h"

#define LAYER_INPUT 0
#define LAYER_OUTPUT 1
#define LAYER_HIDDEN 2 /* the lowest number of a layer between them */

/* A layer as a mutation adds it, all but the number. */
void layer_random(struct node_gene *n, enum node_kind kind,
	const struct space *s, struct rng *r);

/* Gives a layer the activation of its neighbour and, where both are of one
 * kind, its width; a convolution gets a kernel of 3x3, or the nearest in the
 * space.  The ends of a genome have nothing to take after. */
void layer_take_after(struct node_gene *n, const struct node_gene *neighbour,
	const struct space *s);

/* The value of a hyper-parameter of a genome that passed the check. */
double layer_hyper(const struct genome *g, enum hyper which);

/* The dropout after a layer: its own; of a dense layer without one the
 * genome's.  0 after an input or output. */
double layer_dropout(const struct genome *g, const struct node_gene *n);

#endif
