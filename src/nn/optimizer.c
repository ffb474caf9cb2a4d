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
#define ADAMW_DECAY 0.01

struct optimizer {
	const struct kernels *kernels;
	enum optimizer_kind kind;
	double decay;     /* adamw: decoupled; else: 0, it is in l2 */
	float l2;         /* times the parameter, added to its gradient */
	double clip_norm; /* 0: none */
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

static double decay_of(enum optimizer_kind kind, const struct recipe *recipe)
{
	if (recipe->own_decay)
		return recipe->weight_decay;
	return kind == OPT_ADAMW ? ADAMW_DECAY : 0.0;
}

struct optimizer *optimizer_new(const struct kernels *k,
	enum optimizer_kind kind, const struct recipe *recipe,
	const struct param *params, size_t count)
{
	struct optimizer *o = xcalloc(1, sizeof *o);
	const double decay = decay_of(kind, recipe);

	o->kernels = k;
	o->kind = kind;
	if (kind == OPT_ADAMW)
		o->decay = decay;
	else
		o->l2 = (float)decay;
	o->clip_norm = recipe->clip_norm;
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

/* The factor that brings all gradients together down to the norm, as PyTorch
 * has it: 1 where they are below.  Squares are summed in eight lanes, whose
 * order the code fixes, so that compilers vectorize the sum and its bits stay.
 * A gradient that is not finite makes parameters so, which training notices. */
static float clip_factor(const struct optimizer *o)
{
	double lanes[8] = {0}, total = 0.0, factor;

	if (o->clip_norm <= 0)
		return 1.0f;
	for (size_t k = 0; k < o->count; k++) {
		const float *g = o->params[k].gradient;
		size_t n = o->params[k].count, i = 0;

		for (; i + 8 <= n; i += 8)
			for (size_t l = 0; l < 8; l++)
				lanes[l] += (double)g[i + l] * (double)g[i + l];
		for (; i < n; i++)
			lanes[0] += (double)g[i] * (double)g[i];
	}
	for (size_t l = 0; l < 8; l++)
		total += lanes[l];
	factor = o->clip_norm / (sqrt(total) + 1e-6);
	return factor < 1.0 ? (float)factor : 1.0f;
}

/* Clipping first, then the decay, so that the norm is the loss's own.  Done a
 * parameter at a time, right before its update finds it in the cache. */
static void prepare(const struct optimizer *o, size_t k, float factor)
{
	const struct param *p = &o->params[k];
	const float l2 = o->l2;
	const float *restrict w = p->value;
	float *restrict g = p->gradient;

	if (factor == 1.0f && l2 == 0.0f)
		return;
	for (size_t i = 0; i < p->count; i++)
		g[i] = factor * g[i] + l2 * w[i];
}

/* The moments' bias is taken out of the step's size and of the root. */
static void adam_step(const struct optimizer *o, size_t k, double rate)
{
	const struct param *p = &o->params[k];
	const struct adam_step a = {
		.keep1 = (float)BETA1,
		.take1 = (float)(1.0 - BETA1),
		.keep2 = (float)BETA2,
		.take2 = (float)(1.0 - BETA2),
		.step = (float)(rate / (1.0 - o->beta1_power)),
		.root = (float)(1.0 / sqrt(1.0 - o->beta2_power)),
		.shrink = (float)(1.0 - rate * o->decay),
		.epsilon = EPSILON,
	};

	o->kernels->update->adam(
		&a, p->count, p->value, p->gradient, o->first[k], o->second[k]);
}

static void rmsprop_step(const struct optimizer *o, size_t k, double rate)
{
	const struct param *p = &o->params[k];
	const struct rmsprop_step r = {
		.keep = (float)ALPHA,
		.take = (float)(1.0 - ALPHA),
		.rate = (float)rate,
		.epsilon = EPSILON,
	};

	o->kernels->update->rmsprop(
		&r, p->count, p->value, p->gradient, o->second[k]);
}

static void step(const struct optimizer *o, size_t k, double rate)
{
	const struct param *p = &o->params[k];

	switch (o->kind) {
	case OPT_ADAM:
	case OPT_ADAMW: adam_step(o, k, rate); break;
	case OPT_SGD:
		o->kernels->update->sgd(
			p->count, p->value, p->gradient, (float)rate);
		break;
	case OPT_RMSPROP: rmsprop_step(o, k, rate); break;
	case OPT_COUNT: break;
	}
}

void optimizer_step(struct optimizer *o, double rate)
{
	const float factor = clip_factor(o);

	o->beta1_power *= BETA1;
	o->beta2_power *= BETA2;
	for (size_t k = 0; k < o->count; k++) {
		prepare(o, k, factor);
		step(o, k, rate);
	}
}
