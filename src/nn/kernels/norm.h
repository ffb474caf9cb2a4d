/* norm.h -- the loops of normalization, over the pixels of one image. */
#ifndef NN_KERNELS_NORM_H
#define NN_KERNELS_NORM_H

#include <stddef.h>

struct norm_slope {
	const float *scale, *shift, *slope;
};

/* Maps (pixels, stride); everything else is (stride). */
struct norm_kernels {
	/* The mean over the pixels, and the sum of squares around it. */
	void (*moments)(size_t pixels, size_t stride, const float *x,
		float *mean, float *squares);

	/* y = (x - mean) * scale + shift. */
	void (*apply)(size_t pixels, size_t stride, const float *x,
		const float *mean, const float *scale, const float *shift,
		float *y);

	/* Adds the sums over the pixels of dy, and of dy * (x - mean). */
	void (*sums)(size_t pixels, size_t stride, const float *dy,
		const float *x, const float *mean, float *sum, float *products);

	/* dx = scale * (dy - shift - (x - mean) * slope). */
	void (*backward)(size_t pixels, size_t stride, const float *dy,
		const float *x, const float *mean, const struct norm_slope *k,
		float *dx);

	/* dx = scale * dy - shift - (x - mean) * slope. */
	void (*backward_joint)(size_t pixels, size_t stride, const float *dy,
		const float *x, const float *mean, const struct norm_slope *k,
		float *dx);
};

#endif
