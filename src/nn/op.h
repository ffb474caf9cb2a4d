/* op.h -- what every op of a network offers: one table of verbs a file.
 *
 * A tensor between two nodes is (batch, height, width, channels), plain floats:
 * our own loops then run over contiguous channels, and oneDNN has fast
 * convolutions for it.  A step touches the first n images of it only, n being
 * that step's batch; the rest is undefined. */
#ifndef NN_OP_H
#define NN_OP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "nn/mem.h"
#include "nn/net.h"
#include "nn/spec.h"

struct onednn;

struct tensor {
	struct shape shape;
	float *value;    /* (batch,H,W,C) */
	float *gradient; /* likewise; NULL if nothing before it trains */
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
	int batch; /* images that the tensors have room for */
	const struct tensor *in[SPEC_INPUTS_MAX];
	struct tensor *out;

	struct param params[2];
	int n_params;
	struct layer_tensor tensors[LAYER_TENSORS_MAX];
	int n_tensors;
	void *state; /* the op's own, or NULL */
};

/* What a layer is built with. */
struct op_build {
	struct onednn *onednn;
	struct mem *mem;
	struct rng *rng;
};

/* One step. */
struct pass {
	size_t n;        /* images, 1..batch */
	int training;    /* 0 in evaluation */
	struct rng *rng; /* dropout's draws; NULL in evaluation */
};

/* What one node adds to the cost of a network. */
struct op_cost {
	int64_t parameters;     /* trained numbers */
	int64_t flops;          /* forward, per image */
	int64_t param_floats;   /* parameters as stored, padding included */
	int64_t fixed_floats;   /* other memory, whatever the batch */
	int64_t image_floats;   /* other memory, per image of the batch */
	int64_t scratch_floats; /* working memory shared by all layers */
};

/* Verbs that an op does not need are NULL; shape and forward always exist
 * (but for the input, which net.c fills). */
struct op_verbs {
	const char *name;
	int min_inputs, max_inputs;

	/* Shape of the output for inputs of these shapes.  ERR_GENOME. */
	int (*shape)(const struct spec_node *node, const struct shape *in,
		struct shape *out, struct err *e);

	/* Adds to a zeroed *c; int64_t cannot overflow for checked shapes. */
	void (*cost)(const struct spec_node *node, const struct shape *in,
		struct op_cost *c);

	/* Takes memory and draws parameters.  ERR_GENOME or ERR_WORLD; `free`
	 * is called even then. */
	int (*new)(struct layer *l, const struct op_build *b, struct err *e);

	/* in[]->value to out->value. */
	void (*forward)(struct layer *l, const struct pass *p);

	/* out->gradient to the gradients of the parameters, before any call
	 * of backward in the same step. */
	void (*gradients)(struct layer *l, const struct pass *p);

	/* out->gradient to the gradient of input number `which`, written (not
	 * added) to `dx`, which never overlaps out->gradient.  The call for
	 * the last input may use out->gradient up. */
	void (*backward)(
		struct layer *l, const struct pass *p, int which, float *dx);

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

extern const struct op_verbs op_conv, op_batchnorm, op_activation, op_maxpool,
	op_shrink, op_dense, op_dropout, op_concat, op_sum;

/* Floats of one image. */
static inline size_t shape_floats(struct shape s)
{
	return (size_t)s.channels * (size_t)s.height * (size_t)s.width;
}

/* Floats of the n images of a step. */
static inline size_t pass_floats(const struct pass *p, const struct tensor *t)
{
	return p->n * shape_floats(t->shape);
}

/* Adds a trained parameter of `stored` floats, seen outside as `dims` under
 * the name `suffix`; takes memory for value and gradient.  ERR_WORLD. */
int layer_add_param(struct layer *l, const struct op_build *b,
	const struct layer_tensor *seen, struct err *e);

/* Draws tensors[i] uniformly from +-1/sqrt(fan_in) in the order of the outside
 * layout, so that initial values do not depend on the kernel class. */
int layer_draw(struct layer *l, int i, const struct op_build *b, double fan_in,
	struct err *e);

/* tensors[i] to and from the layout of other tools. */
size_t layer_tensor_count(const struct layer *l, int i);
void layer_read(const struct layer *l, int i, float *out);
void layer_write(struct layer *l, int i, const float *values);

#endif
