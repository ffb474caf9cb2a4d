/* update.h -- the optimizers' rules, each in one pass over n floats.
 *
 * w parameters, g their gradients, m and v states.  Where all are zero they
 * stay zero. */
#ifndef NN_KERNELS_UPDATE_H
#define NN_KERNELS_UPDATE_H

#include <stddef.h>

/* What one step of adam has in common for all numbers. */
struct adam_step {
	float keep1, take1; /* beta1, and what it leaves of 1 */
	float keep2, take2; /* beta2 */
	float step;         /* the rate, the first moment's bias taken out */
	float root;         /* takes out the bias of the second one's root */
	float shrink;       /* of the parameter itself: weight decay, or 1 */
	float epsilon;
};

struct rmsprop_step {
	float keep, take; /* alpha, and what it leaves of 1 */
	float rate;
	float epsilon;
};

struct nesterov_step {
	float keep; /* momentum */
	float rate;
};

struct update_kernels {
	/* Kingma & Ba, 2015; Loshchilov & Hutter, 2019. */
	void (*adam)(const struct adam_step *a, size_t n, float *w,
		const float *g, float *m, float *v);

	/* w -= rate * g. */
	void (*sgd)(size_t n, float *w, const float *g, float rate);

	/* Tieleman & Hinton, 2012. */
	void (*rmsprop)(const struct rmsprop_step *r, size_t n, float *w,
		const float *g, float *v);

	/* Sutskever et al., 2013, as PyTorch has it: m = keep * m + g, then
	 * w -= rate * (g + keep * m). */
	void (*nesterov)(const struct nesterov_step *s, size_t n, float *w,
		const float *g, float *m);

	/* An average follows: a += share * (w - a). */
	void (*follow)(size_t n, float *a, const float *w, float share);

	/* y += factor * x. */
	void (*add)(size_t n, float *y, const float *x, float factor);
};

#endif
