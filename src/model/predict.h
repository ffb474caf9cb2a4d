/* predict.h -- how likely a trained network holds each class of an image. */
#ifndef MODEL_PREDICT_H
#define MODEL_PREDICT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/import.h"

/* Writes the softmax of the logits, (n,classes), for images (n,C,H,W) of the
 * network's shape and type of pixels, 1 <= n <= m->batch.  ERR_INVALID, with
 * nothing written, when the values of the file are so far off that a logit is
 * not finite. */
int predict(struct import *m, const void *pixels, size_t n,
	double *probabilities, struct err *e);

#endif
