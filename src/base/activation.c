/* activation.c -- the list of activations. */
#include "base/activation.h"

#include <stddef.h>

static const struct {
	const char *name;
	int monotonic;
} activations[ACT_COUNT] = {
	[ACT_RELU] = {"relu", 1},
	[ACT_SIGMOID] = {"sigmoid", 1},
	[ACT_TANH] = {"tanh", 1},
	[ACT_LEAKYRELU] = {"leakyrelu", 1},
	[ACT_SELU] = {"selu", 1},
	[ACT_GELU] = {"gelu", 0},
	[ACT_SILU] = {"silu", 0},
};

const char *activation_name(int a)
{
	return a >= 0 && a < ACT_COUNT ? activations[a].name : NULL;
}

int activation_is_monotonic(enum activation a)
{
	return activations[a].monotonic;
}
