/* dmath.h -- exp, sine and cosine of doubles, the same bits on every CPU.
 *
 * The C library picks variants of its functions by CPU (with and without fused
 * multiply-add), so their last bits differ between machines, and a pole that
 * is balanced for 100,000 steps makes much of last bits.  These use plain
 * arithmetic; their error is a few units in the last place. */
#ifndef CLASSIC_DMATH_H
#define CLASSIC_DMATH_H

#include <stdint.h>
#include <string.h>

/* e^x, held between e^-700 and e^700. */
static inline double dmath_exp(double x)
{
	/* Adding 1.5 * 2^52 rounds to an integer, left in the low bits. */
	const double round = 6755399441055744.0;
	double t, k, r, p, scale;
	uint64_t bits;

	x = x < -700 ? -700 : x > 700 ? 700 : x;
	t = x * 1.4426950408889634 + round;
	k = t - round;
	/* ln 2 in two parts, the first short enough for k times it to be
	 * exact. */
	r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
	p = 1.0 / 6227020800.0;
	p = p * r + 1.0 / 479001600.0;
	p = p * r + 1.0 / 39916800.0;
	p = p * r + 1.0 / 3628800.0;
	p = p * r + 1.0 / 362880.0;
	p = p * r + 1.0 / 40320.0;
	p = p * r + 1.0 / 5040.0;
	p = p * r + 1.0 / 720.0;
	p = p * r + 1.0 / 120.0;
	p = p * r + 1.0 / 24.0;
	p = p * r + 1.0 / 6.0;
	p = p * r + 0.5;
	p = p * r + 1.0;
	p = p * r + 1.0;
	memcpy(&bits, &t, sizeof bits);
	bits = (bits + 1023) << 52;
	memcpy(&scale, &bits, sizeof scale);
	return p * scale;
}

/* Two doubles that are computed at once. */
typedef double dmath_pair __attribute__((vector_size(16)));

/* Sines and cosines of angles of at most 1 radian either way; beyond that the
 * error grows, to 1e-12 at 2 radians. */
static inline dmath_pair dmath_sin(dmath_pair x)
{
	dmath_pair q = x * x, p = q * (1.0 / 355687428096000.0);

	p = q * (p - 1.0 / 1307674368000.0);
	p = q * (p + 1.0 / 6227020800.0);
	p = q * (p - 1.0 / 39916800.0);
	p = q * (p + 1.0 / 362880.0);
	p = q * (p - 1.0 / 5040.0);
	p = q * (p + 1.0 / 120.0);
	p = q * (p - 1.0 / 6.0);
	return x + x * p;
}

static inline dmath_pair dmath_cos(dmath_pair x)
{
	dmath_pair q = x * x, p = q * (-1.0 / 6402373705728000.0);

	p = q * (p + 1.0 / 20922789888000.0);
	p = q * (p - 1.0 / 87178291200.0);
	p = q * (p + 1.0 / 479001600.0);
	p = q * (p - 1.0 / 3628800.0);
	p = q * (p + 1.0 / 40320.0);
	p = q * (p - 1.0 / 720.0);
	p = q * (p + 1.0 / 24.0);
	p = q * (p - 0.5);
	return 1.0 + p;
}

#endif
