/* norm.c -- a few vectors of channels at a time, over all pixels: what belongs
 * to the channels stays in registers. */
#include "nn/kernels/norm.h"

#include "nn/kernels/lanes.h"

/* Vectors of channels at once. */
#define WIDE 4

/* Calls `body` for all channels c, WIDE vectors at once and then one by one.
 * The number of vectors is a constant in each call, so that arrays of them
 * become registers. */
#define FOR_CHANNELS(c, stride, body)                                   \
	do {                                                            \
		size_t c = 0;                                           \
                                                                        \
		for (; c + WIDE * LANES <= (stride); c += WIDE * LANES) \
			body(WIDE);                                     \
		for (; c < (stride); c += LANES)                        \
			body(1);                                        \
	} while (0)

LANES_INLINE void load(const float *from, lanes to[WIDE], const int wide)
{
	for (int v = 0; v < wide; v++)
		to[v] = from ? lanes_load(from + v * LANES) : lanes_zero();
}

LANES_INLINE void store(const lanes from[WIDE], float *to, const int wide)
{
	for (int v = 0; v < wide; v++)
		lanes_store(to + v * LANES, from[v]);
}

/* -- sums -- */

/* A sum runs in two, over the even and the odd pixels: additions follow each
 * other twice as fast, and round less. */
LANES_INLINE void moments(size_t pixels, size_t stride, const float *x,
	float *mean, float *squares, const int wide)
{
	lanes even[WIDE], odd[WIDE], m[WIDE];
	size_t i;

	load(NULL, even, wide);
	load(NULL, odd, wide);
	for (i = 0; i + 1 < pixels; i += 2)
		for (int v = 0; v < wide; v++) {
			even[v] += lanes_load(x + i * stride + v * LANES);
			odd[v] += lanes_load(x + (i + 1) * stride + v * LANES);
		}
	for (int v = 0; v < wide; v++) {
		if (i < pixels)
			even[v] += lanes_load(x + i * stride + v * LANES);
		m[v] = (even[v] + odd[v]) * lanes_all(1.0f / (float)pixels);
		even[v] = odd[v] = lanes_zero();
	}
	for (i = 0; i < pixels; i++)
		for (int v = 0; v < wide; v++) {
			const lanes d = lanes_load(x + i * stride + v * LANES) -
					m[v];

			if (i % 2)
				odd[v] = lanes_fma(d, d, odd[v]);
			else
				even[v] = lanes_fma(d, d, even[v]);
		}
	for (int v = 0; v < wide; v++)
		even[v] += odd[v];
	store(m, mean, wide);
	store(even, squares, wide);
}

static void norm_moments(size_t pixels, size_t stride, const float *x,
	float *mean, float *squares)
{
#define BODY(wide) moments(pixels, stride, x + c, mean + c, squares + c, wide)
	FOR_CHANNELS(c, stride, BODY);
#undef BODY
}

LANES_INLINE void sums(size_t pixels, size_t stride, const float *dy,
	const float *x, const float *mean, float *sum, float *products,
	const int wide)
{
	lanes m[WIDE], s[WIDE], p[WIDE];

	load(mean, m, wide);
	load(NULL, s, wide);
	load(NULL, p, wide);
	for (size_t i = 0; i < pixels; i++)
		for (int v = 0; v < wide; v++) {
			const size_t at = i * stride + (size_t)v * LANES;
			const lanes d = lanes_load(dy + at);

			s[v] += d;
			p[v] = lanes_fma(d, lanes_load(x + at) - m[v], p[v]);
		}
	for (int v = 0; v < wide; v++) {
		s[v] += lanes_load(sum + v * LANES);
		p[v] += lanes_load(products + v * LANES);
	}
	store(s, sum, wide);
	store(p, products, wide);
}

static void norm_sums(size_t pixels, size_t stride, const float *dy,
	const float *x, const float *mean, float *sum, float *products)
{
#define BODY(wide)                                                           \
	sums(pixels, stride, dy + c, x + c, mean + c, sum + c, products + c, \
		wide)
	FOR_CHANNELS(c, stride, BODY);
#undef BODY
}

