/* optimizer.c -- a row for each rule: what it remembers, and the numbers that
 * its kernel (kernels/update.c) has for a step. */
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
#define MOMENTUM 0.9

/* What one optimizer has that others have not. */
struct rule {
	int states;    /* numbers that it remembers for each parameter */
	double decay;  /* the usual one */
	int decoupled; /* shrinks the parameter, not added to its gradient */
	struct update_step (*step)(
		const struct optimizer *o, const struct param *p, double rate);
};

#define STATES_MAX 2

struct optimizer {
	const struct rule *rule;
	update_rule *update;
	double decay;     /* decoupled, or 0 */
	float l2;         /* times the parameter, added to its gradient */
	int spare_biases; /* neither is for vectors */
	double clip_norm; /* 0: none */
	const struct param *params;
	size_t count;
	double beta1_power, beta2_power; /* of the steps taken */
	float **states[STATES_MAX];      /* of each parameter, or NULL */
};

static int decays(const struct optimizer *o, const struct param *p)
{
	return !(o->spare_biases && p->vector);
}

/* -- the rules: what a step of a parameter is made of -- */

/* The moments' bias is taken out of the rate and of the root. */
static struct update_step adam_step(
	const struct optimizer *o, const struct param *p, double rate)
{
	return (struct update_step){
		.keep1 = (float)BETA1,
		.take1 = (float)(1.0 - BETA1),
		.keep2 = (float)BETA2,
		.take2 = (float)(1.0 - BETA2),
		.rate = (float)(rate / (1.0 - o->beta1_power)),
		.root = (float)(1.0 / sqrt(1.0 - o->beta2_power)),
		.shrink = decays(o, p) ? (float)(1.0 - rate * o->decay) : 1.0f,
		.epsilon = EPSILON,
	};
}

static struct update_step rmsprop_step(
	const struct optimizer *o, const struct param *p, double rate)
{
	(void)o;
	(void)p;
	return (struct update_step){
		.keep1 = (float)ALPHA,
		.take1 = (float)(1.0 - ALPHA),
		.rate = (float)rate,
		.epsilon = EPSILON,
	};
}

/* SGD's too, which has no state to keep. */
static struct update_step momentum_step(
	const struct optimizer *o, const struct param *p, double rate)
{
	(void)o;
	(void)p;
	return (struct update_step){
		.keep1 = (float)MOMENTUM, .rate = (float)rate};
}

static const struct rule rules[OPT_COUNT] = {
	[OPT_ADAM] = {.states = 2, .step = adam_step},
	[OPT_ADAMW] = {.states = 2,
		.decay = 0.01,
		.decoupled = 1,
		.step = adam_step},
	[OPT_SGD] = {.step = momentum_step},
	[OPT_RMSPROP] = {.states = 1, .step = rmsprop_step},
	[OPT_NESTEROV] = {.states = 1, .step = momentum_step},
};

/* -- building -- */

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
	enum optimizer_kind kind, const struct recipe *recipe,
	const struct param *params, size_t count)
{
	const struct rule *rule = &rules[kind];
	const double decay = recipe->own_decay ? recipe->weight_decay
					       : rule->decay;
	struct optimizer *o = xcalloc(1, sizeof *o);

	o->rule = rule;
	o->update = k->update->rules[kind];
	if (rule->decoupled)
		o->decay = decay;
	else
		o->l2 = (float)decay;
	o->spare_biases = recipe->spare_biases;
	o->clip_norm = recipe->clip_norm;
	o->params = params;
	o->count = count;
	o->beta1_power = o->beta2_power = 1.0;
	for (int i = 0; i < rule->states; i++)
		o->states[i] = states_new(params, count);
	return o;
}

void optimizer_free(struct optimizer *o)
{
	if (!o)
		return;
	for (int i = 0; i < STATES_MAX; i++)
		states_free(o->states[i], o->count);
	free(o);
}

/* -- a step -- */

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
static void scale_and_decay(const struct optimizer *o, size_t k, float factor)
{
	const struct param *p = &o->params[k];
	const float l2 = decays(o, p) ? o->l2 : 0.0f;
	const float *restrict w = p->value;
	float *restrict g = p->gradient;

	if (factor == 1.0f && l2 == 0.0f)
		return;
	for (size_t i = 0; i < p->count; i++)
		g[i] = factor * g[i] + l2 * w[i];
}

static float *state_of(const struct optimizer *o, int which, size_t k)
{
	return o->states[which] ? o->states[which][k] : NULL;
}

void optimizer_step(struct optimizer *o, double rate)
{
	const float factor = clip_factor(o);

	o->beta1_power *= BETA1;
	o->beta2_power *= BETA2;
	for (size_t k = 0; k < o->count; k++) {
		const struct param *p = &o->params[k];
		const struct update_step s = o->rule->step(o, p, rate);

		scale_and_decay(o, k, factor);
		o->update(&s, p->count, p->value, p->gradient,
			state_of(o, 0, k), state_of(o, 1, k));
	}
}

size_t optimizer_bytes(const struct optimizer *o)
{
	size_t floats = 0;

	for (size_t k = 0; k < o->count; k++)
		floats += o->params[k].count;
	return floats * sizeof(float) * (size_t)o->rule->states;
}
