/* op.h -- what every op of a network offers: one table of verbs a file, and a
 * line in op.c.
 *
 * A tensor between two nodes is (batch, height, width, pixel): maps with their
 * channels side by side, as kernels.h lays them out.  A step goes through the
 * network in stages, and through a stage in chunks of images that stay in the
 * cache (plan.h), so a verb works on the images of one chunk. */
#ifndef NN_OP_H
#define NN_OP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "nn/kernels/kernels.h"
#include "nn/mem.h"
#include "nn/optimizer.h"
#include "nn/spec.h"

struct tensor {
	struct shape shape;
	size_t pixel;    /* floats from a pixel to the next, zero beyond the
			  * channels */
	float *value;    /* (batch,H,W,pixel) */
	float *gradient; /* likewise; NULL if nothing before it trains */

	/* The value, or the gradient, has room for one chunk alone. */
	int value_local, gradient_local;
};

/* A parameter or statistic as the outside sees it: conv (O,I,H,W) and so on. */
struct layer_tensor {
	const char *suffix; /* "weight", ... */
	int ndims, dims[4];
	float *data;   /* in the layer's own layout */
	size_t stored; /* floats at data, padding included */
};

#define LAYER_TENSORS_MAX 4

/* A node at work.  The op's `new` fills in what follows `out`. */
struct layer {
	const struct spec_node *node;
	const struct op_verbs *op;
	uint32_t number; /* of the node */
	const struct tensor *in[SPEC_INPUTS_MAX];
	struct tensor *out;

	struct param params[2];
	int n_params;
	struct layer_tensor tensors[LAYER_TENSORS_MAX];
	int n_tensors;
	const struct kernels *kernels;
	float *const *scratch; /* shared by all layers */
	void *state;           /* the op's own, or NULL */
};

/* What a layer is built with. */
struct op_build {
	const struct kernels *kernels;
	struct mem *mem;
	struct rng *rng;
	size_t batch;          /* images that there must be room for */
	size_t scratch_floats; /* the most that a layer so far wants of it */
};

/* One chunk of a step. */
struct pass {
	size_t first, n;  /* images */
	size_t total;     /* of the step, 1..batch */
	int training;     /* 0 in evaluation */
	uint32_t dropout; /* what the step's dropout is a function of */
};

/* Sums over a step start with its first chunk and are complete with its last:
 * chunks come in order. */
static inline int pass_starts(const struct pass *p)
{
	return p->first == 0;
}

static inline int pass_ends(const struct pass *p)
{
	return p->first + p->n == p->total;
}

/* What one node adds to the cost of a network. */
struct op_cost {
	int64_t parameters;     /* trained numbers */
	int64_t statistics;     /* running ones, which are kept with them */
	int64_t flops;          /* forward, per image */
	int64_t param_floats;   /* parameters as stored, padding included */
	int64_t fixed_floats;   /* other memory, whatever the batch */
	int64_t running_floats; /* of it, running statistics */
	int64_t image_floats;   /* other memory, per image of the batch */
	int64_t scratch_floats; /* working memory shared by all layers */
};

/* What an op's way back looks at again, and so where its output may lie. */
struct op_needs {
	/* Forward and backward may find the output where the input is. */
	int in_place;

	/* Gradients or backward need in[]->value, or out->value, which must
	 * then stay as they were. */
	int keeps_input, keeps_output;
};

/* Verbs that an op does not need are NULL; shape and forward always exist
 * (but for the input, which net.c fills). */
struct op_verbs {
	const char *name; /* in files and messages */
	int min_inputs, max_inputs;
	struct spec_field fields[SPEC_FIELDS_MAX]; /* those with a key */

	/* Fills in what may be left out of a node. */
	void (*complete)(struct spec_node *node);

	/* Shape of the output for inputs of these shapes.  ERR_GENOME. */
	int (*shape)(const struct spec_node *node, const struct shape *in,
		struct shape *out, struct err *e);

	/* Adds to a zeroed *c; int64_t cannot overflow for checked shapes. */
	void (*cost)(const struct spec_node *node, const struct shape *in,
		struct op_cost *c);

	/* Takes memory and draws parameters.  ERR_GENOME or ERR_WORLD; `free`
	 * is called even then. */
	int (*new)(struct layer *l, struct op_build *b, struct err *e);

