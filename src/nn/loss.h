/* loss.h -- softmax cross-entropy, and whether an answer is right. */
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* Logits (n,stride), of which the first `classes` of each image count. */
struct loss_shape {
	size_t n;
	int classes;
	size_t stride;
	double smoothing; /* 0..1: the share of a label that all classes get
			   * in equal parts (Szegedy et al., 2016) */
	/* (classes): how much an image of the class, or the share of a label
	 * that is the class's, counts; NULL: all alike. */
	const float *weights;
};

/* The mean loss over the images, and its gradient; with weights the mean is by
 * those of the labels, as PyTorch takes it.  Not finite if any logit is not. */
double loss_softmax(const struct loss_shape *s, const float *logits,
	const int32_t *labels, float *gradient);

/* The cross-entropy of one image, in double; not finite if a logit is not. */
double loss_of(const float *logits, int classes, int32_t label);

/* The class of the largest logit, the first at a tie; -1 if any is NaN. */
int loss_answer(const float *logits, int classes);

/* True if logit `label` is the largest, the first at a tie.  Never for NaN. */
int loss_is_correct(const float *logits, int classes, int32_t label);

#endif
