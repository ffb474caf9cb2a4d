/* random.c -- each choice takes one number from the stream. */
#include "neat/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DROPOUT_LO 0.1
#define DROPOUT_HI 0.5
#define DROPOUT_STEP 0.1
#define LEARNING_RATE_LO 1e-6
#define BATCH_LO 8
#define BATCH_HI 256

/* The decimal text is what is exact on every machine, so rounding goes through
 * it and not through a division. */
static double round_to_4_digits(double x)
{
	char text[32];

	snprintf(text, sizeof text, "%.3e", x);
	return strtod(text, NULL);
}

static double clamp(double x, double lo, double hi)
{
	return x < lo ? lo : x > hi ? hi : x;
}

int random_filters(struct rng *r)
{
	return 16 << rng_below(r, 3);
}

int random_kernel(struct rng *r)
{
	return 3 + 2 * (int)rng_below(r, 3);
}

int random_nodes(struct rng *r)
{
	return 16 << rng_below(r, 4);
}

double random_learning_rate(struct rng *r)
{
	return round_to_4_digits(pow(10, -1 - 3 * rng_unit(r)));
}

double random_dropout(struct rng *r)
{
	return round_to_4_digits(
		DROPOUT_LO + (DROPOUT_HI - DROPOUT_LO) * rng_unit(r));
}

double random_dropout_near(double x, struct rng *r)
{
	x += DROPOUT_STEP * (2 * rng_unit(r) - 1);
	return clamp(round_to_4_digits(x), 0, LAYER_DROPOUT_MAX);
}

double random_learning_rate_near(double x, struct rng *r)
{
	if (x == 0)
		return random_learning_rate(r);
	x = round_to_4_digits(x * pow(10, rng_unit(r) - 0.5));
	return clamp(x, LEARNING_RATE_LO, LEARNING_RATE_MAX);
}

int random_batch_near(int n, struct rng *r)
{
	n = rng_chance(r, 0.5) ? n * 2 : n / 2;
	return (int)clamp(n, BATCH_LO, BATCH_HI);
}
