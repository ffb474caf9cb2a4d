/* direct.h -- convolution as a sum over the window, for every kernel size,
 * stride and number of channels.
 *
 * The window's rows are the segments of a matrix product (panel.h) whose A is
 * the image itself, so that no patches are copied out.  Layouts as in
 * kernels.h. */
#ifndef NN_KERNELS_DIRECT_H
#define NN_KERNELS_DIRECT_H

#include <stddef.h>

/* Output (h,w) is the sum over taps (i,j) of the input pixel
 * (h * stride + i - before, w * stride + j - before), nothing where there is
 * none.  With `spread` above 1 the input counts as a map with its pixels that
 * far apart and zeros between: what the gradient of a strided convolution is
 * to its input. */
struct direct_shape {
	size_t kernel, stride, before, spread;
	size_t height, width;         /* of x */
	size_t out_height, out_width; /* of y */
	size_t in;                    /* channels that count */
	size_t in_stride;             /* floats a pixel of x */
	size_t out;                   /* floats a pixel of y, whole vectors */
};

/* Weights lie as (kernel, kernel, in, out); packed they take as much room. */
struct direct_kernels {
	/* Floats of working memory that forward and gradients need. */
	size_t (*scratch)(const struct direct_shape *s);

	/* Brings the weights to the order in which forward reads them. */
	void (*pack)(const struct direct_shape *s, const float *weights,
		float *packed);

	/* y = x * weights + bias of n images; bias (out), NULL for none. */
	void (*forward)(const struct direct_shape *s, size_t n, const float *x,
		const float *packed, const float *bias, float *y,
		float *scratch);

	/* Adds the gradient of the weights and of the bias. */
	void (*gradients)(const struct direct_shape *s, size_t n,
		const float *x, const float *dy, float *dweights, float *dbias,
		float *scratch);
};

#endif
