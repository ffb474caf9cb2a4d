/* attribute.c -- the table, and what is the same for all of its rows. */
#include "neat/attribute.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "neat/random.h"

/* -- names -- */

static const char *merge_name(int choice)
{
	static const char *const names[MERGES] = {"sum", "concat"};

	return names[choice];
}

static const char *norm_name(int choice)
{
	static const char *const names[CONV_NORMS] = {"none", "batch", "layer"};

	return names[choice];
}

static const char *pool_name(int choice)
{
	static const char *const names[CONV_POOLS] = {"none", "max", "average"};

	return names[choice];
}

const char *node_kind_name(enum node_kind kind)
{
	static const char *const names[NODE_KINDS] = {
		"input", "bias", "output", "neuron", "conv", "dense"};

	return names[kind];
}

/* -- steps: what evolution draws from.  Files may hold more than it draws: any
 * value within the bounds. -- */

#define FILTERS_LO 8
#define FILTERS_HI 128
#define UNITS_LO 16
#define UNITS_HI 256
#define KERNEL_HI 7

/* One of n choices, another than `now`. */
static double other_choice(double now, int n, struct rng *r)
{
	if (now >= n)
		return (double)rng_below(r, (uint64_t)n);
	return fmod(now + 1 + (double)rng_below(r, (uint64_t)n - 1), n);
}

/* Doubled or halved; the other way where that leaves lo..hi. */
static double other_size(double now, double lo, double hi, struct rng *r)
{
	int up = rng_chance(r, 0.5);

	if (now * 2 > hi)
		up = 0;
	else if (now / 2 < lo)
		up = 1;
	return fmin(fmax(up ? now * 2 : floor(now / 2), lo), hi);
}

static double step_filters(double now, struct rng *r)
{
	return other_size(now, FILTERS_LO, FILTERS_HI, r);
}

static double step_units(double now, struct rng *r)
{
	return other_size(now, UNITS_LO, UNITS_HI, r);
}

static double step_kernel(double now, struct rng *r)
{
	int up = rng_chance(r, 0.5);

	if (now + 2 > KERNEL_HI)
		up = 0;
	else if (now - 2 < 1)
		up = 1;
	return up ? now + 2 : now - 2;
}

/* Evolution strides by 1 or 2. */
static double step_stride(double now, struct rng *r)
{
	(void)r;
	return now == 1 ? 2 : 1;
}

static double step_activation(double now, struct rng *r)
{
	return other_choice(now, ACT_COUNT, r);
}

static double step_optimizer(double now, struct rng *r)
{
	return other_choice(now, OPT_COUNT, r);
}

static double step_merge(double now, struct rng *r)
{
	return other_choice(now, MERGES, r);
}

static double step_norm(double now, struct rng *r)
{
	return other_choice(now, CONV_NORMS, r);
}

static double step_pool(double now, struct rng *r)
{
	return other_choice(now, CONV_POOLS, r);
}

static double step_batch(double now, struct rng *r)
{
	return random_batch_near((int)now, r);
}

/* -- the table -- */

#define AT(member) offsetof(struct node_gene, member)
#define CHOICE(n) .type = ATTRIBUTE_CHOICE, .hi = (n)-1
#define WHOLE(most) .type = ATTRIBUTE_WHOLE, .lo = 1, .hi = (most)
#define DROPOUT(where)                                                    \
	.key = "dropout", .type = ATTRIBUTE_REAL, .hi = FLAT_DROPOUT_MAX, \
	.step = random_dropout_near, .at = (where)
#define MERGE                                               \
	.key = "merge", CHOICE(MERGES), .name = merge_name, \
	.step = step_merge, .at = AT(merge)

static const struct attribute of_output[] = {{MERGE}};

static const struct attribute of_conv[] = {
	{MERGE},
	{.key = "filters",
		WHOLE(FLAT_FILTERS_MAX),
		.logarithmic = 1,
		.step = step_filters,
		.at = AT(conv.filters)},
	{.key = "kernel",
		WHOLE(FLAT_KERNEL_MAX),
		.step = step_kernel,
		.at = AT(conv.kernel)},
	{.key = "stride",
		WHOLE(CONV_STRIDE_MAX),
		.step = step_stride,
		.at = AT(conv.stride)},
	{.key = "normalization",
		CHOICE(CONV_NORMS),
		.name = norm_name,
		.step = step_norm,
		.at = AT(conv.norm)},
	{.key = "activation",
		CHOICE(ACT_COUNT),
		.name = activation_name,
		.step = step_activation,
		.at = AT(conv.activation)},
	{.key = "pooling",
		CHOICE(CONV_POOLS),
		.name = pool_name,
		.step = step_pool,
		.at = AT(conv.pool)},
	{DROPOUT(AT(conv.dropout))},
};

