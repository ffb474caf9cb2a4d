/* activate.c -- functions and their slopes, one loop for each.
 *
 * The slope of a monotonic function is a function of its value, so that the
 * argument need not be kept; of any other it is one of the argument.
 * The comparisons let a NaN through: a network that diverged must not look
 * healthy behind a ReLU. */
#include "nn/kernels/activate.h"

#include "nn/kernels/fmath.h"
#include "nn/kernels/lanes.h"

#define LEAKY_SLOPE 0.01f

/* Klambauer et al., 2017: the values that keep mean 0 and variance 1. */
#define SELU_ALPHA 1.6732632423543772f
#define SELU_SCALE 1.0507009873554805f

static inline float relu(float x)
{
	return x < 0.0f ? 0.0f : x;
}

static inline float relu_slope(float y)
{
	return y > 0.0f ? 1.0f : 0.0f;
}

static inline float sigmoid_slope(float y)
{
	return y * (1.0f - y);
}

static inline float tanh_slope(float y)
{
	return 1.0f - y * y;
}

static inline float leaky(float x)
{
	return x < 0.0f ? LEAKY_SLOPE * x : x;
}

static inline float leaky_slope(float y)
{
	return y > 0.0f ? 1.0f : LEAKY_SLOPE;
}

static inline float selu(float x)
{
	float low = SELU_SCALE * SELU_ALPHA * fmath_expm1(x);

	return x < 0.0f ? low : SELU_SCALE * x;
}

static inline float selu_slope(float y)
{
	return y > 0.0f ? SELU_SCALE : y + SELU_SCALE * SELU_ALPHA;
}

/* x Phi(x), with Phi(x) = erfc(-x / sqrt 2) / 2. */
static inline float gelu(float x)
{
	return 0.5f * x * fmath_erfc(-0.707106781f * x);
}

static inline float gelu_slope(float x)
{
	const float density = 0.398942280f * fmath_exp(-0.5f * x * x);

	return 0.5f * fmath_erfc(-0.707106781f * x) + x * density;
}

static inline float silu(float x)
{
	return x * fmath_sigmoid(x);
}

static inline float silu_slope(float x)
{
	const float s = fmath_sigmoid(x);

	return s * (1.0f + x * (1.0f - s));
}

/* One loop for each function, so that each is compiled for its own. */
#define LOOPS(name, function, slope)                                     \
	static void name##_forward(const float *x, float *y, size_t n)   \
	{                                                                \
		LANES_INDEPENDENT                                        \
		for (size_t i = 0; i < n; i++)                           \
			y[i] = function(x[i]);                           \
	}                                                                \
	static void name##_backward(                                     \
		const float *kept, const float *dy, float *dx, size_t n) \
	{                                                                \
		LANES_INDEPENDENT                                        \
		for (size_t i = 0; i < n; i++)                           \
			dx[i] = dy[i] * slope(kept[i]);                  \
	}

LOOPS(relu, relu, relu_slope)
LOOPS(sigmoid, fmath_sigmoid, sigmoid_slope)
LOOPS(tanh, fmath_tanh, tanh_slope)
LOOPS(leaky, leaky, leaky_slope)
LOOPS(selu, selu, selu_slope)
LOOPS(gelu, gelu, gelu_slope)
LOOPS(silu, silu, silu_slope)

extern const struct activation_kernels KERNELS(activation);

const struct activation_kernels KERNELS(activation) = {
	.forward =
		{
			[ACT_RELU] = relu_forward,
			[ACT_SIGMOID] = sigmoid_forward,
			[ACT_TANH] = tanh_forward,
			[ACT_LEAKYRELU] = leaky_forward,
			[ACT_SELU] = selu_forward,
			[ACT_GELU] = gelu_forward,
			[ACT_SILU] = silu_forward,
		},
	.backward =
		{
			[ACT_RELU] = relu_backward,
			[ACT_SIGMOID] = sigmoid_backward,
			[ACT_TANH] = tanh_backward,
			[ACT_LEAKYRELU] = leaky_backward,
			[ACT_SELU] = selu_backward,
			[ACT_GELU] = gelu_backward,
			[ACT_SILU] = silu_backward,
		},
};
