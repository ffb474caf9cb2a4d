/* norm.c -- one vector of channels at a time where there are sums to keep, and
 * pixel by pixel elsewhere.
 *
 * A sum runs in four, each over every fourth pixel: additions follow each
 * other four times as fast, and round less. */
#include "nn/kernels/norm.h"

#include "nn/kernels/lanes.h"

#define SUMS 4

static inline lanes total(const lanes part[SUMS])
{
	return (part[0] + part[1]) + (part[2] + part[3]);
}

static lanes mean_of(size_t pixels, size_t stride, const float *x)
{
	lanes part[SUMS] = {lanes_zero()};

	for (size_t i = 0; i < pixels; i++)
		part[i % SUMS] += lanes_load(x + i * stride);
	return total(part) * lanes_all(1.0f / (float)pixels);
}

static lanes squares_of(
	size_t pixels, size_t stride, const float *x, lanes mean)
{
	lanes part[SUMS] = {lanes_zero()};

	for (size_t i = 0; i < pixels; i++) {
		const lanes d = lanes_load(x + i * stride) - mean;

		part[i % SUMS] = lanes_fma(d, d, part[i % SUMS]);
	}
	return total(part);
}

static void norm_moments(size_t pixels, size_t stride, const float *x,
	float *mean, float *squares)
{
	for (size_t c = 0; c < stride; c += LANES) {
		const lanes m = mean_of(pixels, stride, x + c);

		lanes_store(mean + c, m);
		lanes_store(squares + c, squares_of(pixels, stride, x + c, m));
	}
}

static void norm_sums(size_t pixels, size_t stride, const float *dy,
	const float *x, const float *mean, float *sum, float *products)
{
	for (size_t c = 0; c < stride; c += LANES) {
		const lanes m = lanes_load(mean + c);
		lanes part[SUMS] = {lanes_zero()};
		lanes product[SUMS] = {lanes_zero()};

		for (size_t i = 0; i < pixels; i++) {
			const lanes d = lanes_load(dy + i * stride + c);
			const lanes v = lanes_load(x + i * stride + c) - m;

			part[i % SUMS] += d;
			product[i % SUMS] = lanes_fma(d, v, product[i % SUMS]);
		}
		lanes_store(sum + c, lanes_load(sum + c) + total(part));
		lanes_store(products + c,
			lanes_load(products + c) + total(product));
	}
}

static void norm_apply(size_t pixels, size_t stride, const float *restrict x,
	const float *restrict mean, const float *restrict scale,
	const float *restrict shift, float *restrict y)
{
	for (size_t i = 0; i < pixels; i++, x += stride, y += stride)
		for (size_t c = 0; c < stride; c++)
			y[c] = (x[c] - mean[c]) * scale[c] + shift[c];
}

static void norm_backward(size_t pixels, size_t stride,
	const float *restrict dy, const float *restrict x,
	const float *restrict mean, const float *restrict scale,
	const float *restrict shift, const float *restrict slope,
	float *restrict dx)
{
	for (size_t i = 0; i < pixels; i++) {
		for (size_t c = 0; c < stride; c++)
			dx[c] = scale[c] * (dy[c] - shift[c] -
						   (x[c] - mean[c]) * slope[c]);
		x += stride;
		dy += stride;
		dx += stride;
	}
}

extern const struct norm_kernels KERNELS(norm);

const struct norm_kernels KERNELS(norm) = {
	.moments = norm_moments,
	.apply = norm_apply,
	.sums = norm_sums,
	.backward = norm_backward,
};
