/* peer.h -- one convolution of oneDNN, to compare speed and results with.
 *
 * The only place that knows the library.  It chooses its own layouts, and
 * bringing data there and back (our layouts are those of nn/conv.h) is not part
 * of what is timed. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>

#include "nn/kernels/direct.h"

enum peer_op { PEER_FORWARD, PEER_WEIGHTS, PEER_INPUT, PEER_OPS };

struct peer;

/* Caps the library at the instruction set of a kernel class, one thread; once,
 * before all else. */
void peer_limit(const char *kernels);

/* A convolution of `n` images of that shape, `out` channels of which count. */
struct peer *peer_new(const struct direct_shape *s, size_t n, size_t out);
void peer_free(struct peer *p);

/* Takes copies of inputs, weights, bias and the output's gradient. */
void peer_load(struct peer *p, const float *x, const float *weights,
	const float *bias, const float *dy);

/* Writes y, or the gradient of weights and bias, or of the input; waits. */
void peer_run(struct peer *p, enum peer_op op);

/* A copy of what the op wrote (of weights and bias, the weights), in our
 * layout; what is padding there is left as it is. */
void peer_read(struct peer *p, enum peer_op op, float *to);

#endif