	/* Looks at in[]->value of every chunk of a training step before the
	 * first forward.  An op that has it also sees every chunk in
	 * `gradients` before the first `backward`. */
	void (*measure)(struct layer *l, const struct pass *p);

	/* in[]->value to out->value. */
	void (*forward)(struct layer *l, const struct pass *p);

	/* out->gradient to the gradients of the parameters, which are complete
	 * after the last chunk. */
	void (*gradients)(struct layer *l, const struct pass *p);

	/* out->gradient to the gradient of input number `which`, written (not
	 * added) to `dx`, the chunk's first image.  `dx` overlaps
	 * out->gradient only for an op that works in place. */
	void (*backward)(
		struct layer *l, const struct pass *p, int which, float *dx);

	/* Of every node; or a function that says so where they differ. */
	struct op_needs needs;
	struct op_needs (*needs_of)(const struct spec_node *node);

	/* Reads any number of floats a pixel, so that the images need no
	 * padding. */
	int reads_unpadded;

	/* Works best on all images at once: its weights are more than they. */
	int whole_batch;

	/* The parameters have new values. */
	void (*changed)(struct layer *l);

	/* The weights (tensors[0], of more than one dimension) to and from the
	 * layout of other tools; NULL when the layer's own is the same. */
	void (*read)(const struct layer *l, float *out);
	void (*write)(struct layer *l, const float *values);

	void (*free)(struct layer *l);
};

/* The verbs of an op; NULL when it is no op. */
const struct op_verbs *op_verbs(enum op op);

/* The needs of a node that has an op. */
struct op_needs op_needs(const struct spec_node *node);

/* Floats of one image of a shape without padding. */
static inline size_t shape_floats(struct shape s)
{
	return (size_t)s.channels * (size_t)s.height * (size_t)s.width;
}

static inline size_t shape_pixels(struct shape s)
{
	return (size_t)s.height * (size_t)s.width;
}

/* Floats of one image of a shape as the widest vectors pad it. */
static inline int64_t shape_padded(struct shape s)
{
	const int64_t lanes = KERNELS_LANES_MAX;

	return (s.channels + lanes - 1) / lanes * lanes * s.height * s.width;
}

/* Floats of one image of a tensor. */
static inline size_t tensor_image(const struct tensor *t)
{
	return shape_pixels(t->shape) * t->pixel;
}

/* Where the chunk's images begin. */
static inline float *tensor_value(const struct tensor *t, const struct pass *p)
{
	return t->value + (t->value_local ? 0 : p->first * tensor_image(t));
}

static inline float *tensor_gradient(
	const struct tensor *t, const struct pass *p)
{
	return t->gradient +
	       (t->gradient_local ? 0 : p->first * tensor_image(t));
}

/* What the shape verb of a 2x2 pool says: half the height and the width,
 * rounded down.  ERR_GENOME for a map that would vanish. */
int op_pool_shape(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e);

/* Makes zero what is beyond the channels of some pixels of t, which begin at x:
 * for ops that do not write it.  What is local shares its memory with others.
 */
void tensor_clear_padding(float *x, const struct tensor *t, size_t pixels);

/* Adds a trained parameter of `stored` floats, seen outside as `dims` under
 * the name `suffix`; takes memory for value and gradient.  ERR_WORLD. */
int layer_add_param(struct layer *l, const struct op_build *b,
	const struct layer_tensor *seen, struct err *e);

/* Draws tensors[i] uniformly from +-1/sqrt(fan_in) in the order of the outside
 * layout, so that initial values do not depend on the kernel class. */
int layer_draw(struct layer *l, int i, const struct op_build *b, double fan_in,
	struct err *e);

/* Asks for so many floats of scratch that the layer uses inside one verb. */
void op_build_wants(struct op_build *b, size_t scratch_floats);

/* Numbers of tensors[i], without padding. */
size_t layer_tensor_count(const struct layer *l, int i);

/* Copies tensors[i] out, in the layout of other tools. */
void layer_read(const struct layer *l, int i, float *out);

/* Copies values in that layout into tensors[i]. */
void layer_write(struct layer *l, int i, const float *values);

#endif
