/* flat.h -- a genome in the flat form of the REST contract: a chain of
 * convolutions, then hidden dense layers, and the training hyper-parameters.
 *
 * Every list has exactly the length its layer count asks for, except that
 * `activations` serves both kinds of layer round-robin and keeps its own
 * length. */
#ifndef NEAT_FLAT_H
#define NEAT_FLAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/activation.h"
#include "base/err.h"
#include "base/optimizer_kind.h"

#define FLAT_LAYERS_MAX 16
#define FLAT_FILTERS_MAX 512
#define FLAT_KERNEL_MAX 11
#define FLAT_NODES_MAX 4096
#define FLAT_DROPOUT_MAX 0.9
#define FLAT_LEARNING_RATE_MAX 1.0
#define FLAT_BATCH_MAX 4096
#define FLAT_CHANNELS_MAX 64
#define FLAT_SIDE_MAX 1024
#define FLAT_CLASSES_MIN 2
#define FLAT_CLASSES_MAX 1000

/* The shape of the data, which evolution never changes. */
struct flat_data {
	int channels, height, width, classes;
};

struct flat {
	struct flat_data data;
	int n_conv;  /* 1..FLAT_LAYERS_MAX */
	int n_dense; /* hidden ones; the output layer is not counted */
	int filters[FLAT_LAYERS_MAX], kernels[FLAT_LAYERS_MAX]; /* n_conv */
	int nodes[FLAT_LAYERS_MAX];                             /* n_dense */
	int n_activations; /* 1..FLAT_LAYERS_MAX */
	enum activation activations[FLAT_LAYERS_MAX];
	double dropout;       /* 0..FLAT_DROPOUT_MAX, after each hidden layer */
	double learning_rate; /* 0..FLAT_LEARNING_RATE_MAX; 0 learns nothing */
	int batch_size;       /* 1..FLAT_BATCH_MAX */
	enum optimizer_kind optimizer;
};

/* True if the bounds above hold; asserted by tests after every operation. */
int flat_valid(const struct flat *g);

/* The same for the shape of the data alone. */
int flat_data_valid(const struct flat_data *d);

/* True if both are the same shape of data. */
int flat_data_equal(const struct flat_data *a, const struct flat_data *b);

/* Gives `activations` an entry for each layer of the longer kind: the same
 * network, in the form that chain_to_flat gives back. */
void flat_expand(struct flat *g);

/* True if every field that counts is equal, bit for bit. */
int flat_equal(const struct flat *a, const struct flat *b);

#endif
