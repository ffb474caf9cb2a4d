/* activation.c -- the list of activations. */
#include "base/activation.h"

const char *activation_name(int a)
{
	static const char *const names[ACT_COUNT] = {
		[ACT_RELU] = "relu",
		[ACT_SIGMOID] = "sigmoid",
		[ACT_TANH] = "tanh",
		[ACT_LEAKYRELU] = "leakyrelu",
		[ACT_SELU] = "selu",
	};

	return names[a];
}
