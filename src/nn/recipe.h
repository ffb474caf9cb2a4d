/* recipe.h -- how a network is trained, beyond what its genome says.
 *
 * A struct of zeros is the plain recipe: the learning rate as it is, the
 * optimizer's usual decay, the loss and the gradients as they come. */
#ifndef NN_RECIPE_H
#define NN_RECIPE_H

#include "base/err.h"
#include "base/field.h"
#include "nn/schedule.h"

struct recipe {
	enum schedule schedule;

	/* The learning rate is at most this, 0..1; 0: as it is. */
	double rate_limit;

	/* Decoupled for adamw; added to the gradient (L2) for the others, as
	 * PyTorch does.  Without `own_decay` it is the optimizer's usual one:
	 * 0.01 for adamw, 0 for the others. */
	int own_decay;
	double weight_decay; /* 0..1 */

	/* The share of a label that is spread evenly over all classes
	 * (Szegedy et al., 2016): 0..0.5. */
	double label_smoothing;

	/* All gradients together are scaled down to this Euclidean norm
	 * (Pascanu et al., 2013): 0..1000; 0 leaves them alone. */
	double clip_norm;

	/* Weight decay leaves alone what is a vector: biases and the scales
	 * and shifts of normalizations. */
	int spare_biases;

	/* The decay, 0..0.99999, of the averages over the steps that are judged
	 * and exported in place of the last values; 0: there are none. */
	double ema;

	/* What is judged are the mean logits of an image and its mirror. */
	int flip_test;
};

/* A member a field, their bounds, and what is plain as the default. */
extern const struct fields recipe_fields;

/* The learning rate by which a network of this one is trained. */
double recipe_rate(const struct recipe *r, double rate);

/* ERR_RANGE, naming the field and the limit, when a value is out of its range.
 */
int recipe_check(const struct recipe *r, struct err *e);

#endif
