/* mistakes.h -- the images that a network takes for something else, and is
 * surest of. */
#ifndef NN_MISTAKES_H
#define NN_MISTAKES_H

#include <stddef.h>
#include <stdint.h>

#define MISTAKES_MAX 64

struct mistake {
	int64_t image;      /* its number in the source */
	int label, answer;  /* what it is, and what it was taken for */
	double probability; /* of the answer, as the network has it */
};

/* The worst, likeliest answers first and of equal ones the earlier image; zeros
 * are an empty list. */
struct mistakes {
	struct mistake worst[MISTAKES_MAX];
	size_t n;
};

/* Notes image number `image` if the network's answer, by its logits (classes),
 * is wrong and among the worst so far.  Images come in rising order. */
void mistakes_note(struct mistakes *m, int64_t image, const float *logits,
	int classes, int32_t label);

#endif
