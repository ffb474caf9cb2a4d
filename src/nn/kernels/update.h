/* update.h -- the optimizers' rules, each in one pass over n floats.  Where all
 * of these are zero they stay zero. */
#ifndef NN_KERNELS_UPDATE_H
#define NN_KERNELS_UPDATE_H

#include <stddef.h>

#include "base/optimizer_kind.h"

/* What one step has in common for all numbers; a rule reads what it needs. */
struct update_step {
	float keep1, take1; /* of the first state: its decay, and what that
			     * leaves of 1 */
	float keep2, take2; /* likewise of the second */
	float rate;         /* the first state's bias taken out */
	float root;         /* takes out the bias of the second one's root */
	float shrink;       /* of the parameter itself: weight decay, or 1 */
	float epsilon;
};

/* w parameters, g their gradients, m and v the first and the second state; NULL
 * where the rule has none. */
typedef void update_rule(const struct update_step *s, size_t n, float *w,
	const float *g, float *m, float *v);

struct update_kernels {
	update_rule *rules[OPT_COUNT];

	/* An average follows: a += share * (w - a). */
	void (*follow)(size_t n, float *a, const float *w, float share);

	/* y += factor * x. */
	void (*add)(size_t n, float *y, const float *x, float factor);
};

#endif
