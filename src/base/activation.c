/* activation.c -- the list of activations. */
#include "base/activation.h"

#include <stddef.h>

const char *activation_name(int a)
{
	static const char *const names[ACT_COUNT] = {
		[ACT_RELU] = "relu",
		[ACT_SIGMOID] = "sigmoid",
		[ACT_TANH] = "tanh",
		[ACT_LEAKYRELU] = "leakyrelu",
		[ACT_SELU] = "selu",
	};

	return a >= 0 && a < ACT_COUNT ? names[a] : NULL;
}
