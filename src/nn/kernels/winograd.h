/* winograd.h -- 3x3 and 5x5 convolutions by Winograd's minimal filtering.
 * Winograd, 1980; Lavin & Gray, "Fast Algorithms for Convolutional Neural
 * Networks", 2016, sections 4 and 5.
 *
 * Tiles of 6x6 inputs give 4x4 outputs of a 3x3 kernel (F(4x4,3x3)) or 2x2 of a
 * 5x5 one (F(2x2,5x5)).  Both use the points 0, 1, -1, 2, -2 and infinity and
 * so the same transform of the inputs; 36 products a tile stand for 144 or 100
 * multiplications.
 *
 * In floats the result is off by up to 1.3e-5 of its largest value, and the
 * gradient of the weights by up to 4e-5 (the worst of 27,000 random shapes with
 * numbers of -1 to 1), where a direct sum is off by 1e-6.  The bounds are what
 * tests/nn/test_kernels_winograd.c holds every class to.
 *
 * Stride 1, `same` padding.  Layouts as in kernels.h. */
#ifndef NN_KERNELS_WINOGRAD_H
#define NN_KERNELS_WINOGRAD_H

#include <stddef.h>

#define WINOGRAD_FORWARD_BOUND 2e-5
#define WINOGRAD_GRADIENT_BOUND 6e-5

struct winograd_shape {
	int kernel; /* 3 or 5 */
	size_t height, width;
	size_t in;        /* channels */
	size_t in_stride; /* floats a pixel of x, multiple of lanes */
	size_t out;       /* floats a pixel of y, likewise */
};

/* Weights lie as (kernel, kernel, in, out); transformed they take
 * 36 * in * out floats.  `n` images everywhere. */
struct winograd_kernels {
	/* Floats of working memory that forward or gradients need. */
	size_t (*scratch)(const struct winograd_shape *s);

	void (*transform)(const struct winograd_shape *s, const float *weights,
		float *transformed);

	/* y = x * weights + bias; bias (out), NULL for none. */
	void (*forward)(const struct winograd_shape *s, size_t n,
		const float *x, const float *transformed, const float *bias,
		float *y, float *scratch);

	/* Adds the gradient of the transformed weights and of the bias. */
	void (*gradients)(const struct winograd_shape *s, size_t n,
		const float *x, const float *dy, float *dtransformed,
		float *dbias, float *scratch);

	/* Writes the gradient of the weights from the sum of those. */
	void (*weight_gradient)(const struct winograd_shape *s,
		const float *dtransformed, float *dweights);
};

#endif
