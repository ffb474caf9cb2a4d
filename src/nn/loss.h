/* loss.h -- softmax cross-entropy, and whether an answer is right. */
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* The mean loss over n images of logits (n,classes), and its gradient.  Not
 * finite if any logit is not. */
double loss_softmax(const float *logits, const int32_t *labels, size_t n,
	int classes, float *gradient);

/* True if logit `label` is the largest, the first at a tie.  Never for NaN. */
int loss_is_correct(const float *logits, int classes, int32_t label);

#endif
