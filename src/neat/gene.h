/* gene.h -- the three kinds of gene, each found by its number.
 *
 * A gene's number is its historical marking: the same number in two genomes is
 * the same structural change, however far apart their lines have grown
 * (Stanley & Miikkulainen, Evolutionary Computation 10(2), 2002, section 3.2).
 * Genes are plain values; nothing here owns memory. */
#ifndef NEAT_GENE_H
#define NEAT_GENE_H

#include <stdint.h>

#include "neat/flat.h"

/* The largest number a gene may have: JSON carries it exactly. */
#define GENE_NUMBER_MAX ((INT64_C(1) << 53) - 1)

enum node_kind {
	NODE_INPUT,  /* classic: one value; layers: the image */
	NODE_BIAS,   /* classic: an input that never changes; not split */
	NODE_OUTPUT, /* classic: a neuron; layers: the classifier's logits */
	NODE_NEURON, /* classic: hidden */
	NODE_CONV,   /* layers */
	NODE_DENSE,  /* layers */
	NODE_KINDS
};

/* -- neurons: kinds NEURON and OUTPUT of classic genomes -- */

enum neuron_activation {
	NEURON_SIGMOID, /* 1 / (1 + exp(-4.9 x)), section 4.1 */
	NEURON_TANH,
	NEURON_ACTIVATIONS
};

struct neuron_gene {
	enum neuron_activation activation;
	double bias; /* added to the weighted sum of the inputs */
};

/* -- layers -- */

enum conv_norm { CONV_NORM_NONE, CONV_NORM_BATCH, CONV_NORM_LAYER, CONV_NORMS };

/* 2x2, stride 2; skipped by decode where the map is too small for it. */
enum conv_pool { CONV_POOL_NONE, CONV_POOL_MAX, CONV_POOL_AVERAGE, CONV_POOLS };

#define CONV_STRIDE_MAX 4

struct conv_gene {
	int filters; /* 1..CONV_FILTERS_MAX */
	int kernel;  /* 1..CONV_KERNEL_MAX pixels, square, padding `same` */
	int stride;  /* 1..CONV_STRIDE_MAX */
	enum conv_norm norm;
	enum activation activation;
	enum conv_pool pool;
	double dropout; /* 0..LAYER_DROPOUT_MAX */
};

struct dense_gene {
	int units; /* 1..DENSE_UNITS_MAX */
	enum activation activation;
	double dropout; /* 0..LAYER_DROPOUT_MAX */
};

/* How a layer joins several inputs, once they have the same height and width.
 * Means nothing while it has a single one. */
enum merge { MERGE_SUM, MERGE_CONCAT, MERGES };

struct node_gene {
	int64_t number; /* 0..GENE_NUMBER_MAX, one of a kind in its genome */
	enum node_kind kind;
	enum merge merge;          /* layers; MERGE_SUM elsewhere */
	struct neuron_gene neuron; /* zero unless it is a neuron */
	struct conv_gene conv;     /* zero unless NODE_CONV */
	struct dense_gene dense;   /* zero unless NODE_DENSE */
};

struct edge_gene {
	int64_t number;   /* 0..GENE_NUMBER_MAX, one of a kind in its genome */
	int64_t from, to; /* nodes' numbers; a pair occurs once */
	int enabled;      /* a disabled gene is carried, not expressed */
	double weight;    /* classic; 0 in layer graphs */
};

/* -- hyper-parameters of a layer genome's training -- */

enum hyper {
	HYPER_OPTIMIZER,     /* an enum optimizer_kind */
	HYPER_LEARNING_RATE, /* 0..LEARNING_RATE_MAX; 0 learns nothing */
	HYPER_BATCH_SIZE,    /* 1..BATCH_SIZE_MAX */
	HYPER_DROPOUT, /* 0..LAYER_DROPOUT_MAX, of dense layers whose own is 0
			*/
	HYPERS
};

struct hyper_gene {
	enum hyper number;
	double value;
};

#endif
