/* optimizer_kind.c -- the list of optimizers. */
#include "base/optimizer_kind.h"

const char *optimizer_kind_name(int kind)
{
	static const char *const names[OPT_COUNT] = {
		[OPT_ADAM] = "adam",
		[OPT_ADAMW] = "adamw",
		[OPT_SGD] = "sgd",
		[OPT_RMSPROP] = "rmsprop",
	};

	return names[kind];
}
