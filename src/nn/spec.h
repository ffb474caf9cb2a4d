/* spec.h -- a network as data: nodes with input lists, in an order in which
 * every node comes after its inputs.  A chain is the simple case.
 *
 * model/ builds a spec from a genome; net.h turns it into a trainable network.
 * Nothing is allocated from numbers in a spec before spec_check has passed it.
 * Maps are (channels, height, width); a vector is (units, 1, 1). */
#ifndef NN_SPEC_H
#define NN_SPEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/activation.h"
#include "base/err.h"

#define SPEC_NODES_MAX 512
#define SPEC_INPUTS_MAX 16

enum op {
	OP_INPUT,     /* the images; always node 0, nowhere else */
	OP_CONV,      /* filters x kernel x kernel, padded: see below */
	OP_BATCHNORM, /* per channel, running statistics with momentum 0.1 */
	OP_LAYERNORM, /* over all numbers of an image, scaled per channel */
	OP_ACTIVATION,
	OP_MAXPOOL, /* 2 x 2, stride 2, the odd row and column dropped */
	OP_AVGPOOL, /* likewise, the average of each 2 x 2 */
	OP_SHRINK,  /* average pooling to exactly height x width; to 1 x 1, over
		     * the whole map */
	OP_DENSE,   /* units; a map is flattened in (C,H,W) order */
	OP_DROPOUT, /* inverted; the identity in evaluation */
	OP_CONCAT,  /* along channels; inputs of one height and width */
	OP_SUM,     /* elementwise; inputs of one shape */
	OP_COUNT
};

/* Output (h,w) of a convolution is over the inputs from (h S - P, w S - P) on,
 * with S the stride and P = (kernel - 1) / 2 rounded down, and zeros outside
 * the map.  There are ceil(H / S) by ceil(W / S) of them: stride 1 keeps the
 * size, and for an odd kernel it is PyTorch's padding=P.  An even kernel
 * reaches one further behind than before. */

struct shape {
	int channels, height, width;
};

struct spec_node {
	enum op op;
	int inputs[SPEC_INPUTS_MAX]; /* earlier nodes */
	int n_inputs;                /* 0 input, 2+ concat and sum, else 1 */
	int filters, kernel;         /* conv: 1..512, 1..11, even ones too */
	int stride;                  /* conv: 1..4; 0 becomes 1, see spec_add */
	int units;                   /* dense: 1..65535 */
	int height, width;           /* shrink: at most the input's */
	enum activation activation;  /* activation */
	double rate;                 /* dropout: 0..0.9 */
	struct shape shape;          /* of the output; spec_check fills it in */
};

/* What an op's nodes have beyond inputs and shape: a member of struct
 * spec_node, by the name that files give it. */
enum spec_type { SPEC_INT, SPEC_REAL, SPEC_ACTIVATION };

struct spec_field {
	const char *key;
	enum spec_type type;
	size_t at; /* in struct spec_node */
};

#define SPEC_FIELDS_MAX 4

/* The last node is the output: a vector of `classes` logits. */
struct spec {
	struct spec_node nodes[SPEC_NODES_MAX];
	int n;
	int classes;
};

/* What a network costs, counted from shapes alone. */
struct spec_cost {
	int64_t parameters;    /* trained numbers */
	int64_t weights;       /* and running statistics: what a file has */
	int64_t forward_flops; /* per image, a multiply-add is 2 */
	int64_t train_flops;   /* per image, forward and backward */
	int64_t train_bytes;   /* planned memory of a training net */
	int64_t average_bytes; /* and what net_average adds to it */
};

/* The name of an op that is one: "conv", ... */
const char *spec_op_name(enum op op);

/* The op of that name, or -1. */
int spec_op_find(const char *name);

/* The fields of an op that is one: *n, at most SPEC_FIELDS_MAX. */
const struct spec_field *spec_fields(enum op op, size_t *n);

/* Empties `s` and gives it the input node. */
void spec_init(struct spec *s, struct shape images, int classes);

/* Appends a copy of `node` and returns its number, or ERR_RANGE when the spec
 * is full.  Fills in its shape if the node and its inputs are sound, and 1 for
 * a convolution's stride that was left out; what is wrong with it is said
 * later, by spec_check or spec_merge. */
int spec_add(struct spec *s, const struct spec_node *node, struct err *e);

/* Joins maps of any shapes into one node (OP_CONCAT or OP_SUM) and returns its
 * number: maps larger than the smallest are brought to its size by OP_SHRINK,
 * and for a sum those with other channels than the first are projected by a
 * 1x1 convolution (a dense layer where the map is one pixel).  One input is
 * returned as it is.  ERR_RANGE when the spec is full or a number is not a
 * node's; ERR_GENOME when a node so far cannot be built. */
int spec_merge(
	struct spec *s, enum op join, const int *inputs, int n, struct err *e);

/* Fills in every shape, and strides as spec_add does.  ERR_GENOME, with the
 * node and the reason, when the network cannot be built: a map that vanishes,
 * inputs that do not fit, a number out of range, an output that is not
 * `classes` logits. */
int spec_check(struct spec *s, struct err *e);

/* The cost of a checked spec at this batch size.  Saturates, never overflows;
 * train_bytes covers parameters, gradients, two optimizer states, activations
 * and their gradients, and scratch memory. */
void spec_cost(const struct spec *s, int batch, struct spec_cost *out);

/* One node's part of it: its trained numbers, and what it works on an image
 * forward. */
void spec_node_cost(
	const struct spec *s, int i, int64_t *parameters, int64_t *flops);

#endif
