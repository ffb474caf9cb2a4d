/* random.c -- draws, and steps, within ranges. */
#include "neat/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DROPOUT_STEP 0.1
#define EXPONENT_DIGITS 1e12

/* The decimal text is what is exact on every machine, so rounding goes through
 * it and not through a division. */
static double round_to_4_digits(double x)
{
	char text[32];

	snprintf(text, sizeof text, "%.3e", x);
	return strtod(text, NULL);
}

/* -- afresh -- */

/* The least of the range, doubled any number of times that stays in it. */
static int draw_doubling(
	const struct space *s, enum space_number number, struct rng *r)
{
	const struct range from = space_drawn(s, number);
	uint64_t n = 1;

	while (ldexp(from.lo, (int)n) <= from.hi)
		n++;
	return (int)from.lo << rng_below(r, n);
}

int random_filters(const struct space *s, struct rng *r)
{
	return draw_doubling(s, SPACE_FILTERS, r);
}

int random_units(const struct space *s, struct rng *r)
{
	return draw_doubling(s, SPACE_UNITS, r);
}

int random_kernel(const struct space *s, struct rng *r)
{
	const struct range from = space_drawn(s, SPACE_KERNEL);
	const int steps = (int)(from.hi - from.lo) / 2;

	return (int)from.lo + 2 * (int)rng_below(r, (uint64_t)steps + 1);
}

/* A logarithm without the last bits, which differ between machines. */
static double exponent_of(double x)
{
	return round(log10(x) * EXPONENT_DIGITS) / EXPONENT_DIGITS;
}

double random_learning_rate(const struct space *s, struct rng *r)
{
	const struct range from = space_drawn(s, SPACE_LEARNING_RATE);
	const double hi = exponent_of(from.hi), lo = exponent_of(from.lo);

	return space_clamp(s, SPACE_LEARNING_RATE,
		round_to_4_digits(pow(10, hi - (hi - lo) * rng_unit(r))));
}

double random_dropout(const struct space *s, struct rng *r)
{
	const struct range from = space_drawn(s, SPACE_DROPOUT);

	return space_clamp(s, SPACE_DROPOUT,
		round_to_4_digits(from.lo + (from.hi - from.lo) * rng_unit(r)));
}

/* -- steps -- */

static double size_near(double x, const struct space *s,
	enum space_number number, struct rng *r)
{
	const struct range *in = &s->ranges[number];
	int up = rng_chance(r, 0.5);

	if (x * 2 > in->hi)
		up = 0;
	else if (x / 2 < in->lo)
		up = 1;
	return space_clamp(s, number, up ? x * 2 : floor(x / 2));
}

double random_filters_near(double x, const struct space *s, struct rng *r)
{
	return size_near(x, s, SPACE_FILTERS, r);
}

double random_units_near(double x, const struct space *s, struct rng *r)
{
	return size_near(x, s, SPACE_UNITS, r);
}

double random_kernel_near(double x, const struct space *s, struct rng *r)
{
	const struct range *in = &s->ranges[SPACE_KERNEL];
	int up = rng_chance(r, 0.5);

	if (x + 2 > in->hi)
		up = 0;
	else if (x - 2 < in->lo)
		up = 1;
	return space_clamp(s, SPACE_KERNEL, up ? x + 2 : x - 2);
}

double random_learning_rate_near(double x, const struct space *s, struct rng *r)
{
	if (x == 0)
		return random_learning_rate(s, r);
	x = round_to_4_digits(x * pow(10, rng_unit(r) - 0.5));
	return space_clamp(s, SPACE_LEARNING_RATE, x);
}

double random_batch_near(double x, const struct space *s, struct rng *r)
{
	x = rng_chance(r, 0.5) ? x * 2 : floor(x / 2);
	return space_clamp(s, SPACE_BATCH_SIZE, x);
}

double random_dropout_near(double x, const struct space *s, struct rng *r)
{
	x += DROPOUT_STEP * (2 * rng_unit(r) - 1);
	return space_clamp(s, SPACE_DROPOUT, round_to_4_digits(x));
}
