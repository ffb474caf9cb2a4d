/* optimizer.h -- parameters follow their gradients, by the rules of
 * base/optimizer_kind.h with PyTorch's formulas and default constants: betas of
 * 0.9 and 0.999, alpha 0.99, epsilon 1e-8. */
#ifndef NN_OPTIMIZER_H
#define NN_OPTIMIZER_H

#include <stddef.h>

#include "base/optimizer_kind.h"
#include "nn/recipe.h"

struct kernels;
struct optimizer;

/* One trained parameter tensor, in a layout of its layer's own. */
struct param {
	float *value, *gradient;
	size_t count; /* floats, padding included (which stays zero) */
	int vector;   /* a bias, or a normalization's scale or shift */
};

/* State for these parameters, which must outlive it.  Weight decay and clipping
 * are the recipe's, which has passed recipe_check. */
struct optimizer *optimizer_new(const struct kernels *k,
	enum optimizer_kind kind, const struct recipe *recipe,
	const struct param *params, size_t count);

/* NULL is a no-op. */
void optimizer_free(struct optimizer *o);

/* One update from the gradients, which are used up, at this learning rate. */
void optimizer_step(struct optimizer *o, double rate);

/* Bytes of what it remembers. */
size_t optimizer_bytes(const struct optimizer *o);

#endif
