/* flat.h -- a genome in the flat form of the REST contract: a chain of
 * convolutions, then hidden dense layers, and the training hyper-parameters.
 *
 * Every list has exactly the length its layer count asks for, except that
 * `activations` serves both kinds of layer round-robin and keeps its own
 * length. */
#ifndef NEAT_FLAT_H
#define NEAT_FLAT_H

#include "base/activation.h"
#include "base/optimizer_kind.h"
#include "neat/data_shape.h"
#include "neat/gene.h"

#define FLAT_LAYERS_MAX 16

struct flat {
	struct data_shape data;
	int n_conv;  /* 1..FLAT_LAYERS_MAX */
	int n_dense; /* hidden ones; the output layer is not counted */
	int filters[FLAT_LAYERS_MAX], kernels[FLAT_LAYERS_MAX]; /* n_conv */
	int nodes[FLAT_LAYERS_MAX];                             /* n_dense */
	int n_activations; /* 1..FLAT_LAYERS_MAX */
	enum activation activations[FLAT_LAYERS_MAX];
	double dropout; /* 0..LAYER_DROPOUT_MAX, after each hidden layer */
	double learning_rate; /* 0..LEARNING_RATE_MAX; 0 learns nothing */
	int batch_size;       /* 1..BATCH_SIZE_MAX */
	enum optimizer_kind optimizer;
};

/* True if the bounds above hold; asserted by tests after every operation. */
int flat_valid(const struct flat *g);

/* Gives `activations` an entry for each dense layer where these say all, else
 * for each layer of the longer kind: the same network, in the form that
 * chain_to_flat gives back and that random and bred genomes have.  At least one
 * layer of each kind. */
void flat_normalize(struct flat *g);

/* True if every field that counts is equal, bit for bit. */
int flat_equal(const struct flat *a, const struct flat *b);

#endif
