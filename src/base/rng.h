/* rng.h -- random streams that are split, never shared.
 *
 * xoshiro256++ (Blackman & Vigna, 2019) seeded by SplitMix64.  A stream is a
 * function of three numbers, so the draws of a genome depend on the run's
 * seed, its generation and its id, and on nothing that happened before. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

/* Seeds are 0..2^53-1, so that JSON carries them exactly. */
#define RNG_SEED_MAX ((INT64_C(1) << 53) - 1)

struct rng {
	uint64_t s[4]; /* never all zero */
};

/* The stream of (seed, a, b): for a genome, the run's seed, the generation and
 * the genome's id.  Different triples give unrelated streams. */
void rng_stream(struct rng *r, uint64_t seed, uint64_t a, uint64_t b);

/* A seed in 0..RNG_SEED_MAX derived from (seed, a, b), to hand to another. */
int64_t rng_derive(uint64_t seed, uint64_t a, uint64_t b);

/* A seed in 0..RNG_SEED_MAX from the kernel's randomness, where none is given:
 * the one function here that is not pure. */
int64_t rng_seed_random(void);

/* 64 uniform bits. */
uint64_t rng_u64(struct rng *r);

/* Uniform in 0..n-1 without bias; n must not be 0. */
uint64_t rng_below(struct rng *r, uint64_t n);

/* Uniform in [0, 1), a multiple of 2^-53. */
double rng_unit(struct rng *r);

/* True with probability p. */
int rng_chance(struct rng *r, double p);

/* 32 bits that are a function of x, for draws by position that may come in any
 * order: two rounds of multiply and shift, a bijection that compilers
 * vectorize. */
static inline uint32_t rng_mix32(uint32_t x)
{
	x ^= x >> 16;
	x *= UINT32_C(0x7feb352d);
	x ^= x >> 15;
	x *= UINT32_C(0x846ca68b);
	return x ^ x >> 16;
}

#endif