static const struct attribute of_dense[] = {
	{MERGE},
	{.key = "units",
		WHOLE(FLAT_NODES_MAX),
		.logarithmic = 1,
		.step = step_units,
		.at = AT(dense.units)},
	{.key = "activation",
		CHOICE(ACT_COUNT),
		.name = activation_name,
		.step = step_activation,
		.at = AT(dense.activation)},
	{DROPOUT(AT(dense.dropout))},
};

static const struct attribute of_hypers[HYPERS] = {
	[HYPER_OPTIMIZER] = {.key = "optimizer",
		CHOICE(OPT_COUNT),
		.name = optimizer_kind_name,
		.step = step_optimizer},
	[HYPER_LEARNING_RATE] = {.key = "learning_rate",
		.type = ATTRIBUTE_REAL,
		.hi = FLAT_LEARNING_RATE_MAX,
		.logarithmic = 1,
		.step = random_learning_rate_near},
	[HYPER_BATCH_SIZE] = {.key = "batch_size",
		WHOLE(FLAT_BATCH_MAX),
		.logarithmic = 1,
		.step = step_batch},
	[HYPER_DROPOUT] = {DROPOUT(0)},
};

const struct attribute *attributes_of(enum node_kind kind, size_t *n)
{
	switch (kind) {
	case NODE_OUTPUT: *n = 1; return of_output;
	case NODE_CONV: *n = sizeof of_conv / sizeof *of_conv; return of_conv;
	case NODE_DENSE:
		*n = sizeof of_dense / sizeof *of_dense;
		return of_dense;
	default: *n = 0; return NULL;
	}
}

const struct attribute *attributes_of_hypers(void)
{
	return of_hypers;
}

/* -- values -- */

double attribute_get(const struct attribute *a, const struct node_gene *n)
{
	const char *at = (const char *)n + a->at;
	int whole;

	if (a->type == ATTRIBUTE_REAL)
		return *(const double *)at;
	/* An enumeration has the size of an int. */
	memcpy(&whole, at, sizeof whole);
	return whole;
}

void attribute_set(const struct attribute *a, struct node_gene *n, double x)
{
	char *at = (char *)n + a->at;
	int whole = (int)x;

	if (a->type == ATTRIBUTE_REAL)
		*(double *)at = x;
	else
		memcpy(at, &whole, sizeof whole);
}

int attribute_check(const struct attribute *a, double x, struct err *e)
{
	if (!(x >= a->lo && x <= a->hi))
		return err_set(e, ERR_RANGE,
			"%s is %.6g but must be from %g to %g", a->key, x,
			a->lo, a->hi);
	if (a->type != ATTRIBUTE_REAL && x != floor(x))
		return err_set(e, ERR_RANGE,
			"%s is %.6g but must be a whole number", a->key, x);
	return 0;
}

/* The logarithm to base 2, on straight lines between the powers of two: close
 * enough for a distance, and the same bits on every machine.  Below 2^-20,
 * zero included, all is alike. */
static double log2_lines(double x)
{
	const double least = 0x1p-20;
	int exponent;
	double part = frexp(x < least ? least : x, &exponent);

	return exponent + 2 * part - 2;
}

double attribute_distance(const struct attribute *a, double x, double y)
{
	double lo = a->lo, hi = a->hi;

	if (a->type == ATTRIBUTE_CHOICE)
		return x != y;
	if (a->logarithmic) {
		x = log2_lines(x);
		y = log2_lines(y);
		lo = log2_lines(lo);
		hi = log2_lines(hi);
	}
	return fabs(x - y) / (hi - lo);
}

int attribute_choice(const struct attribute *a, const char *name)
{
	for (int i = 0; i <= (int)a->hi; i++)
		if (strcasecmp(name, a->name(i)) == 0)
			return i;
	return -1;
}
