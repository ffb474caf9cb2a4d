/* fmath.h -- exp, expm1, tanh, sigmoid, erfc, log and cos, the same bits on
 * every CPU.
 *
 * The C library picks variants of its functions by CPU (with and without fused
 * multiply-add), so their last bits differ between machines of one kernel
 * class.  These use plain float arithmetic and no branches, so that compilers
 * vectorize loops over them.  Relative error below 1e-6 but where it is
 * said; a NaN comes out as a NaN. */
#ifndef NN_KERNELS_FMATH_H
#define NN_KERNELS_FMATH_H

#include <stdint.h>
#include <string.h>

static inline float fmath_from_bits(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof f);
	return f;
}

static inline uint32_t fmath_to_bits(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof bits);
	return bits;
}

/* x = k ln 2 + r with |r| <= ln 2 / 2: sets *scale to 2^k, returns e^r - 1.
 * Wants -87 <= x <= 88, where 2^k is a normal number. */
static inline float fmath_reduce(float x, float *scale)
{
	/* Adding 1.5 * 2^23 rounds to an integer, left in the low bits. */
	const float round = 12582912.0f;
	float t = x * 1.44269504f + round;
	float k = t - round;
	/* ln 2 in two parts, the first short enough for k times it to be
	 * exact. */
	float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
	float p = 1.0f / 5040.0f;

	*scale = fmath_from_bits((fmath_to_bits(t) + 127u) << 23);
	p = p * r + 1.0f / 720.0f;
	p = p * r + 1.0f / 120.0f;
	p = p * r + 1.0f / 24.0f;
	p = p * r + 1.0f / 6.0f;
	p = p * r + 0.5f;
	return p * r * r + r;
}

static inline float fmath_clamp(float x)
{
	x = x < -87.0f ? -87.0f : x;
	return x > 88.0f ? 88.0f : x;
}

/* e^x, held between e^-87 and e^88. */
static inline float fmath_exp(float x)
{
	float scale, p = fmath_reduce(fmath_clamp(x), &scale);

	return p * scale + scale;
}

/* e^x - 1, without cancellation near 0. */
static inline float fmath_expm1(float x)
{
	float scale, p = fmath_reduce(fmath_clamp(x), &scale);

	return p * scale + (scale - 1.0f);
}

static inline float fmath_sigmoid(float x)
{
	return 1.0f / (1.0f + fmath_exp(-x));
}

static inline float fmath_tanh(float x)
{
	float a = x < 0.0f ? -x : x;
	float m = fmath_expm1(-2.0f * a);
	float t = -m / (2.0f + m);

	return x < 0.0f ? -t : t;
}

/* 1 - erf x.  Relative error below 1e-6 up to 4, and below 5e-6 from there to
 * 9, where it has fallen to 4e-37. */
static inline float fmath_erfc(float x)
{
	/* Of a = |x| it is e^(-a^2) t times a polynomial in u = 2 t - 1, where
	 * t = 1 / (1 + 0.45 a) goes from 1 to 0; fitted for the least relative
	 * error, which is 3.2e-8. */
	const float a = x < 0.0f ? -x : x;
	const float t = 1.0f / (1.0f + 0.45f * a);
	const float u = 2.0f * t - 1.0f;
	float p = -8.08417244e-05f;

	p = p * u + 1.72965756e-05f;
	p = p * u + 0.000700382923f;
	p = p * u - 0.000147330269f;
	p = p * u - 0.00513602467f;
	p = p * u - 0.00285669416f;
	p = p * u + 0.0421392955f;
	p = p * u + 0.162789106f;
	p = p * u + 0.335434526f;
	p = p * u + 0.467140287f;
	p = p * t * fmath_exp(-a * a);
	return x < 0.0f ? 2.0f - p : p;
}

/* ln x of a positive normal number, in double; NaN of NaN and infinity. */
static inline double fmath_log(double x)
{
	uint64_t bits;
	int64_t exponent;
	double m, s, q, p;

	/* x = 2^exponent * m with m around 1, from 0.707 to 1.414. */
	memcpy(&bits, &x, sizeof bits);
	exponent = (int64_t)(bits - UINT64_C(0x3fe6a09e667f3bcd)) >> 52;
	bits -= (uint64_t)exponent << 52;
	memcpy(&m, &bits, sizeof m);

	/* ln m = 2 artanh s; |s| < 0.172, so eight terms leave 1e-14. */
	s = (m - 1.0) / (m + 1.0);
	q = s * s;
	p = 1.0 / 15.0;
	for (int i = 13; i >= 1; i -= 2)
		p = p * q + 1.0 / i;
	/* x - x is 0, or NaN where x is not finite. */
	return (double)exponent * 0.693147180559945309 + 2.0 * s * p + (x - x);
}

/* cos(pi x) for x in 0..1, in double, to 1e-15. */
static inline double fmath_cos_pi(double x)
{
	/* cos(pi x) = -cos(pi (1 - x)) leaves an angle of at most pi / 2. */
	const int past = x > 0.5;
	const double a = 3.14159265358979323846 * (past ? 1.0 - x : x);
	const double q = a * a;
	double p = 1.0;

	/* Taylor's series by Horner's rule; the next term is below 1e-18. */
	for (int i = 22; i >= 2; i -= 2)
		p = 1.0 - p * q / (double)(i * (i - 1));
	return past ? -p : p;
}

#endif
