/* onednn.h -- the part of oneDNN that nn/ uses: convolution and matrix product.
 *
 * Only onednn.c and onednn_conv.c call the library, because its version 3
 * changed how primitives are made.  One struct onednn belongs to one net. */
#ifndef NN_ONEDNN_H
#define NN_ONEDNN_H

#include <stddef.h>

#include "base/err.h"
#include "nn/mem.h"

struct onednn;

/* An engine on this CPU.  ERR_WORLD. */
struct onednn *onednn_new(struct err *e);

/* After all that was made from it; NULL is a no-op. */
void onednn_free(struct onednn *d);

/* Takes the scratch memory that the convolutions made so far share.
 * Call once, after the last conv_new and before the first step.  ERR_WORLD. */
int onednn_take_scratch(struct onednn *d, struct mem *mem, struct err *e);

enum onednn_isa { ONEDNN_SSE41, ONEDNN_AVX2, ONEDNN_AVX512 };

/* Caps the instruction set of all kernels; once, before anything else.
 * ERR_WORLD when the library refuses. */
int onednn_cap(enum onednn_isa isa, struct err *e);

/* C = op(A) op(B) + beta C, all row-major and dense; op transposes where asked.
 * C is (m,n), op(A) (m,k), op(B) (k,n). */
struct gemm {
	int transpose_a, transpose_b;
	size_t m, n, k;
	const float *a, *b;
	float beta, *c;
};

/* Cannot fail for sizes that fit in memory. */
void onednn_gemm(const struct gemm *g);

/* A convolution with `same` padding and its gradients.  Images are
 * (batch,H,W,C) and always the whole batch.  The weights lie in the layout
 * that the forward pass likes best. */
struct conv;

struct conv_shape {
	int batch, in, out; /* images, channels, filters */
	int height, width, kernel;
	int needs_backward; /* 0: conv_backward will not be called */
};

/* ERR_GENOME when oneDNN has no such convolution, ERR_WORLD out of memory.
 * `d` must outlive it. */
struct conv *conv_new(struct onednn *d, const struct conv_shape *s,
	struct mem *mem, struct err *e);

/* NULL is a no-op. */
void conv_free(struct conv *c);

/* Floats of the weights and of their gradient as they lie in memory. */
size_t conv_weight_floats(const struct conv *c);

/* Where the parameters and their gradients lie, weights in the layout of the
 * convolution; they must stay there. */
struct conv_params {
	float *weights, *weights_gradient;
	float *bias, *bias_gradient;
};
void conv_bind(struct conv *c, const struct conv_params *p);

/* The weights have new values. */
void conv_changed(struct conv *c);

void conv_forward(struct conv *c, const float *x, float *y);

/* Writes the gradients of weights and biases. */
void conv_gradients(struct conv *c, const float *x, const float *dy);

/* Writes the gradient of the images. */
void conv_backward(struct conv *c, const float *dy, float *dx);

/* The weights from and to plain (O,I,H,W). */
void conv_read(struct conv *c, float *oihw);
void conv_write(struct conv *c, const float *oihw);

#endif
