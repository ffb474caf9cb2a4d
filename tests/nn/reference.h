/* reference.h -- a network in plain loops and doubles, to test nn/ against.
 *
 * Written for reading: one loop per index, maps as (n,C,H,W), no code shared
 * with nn/.  Gradients are central differences of its loss. */
#ifndef TEST_REFERENCE_H
#define TEST_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "nn/net.h"
#include "nn/spec.h"

struct reference;

/* A copy of the net's tensors, as doubles; the spec must outlive it. */
struct reference *reference_new(const struct spec *s, const struct net *n);
void reference_free(struct reference *r);

/* Tensor i in the order of net_tensor, to read or to change. */
double *reference_tensor(struct reference *r, size_t i);

struct reference_step {
	const float *images; /* (n,C,H,W) */
	const int32_t *labels;
	size_t n;
	int training;       /* batch statistics and dropout */
	int keep_running;   /* leave the running statistics alone */
	struct rng dropout; /* drawn from as the net does */
};

/* Forward; returns the mean loss.  Logits (n,classes) unless NULL. */
double reference_loss(
	struct reference *r, const struct reference_step *step, double *logits);

#endif
