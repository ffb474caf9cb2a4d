/* op_activation.c -- five functions applied to each number, and their slopes.
 *
 * Each slope is a function of the value alone, so the input is not read again.
 * The comparisons let a NaN through: a network that diverged must not look
 * healthy behind a ReLU. */
#include "nn/op.h"

#include "nn/fmath.h"

#define LEAKY_SLOPE 0.01f

/* Klambauer et al., 2017: the values that keep mean 0 and variance 1. */
#define SELU_ALPHA 1.6732632423543772f
#define SELU_SCALE 1.0507009873554805f

static float relu(float x)
{
	return x < 0.0f ? 0.0f : x;
}

static float relu_slope(float y)
{
	return y > 0.0f ? 1.0f : 0.0f;
}

static float sigmoid_slope(float y)
{
	return y * (1.0f - y);
}

static float tanh_slope(float y)
{
	return 1.0f - y * y;
}

static float leaky(float x)
{
	return x < 0.0f ? LEAKY_SLOPE * x : x;
}

static float leaky_slope(float y)
{
	return y > 0.0f ? 1.0f : LEAKY_SLOPE;
}

static float selu(float x)
{
	float low = SELU_SCALE * SELU_ALPHA * fmath_expm1(x);

	return x < 0.0f ? low : SELU_SCALE * x;
}

static float selu_slope(float y)
{
	return y > 0.0f ? SELU_SCALE : y + SELU_SCALE * SELU_ALPHA;
}

/* One loop for each function, so that each is compiled for its own. */
#define LOOPS(name, function, slope)                                    \
	static void name##_forward(                                     \
		const float *restrict x, float *restrict y, size_t n)   \
	{                                                               \
		for (size_t i = 0; i < n; i++)                          \
			y[i] = function(x[i]);                          \
	}                                                               \
	static void name##_backward(const float *restrict y,            \
		const float *restrict dy, float *restrict dx, size_t n) \
	{                                                               \
		for (size_t i = 0; i < n; i++)                          \
			dx[i] = dy[i] * slope(y[i]);                    \
	}

LOOPS(relu, relu, relu_slope)
LOOPS(sigmoid, fmath_sigmoid, sigmoid_slope)
LOOPS(tanh, fmath_tanh, tanh_slope)
LOOPS(leaky, leaky, leaky_slope)
LOOPS(selu, selu, selu_slope)

static const struct {
	const char *name;
	void (*forward)(const float *restrict x, float *restrict y, size_t n);
	void (*backward)(const float *restrict y, const float *restrict dy,
		float *restrict dx, size_t n);
} functions[ACT_COUNT] = {
	[ACT_RELU] = {"relu", relu_forward, relu_backward},
	[ACT_SIGMOID] = {"sigmoid", sigmoid_forward, sigmoid_backward},
	[ACT_TANH] = {"tanh", tanh_forward, tanh_backward},
	[ACT_LEAKYRELU] = {"leakyrelu", leaky_forward, leaky_backward},
	[ACT_SELU] = {"selu", selu_forward, selu_backward},
};

const char *activation_name(enum activation a)
{
	return functions[a].name;
}

static int activation_shape(const struct spec_node *node,
	const struct shape *in, struct shape *out, struct err *e)
{
	if ((int)node->activation < 0 || node->activation >= ACT_COUNT)
		return err_set(e, ERR_GENOME, "an activation of number %d",
			(int)node->activation);
	*out = *in;
	return 0;
}

static void activation_forward(struct layer *l, const struct pass *p)
{
	functions[l->node->activation].forward(
		l->in[0]->value, l->out->value, pass_floats(p, l->out));
}

static void activation_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	(void)which;
	functions[l->node->activation].backward(
		l->out->value, l->out->gradient, dx, pass_floats(p, l->out));
}

const struct op_verbs op_activation = {
	.name = "activation",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = activation_shape,
	.forward = activation_forward,
	.backward = activation_backward,
};
