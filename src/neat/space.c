/* space.c -- lists of choices and ranges of numbers, and those that a run has
 * unless it says otherwise. */
#include "neat/space.h"

#include <math.h>

#include "base/activation.h"
#include "base/optimizer_kind.h"
#include "neat/gene.h"

/* A learning rate has a logarithm to be drawn by. */
#define LEARNING_RATE_LEAST 1e-8

/* Each number: its key, if it is whole, what a range may be, the standard one,
 * the one that was standard before (docs/search.md), and what of that was drawn
 * afresh. */
#define NUMBERS(X)                                                             \
	X(SPACE_FILTERS, "filters", 1, (1, CONV_FILTERS_MAX), (16, 128),       \
		(8, 128), (16, 64))                                            \
	X(SPACE_UNITS, "units", 1, (1, DENSE_UNITS_MAX), (32, 256), (16, 256), \
		(16, 128))                                                     \
	X(SPACE_KERNEL, "kernel", 1, (1, CONV_KERNEL_MAX), (3, 5), (1, 7),     \
		(3, 7))                                                        \
	X(SPACE_LEARNING_RATE, "learning_rate", 0,                             \
		(LEARNING_RATE_LEAST, LEARNING_RATE_MAX), (5e-4, 6e-3),        \
		(1e-6, LEARNING_RATE_MAX), (1e-4, 1e-1))                       \
	X(SPACE_BATCH_SIZE, "batch_size", 1, (1, BATCH_SIZE_MAX), (8, 256),    \
		(8, 256), (8, 256))                                            \
	X(SPACE_DROPOUT, "dropout", 0, (0, LAYER_DROPOUT_MAX), (0, 0.3),       \
		(0, LAYER_DROPOUT_MAX), (0.1, 0.5))

#define BRACED(...)         \
	{                   \
		__VA_ARGS__ \
	}
#define AS_ROW(number, key, whole, bounds, standard, before, drawn)            \
	[number] = {key, whole, BRACED bounds, BRACED standard, BRACED before, \
		BRACED drawn},
#define AS_RANGE(number, key, whole, bounds, standard, before, drawn) \
	[number] = BRACED before,

static const struct space_row table[SPACE_NUMBERS] = {NUMBERS(AS_ROW)};

const struct space_row *space_table(void)
{
	return table;
}

const struct space *space_default(void)
{
	static const struct space space = {
		.activations = {5, {ACT_RELU, ACT_SIGMOID, ACT_TANH,
					   ACT_LEAKYRELU, ACT_SELU}},
		.optimizers = {4, {OPT_ADAM, OPT_ADAMW, OPT_SGD, OPT_RMSPROP}},
		.ranges = {NUMBERS(AS_RANGE)},
	};

	return &space;
}

/* -- checks -- */

/* The place of a value in the list, or -1. */
static int find(const struct choices *c, int value)
{
	for (int i = 0; i < c->n; i++)
		if (c->value[i] == value)
			return i;
	return -1;
}

static int check_choices(
	const struct choices *c, const char *what, int known, struct err *e)
{
	if (c->n < 1 || c->n > SPACE_CHOICES_MAX)
		return err_set(e, ERR_RANGE,
			"evolution must have from 1 to %d %s to draw from, not "
			"%d",
			SPACE_CHOICES_MAX, what, c->n);
	for (int i = 0; i < c->n; i++)
		if (c->value[i] < 0 || c->value[i] >= known ||
			find(c, c->value[i]) != i)
			return err_set(e, ERR_RANGE,
				"number %d of the %s to draw from is unknown, "
				"or there already",
				i + 1, what);
	return 0;
}

int space_check_range(
	enum space_number number, const struct range *range, struct err *e)
{
	const struct space_row *row = &table[number];

	/* NaN is in no range. */
	if (!(range->lo >= row->bounds.lo && range->lo <= range->hi &&
		    range->hi <= row->bounds.hi))
		return err_set(e, ERR_RANGE,
			"%s from %g to %g is no range within %g to %g",
			row->key, range->lo, range->hi, row->bounds.lo,
			row->bounds.hi);
	if (row->whole && (range->lo != floor(range->lo) ||
				  range->hi != floor(range->hi)))
		return err_set(e, ERR_RANGE,
			"%s from %g to %g is no range of whole numbers",
			row->key, range->lo, range->hi);
	return 0;
}

int space_check(const struct space *s, struct err *e)
{
	int rc = check_choices(&s->activations, "activations", ACT_COUNT, e);

	if (rc == 0)
		rc = check_choices(&s->optimizers, "optimizers", OPT_COUNT, e);
	for (int i = 0; rc == 0 && i < SPACE_NUMBERS; i++)
		rc = space_check_range((enum space_number)i, &s->ranges[i], e);
	return rc;
}

/* -- draws -- */

int space_draw(const struct choices *c, struct rng *r)
{
	return c->value[rng_below(r, (uint64_t)c->n)];
}

int space_draw_other(const struct choices *c, int now, struct rng *r)
{
	const int at = find(c, now);

	if (at < 0)
		return space_draw(c, r);
	if (c->n == 1)
		return now;
	return c->value[(at + 1 + (int)rng_below(r, (uint64_t)c->n - 1)) %
			c->n];
}

static int is_before(const struct space *s, enum space_number number)
{
	const struct range *is = &s->ranges[number];
	const struct range *before = &table[number].before;

	return is->lo == before->lo && is->hi == before->hi;
}

struct range space_drawn(const struct space *s, enum space_number number)
{
	return is_before(s, number) ? table[number].drawn : s->ranges[number];
}

int space_holds(const struct space *s, enum space_number number, double x)
{
	return is_before(s, number) || space_clamp(s, number, x) == x;
}

double space_clamp(const struct space *s, enum space_number number, double x)
{
	return fmin(fmax(x, s->ranges[number].lo), s->ranges[number].hi);
}
