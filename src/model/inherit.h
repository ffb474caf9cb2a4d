/* inherit.h -- a child starts from what its parents have learned.
 *
 * A layer is the same in child and parent if its gene has the same number and
 * kind (Stanley & Miikkulainen's historical marking; for weights, Lyu et
 * al., arXiv 2009.09644).  What is inherited is then shrunk and
 * perturbed (Ash & Adams, arXiv 1910.08475): a warm start alone generalizes
 * worse than a fresh one. */
#ifndef MODEL_INHERIT_H
#define MODEL_INHERIT_H

#include "base/err.h"
#include "neat/data_shape.h"
#include "neat/genome.h"
#include "nn/net.h"

#define INHERIT_PARENTS_MAX 2

/* A genome of layers that passed genome_check, and the network that it was
 * trained to, for such data. */
struct inherit_parent {
	const struct genome *genome;
	struct data_shape data;
	const struct net *net;
	const struct spec *spec; /* the net's */
};

struct inheritance {
	const struct inherit_parent *parents; /* the fitter first */
	int n;                                /* 0..INHERIT_PARENTS_MAX */
	double keep;                          /* 0..1 */
};

/* Gives the freshly drawn network `n` of a genome `child`, made for `data`, the
 * values keep * inherited + (1 - keep) * fresh wherever something is inherited:
 *   a layer        from the first parent that has it in the same size, else
 *                  from the first that has it: the block that both have, from
 *                  the first channels and around the middle of kernels and
 *                  maps; the inputs of a layer that concatenates are told apart
 *                  by their edges
 *   normalization  likewise, running statistics included
 *   a new layer    with a kernel, or between vectors: the identity, as far as
 *                  its channels go, unless it ends in a sigmoid or tanh
 * All else stays as it was drawn.  Pure; same arguments, same bits.
 * ERR_INVALID when a parent's network is not that of its genome; `n` is then as
 * it was. */
int inherit(struct net *n, const struct genome *child,
	const struct data_shape *data, const struct inheritance *from,
	struct err *e);

#endif