/* -- maps -- */

LANES_INLINE void apply(size_t pixels, size_t stride, const float *x,
	const float *mean, const float *scale, const float *shift, float *y,
	const int wide)
{
	lanes m[WIDE], s[WIDE], b[WIDE];

	load(mean, m, wide);
	load(scale, s, wide);
	load(shift, b, wide);
	for (size_t i = 0; i < pixels; i++)
		for (int v = 0; v < wide; v++) {
			const size_t at = i * stride + (size_t)v * LANES;

			lanes_store(y + at, lanes_fma(lanes_load(x + at) - m[v],
						    s[v], b[v]));
		}
}

static void norm_apply(size_t pixels, size_t stride, const float *x,
	const float *mean, const float *scale, const float *shift, float *y)
{
#define BODY(wide)                                                          \
	apply(pixels, stride, x + c, mean + c, scale + c, shift + c, y + c, \
		wide)
	FOR_CHANNELS(c, stride, BODY);
#undef BODY
}

/* scale * (dy - shift - (x - mean) * slope), the factors multiplied first. */
LANES_INLINE void backward(size_t pixels, size_t stride, const float *dy,
	const float *x, const float *mean, const struct norm_slope *k,
	float *dx, const int wide)
{
	lanes m[WIDE], s[WIDE], b[WIDE], t[WIDE];

	load(mean, m, wide);
	load(k->scale, s, wide);
	load(k->shift, b, wide);
	load(k->slope, t, wide);
	for (size_t i = 0; i < pixels; i++)
		for (int v = 0; v < wide; v++) {
			const size_t at = i * stride + (size_t)v * LANES;
			const lanes d = lanes_load(dy + at) - b[v];
			const lanes off = m[v] - lanes_load(x + at);

			lanes_store(dx + at, s[v] * lanes_fma(off, t[v], d));
		}
}

static void norm_backward(size_t pixels, size_t stride, const float *dy,
	const float *x, const float *mean, const struct norm_slope *k,
	float *dx)
{
#define BODY(wide)                                                 \
	backward(pixels, stride, dy + c, x + c, mean + c,          \
		&(struct norm_slope){                              \
			k->scale + c, k->shift + c, k->slope + c}, \
		dx + c, wide)
	FOR_CHANNELS(c, stride, BODY);
#undef BODY
}

/* scale * dy - shift - (x - mean) * slope: where channels are normalized
 * together, the gradient is scaled by channel before it loses what all of them
 * share. */
LANES_INLINE void backward_joint(size_t pixels, size_t stride, const float *dy,
	const float *x, const float *mean, const struct norm_slope *k,
	float *dx, const int wide)
{
	lanes m[WIDE], s[WIDE], b[WIDE], t[WIDE];

	load(mean, m, wide);
	load(k->scale, s, wide);
	load(k->shift, b, wide);
	load(k->slope, t, wide);
	for (size_t i = 0; i < pixels; i++)
		for (int v = 0; v < wide; v++) {
			const size_t at = i * stride + (size_t)v * LANES;
			const lanes off = m[v] - lanes_load(x + at);
			const lanes shared = lanes_fma(off, t[v], -b[v]);

			lanes_store(dx + at,
				lanes_fma(lanes_load(dy + at), s[v], shared));
		}
}

static void norm_backward_joint(size_t pixels, size_t stride, const float *dy,
	const float *x, const float *mean, const struct norm_slope *k,
	float *dx)
{
#define BODY(wide)                                                 \
	backward_joint(pixels, stride, dy + c, x + c, mean + c,    \
		&(struct norm_slope){                              \
			k->scale + c, k->shift + c, k->slope + c}, \
		dx + c, wide)
	FOR_CHANNELS(c, stride, BODY);
#undef BODY
}

extern const struct norm_kernels KERNELS(norm);

const struct norm_kernels KERNELS(norm) = {
	.moments = norm_moments,
	.apply = norm_apply,
	.sums = norm_sums,
	.backward = norm_backward,
	.backward_joint = norm_backward_joint,
};
