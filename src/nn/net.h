/* net.h -- a network that trains: parameters, activations, one step at a time.
 *
 * A step is net_backward, then net_update; where and how the numbers between
 * the two lie is the net's own affair.
 *
 * One thread owns a net and all its work happens on that thread.  Same spec,
 * seed, batches and kernel class: same bits. */
#ifndef NN_NET_H
#define NN_NET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/optimizer_kind.h"
#include "base/rng.h"
#include "nn/recipe.h"
#include "nn/spec.h"

struct kernels;
struct net;

/* Builds the network of a checked spec for batches of up to `batch` images and
 * draws its parameters from `r`: weights uniform in +-1/sqrt(fan in), biases
 * likewise, batch normalization 1 and 0.  The spec is copied.  NULL with
 * ERR_WORLD when the machine has no more memory. */
struct net *net_new(const struct spec *s, int batch, const struct kernels *k,
	struct rng *r, struct err *e);

/* NULL is a no-op. */
void net_free(struct net *n);

/* Where a step's images are to be written, normalized: (batch,H,W,*pixel), of
 * which each pixel's first C floats are its channels and the rest stay zero.
 * Valid as long as the net; a step leaves it as it is. */
float *net_input(struct net *n, size_t *pixel);

/* One step over the images in net_input. */
struct net_step {
	size_t n;                   /* images, 1..batch */
	const int32_t *labels;      /* 0..classes-1 */
	struct rng *dropout;        /* drawn from; NULL if nothing drops */
	double label_smoothing;     /* 0..1, as in loss.h */
	const float *class_weights; /* (classes), as in loss.h, or NULL */
};

/* Forward, loss, backward.  Gradients of the mean loss are left in the net for
 * net_update.  Adds to *correct the images whose largest logit (the first, at
 * a tie) is the label.  Returns the mean softmax cross-entropy against the
 * smoothed labels, which is NaN or infinite if training diverged. */
double net_backward(struct net *n, const struct net_step *s, size_t *correct);

/* Evaluation of the first `count` images in net_input: dropout off, batch
 * normalization with running statistics.  Writes logits (count,classes). */
void net_forward(struct net *n, size_t count, float *logits);

/* From now on net_forward gives, or no longer gives, the mean of the logits of
 * an image and of its mirror image, left to right. */
void net_flip_test(struct net *n, int on);

/* From now on the net follows its gradients by these rules, without a memory of
 * steps before.  Weight decay and clipping are the recipe's, which has passed
 * recipe_check; the rest of it is the training loop's. */
void net_optimizer(
	struct net *n, enum optimizer_kind kind, const struct recipe *recipe);

/* One step of the optimizer, at this learning rate, from the gradients that
 * net_backward has left, which are used up. */
void net_update(struct net *n, double rate);

/* From now on the net keeps exponential averages, at this decay in 0..1, of its
 * parameters and of its running statistics, which so belong together: an
 * average starts as the values after the next update, and follows every update.
 * Once in a net's life.  ERR_WORLD when the machine has no more memory. */
int net_average(struct net *n, double decay, struct err *e);

/* Exchanges the net's values and their averages, if it keeps them: what is
 * judged and exported is the averages.  The net must not be trained before
 * they are exchanged again. */
void net_exchange(struct net *n);

/* The named tensors, running statistics included, as other tools lay them out:
 * conv (O,I,H,W), dense (O,I) with I in (C,H,W) order, vectors (n).  Names are
 * "<node>.weight", "<node>.bias", "<node>.running_mean", ... where <node> is
 * "node" and the node's number in the spec. */
struct net_tensor {
	char name[48];
	int ndims;
	int dims[4];
	size_t count;
};

/* How many there are. */
size_t net_tensor_count(const struct net *n);

/* Describes tensor i. */
void net_tensor(const struct net *n, size_t i, struct net_tensor *out);

/* Copies tensor i out, `count` floats. */
void net_tensor_read(const struct net *n, size_t i, float *out);

/* Copies `count` floats into tensor i. */
void net_tensor_write(struct net *n, size_t i, const float *values);

/* True if every parameter and running statistic is a finite number. */
int net_is_finite(const struct net *n);

/* Bytes of numbers held by the net and its optimizer: what spec_cost planned
 * must not be less. */
size_t net_bytes(const struct net *n);

#endif
