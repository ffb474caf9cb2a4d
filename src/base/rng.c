/* rng.c -- xoshiro256++ and SplitMix64. */
#include "base/rng.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t splitmix(uint64_t *state)
{
	*state += UINT64_C(0x9e3779b97f4a7c15);
	return mix(*state);
}

void rng_stream(struct rng *r, uint64_t seed, uint64_t a, uint64_t b)
{
	uint64_t state = seed;

	/* Each number passes a full mix before the next is added, so that
	 * (1, 2) and (2, 1) do not meet. */
	state = splitmix(&state) ^ a;
	state = splitmix(&state) ^ b;
	for (int i = 0; i < 4; i++)
		r->s[i] = splitmix(&state);
}

int64_t rng_derive(uint64_t seed, uint64_t a, uint64_t b)
{
	struct rng r;

	rng_stream(&r, seed, a, b);
	return (int64_t)(rng_u64(&r) >> 11);
}

int64_t rng_seed_random(void)
{
	uint64_t bits;

	/* Small requests to a kernel that has booted do not fail. */
	if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
		abort();
	return (int64_t)(bits >> 11);
}

static uint64_t rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

uint64_t rng_u64(struct rng *r)
{
	uint64_t *s = r->s;
	uint64_t out = rotl(s[0] + s[3], 23) + s[0];
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return out;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
	uint64_t limit, x;

	assert(n > 0);
	/* Draws above the largest multiple of n are thrown away. */
	limit = UINT64_MAX - UINT64_MAX % n;
	do
		x = rng_u64(r);
	while (x >= limit);
	return x % n;
}

double rng_unit(struct rng *r)
{
	return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

int rng_chance(struct rng *r, double p)
{
	return rng_unit(r) < p;
}
