/* optimizer.h -- adam, adamw, sgd, rmsprop with PyTorch's default constants.
 *
 * Kingma & Ba, 2015 (adam); Loshchilov & Hutter, 2019 (adamw); sgd
 * without momentum; rmsprop with alpha 0.99 (Tieleman & Hinton, 2012). */
#ifndef NN_OPTIMIZER_H
#define NN_OPTIMIZER_H

#include <stddef.h>

#include "base/optimizer_kind.h"
#include "nn/net.h"
#include "nn/recipe.h"

struct optimizer;

/* State for these parameters, which must outlive it.  Weight decay and clipping
 * are the recipe's, which has passed recipe_check. */
struct optimizer *optimizer_new(const struct kernels *k,
	enum optimizer_kind kind, const struct recipe *recipe,
	const struct param *params, size_t count);
void optimizer_free(struct optimizer *o);

/* One update from the gradients, which are used up, at this learning rate. */
void optimizer_step(struct optimizer *o, double rate);

#endif
