/* optimizer.c -- states, and a kernel for each rule. */
#include "nn/optimizer.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "nn/kernels/kernels.h"
#include "nn/kernels/update.h"

/* PyTorch's defaults. */
#define BETA1 0.9
#define BETA2 0.999
#define ALPHA 0.99
#define EPSILON 1e-8f
#define DECAY 0.01

struct optimizer {
	const struct kernels *kernels;
	enum optimizer_kind kind;
	double rate;
	const struct param *params;
	size_t count;
	double beta1_power, beta2_power; /* of the steps taken */
	float **first, **second;         /* a state a parameter, or NULL */
};

/* States die on a lack of memory as small allocations do: they are part of
 * what was planned and checked before training. */
static float **states_new(const struct param *params, size_t count)
{
	float **states = xcalloc(count ? count : 1, sizeof *states);

	for (size_t i = 0; i < count; i++)
		states[i] = xcalloc(params[i].count, sizeof **states);
	return states;
}

static void states_free(float **states, size_t count)
{
	for (size_t i = 0; states && i < count; i++)
		free(states[i]);
	free(states);
}

struct optimizer *optimizer_new(const struct kernels *k,
	enum optimizer_kind kind, double learning_rate,
	const struct param *params, size_t count)
{
	struct optimizer *o = xcalloc(1, sizeof *o);

	o->kernels = k;
	o->kind = kind;
	o->rate = learning_rate;
	o->params = params;
	o->count = count;
	o->beta1_power = o->beta2_power = 1.0;
	if (kind == OPT_ADAM || kind == OPT_ADAMW)
		o->first = states_new(params, count);
	if (kind != OPT_SGD)
		o->second = states_new(params, count);
	return o;
}

void optimizer_free(struct optimizer *o)
{
	if (!o)
		return;
	states_free(o->first, o->count);
	states_free(o->second, o->count);
	free(o);
}

/* The moments' bias is taken out of the step's size and of the root. */
static void adam_step(const struct optimizer *o, size_t k, float shrink)
{
	const struct param *p = &o->params[k];
	const struct adam_step a = {
		.keep1 = (float)BETA1,
		.take1 = (float)(1.0 - BETA1),
		.keep2 = (float)BETA2,
		.take2 = (float)(1.0 - BETA2),
		.step = (float)(o->rate / (1.0 - o->beta1_power)),
		.root = (float)(1.0 / sqrt(1.0 - o->beta2_power)),
		.shrink = shrink,
		.epsilon = EPSILON,
	};

	o->kernels->update->adam(
		&a, p->count, p->value, p->gradient, o->first[k], o->second[k]);
}

static void rmsprop_step(const struct optimizer *o, size_t k)
{
	const struct param *p = &o->params[k];
	const struct rmsprop_step r = {
		.keep = (float)ALPHA,
		.take = (float)(1.0 - ALPHA),
		.rate = (float)o->rate,
		.epsilon = EPSILON,
	};

	o->kernels->update->rmsprop(
		&r, p->count, p->value, p->gradient, o->second[k]);
}

static void step(const struct optimizer *o, size_t k)
{
	const struct param *p = &o->params[k];
	const float rate = (float)o->rate;

	switch (o->kind) {
	case OPT_ADAM: adam_step(o, k, 1.0f); break;
	case OPT_ADAMW: adam_step(o, k, (float)(1.0 - o->rate * DECAY)); break;
	case OPT_SGD:
		o->kernels->update->sgd(p->count, p->value, p->gradient, rate);
		break;
	case OPT_RMSPROP: rmsprop_step(o, k); break;
	case OPT_COUNT: break;
	}
}

void optimizer_step(struct optimizer *o)
{
	o->beta1_power *= BETA1;
	o->beta2_power *= BETA2;
	for (size_t k = 0; k < o->count; k++)
		step(o, k);
}

const char *optimizer_name(enum optimizer_kind kind)
{
	static const char *const names[OPT_COUNT] = {
		[OPT_ADAM] = "adam",
		[OPT_ADAMW] = "adamw",
		[OPT_SGD] = "sgd",
		[OPT_RMSPROP] = "rmsprop",
	};

	return names[kind];
}
