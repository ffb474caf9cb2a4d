/* buffers.c -- memory with guards, and the comparison with the reference. */
#include "buffers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Floats on either side, more than a vector reaches. */
#define GUARD 64
#define GUARD_BITS UINT32_C(0x7fc0dead)

#define BUFFERS_MAX 32

static struct {
	float *start;
	size_t n;
} buffers[BUFFERS_MAX];
static size_t n_buffers;

#define NO_BITS UINT64_C(0xcbf29ce484222325) /* the hash of nothing */

static uint64_t bits = NO_BITS;

static void fill(float *p, size_t n)
{
	const uint32_t guard = GUARD_BITS;

	for (size_t i = 0; i < n; i++)
		memcpy(p + i, &guard, sizeof guard);
}

static int is_filled(const float *p, size_t n)
{
	const uint32_t guard = GUARD_BITS;

	for (size_t i = 0; i < n; i++)
		if (memcmp(p + i, &guard, sizeof guard) != 0)
			return 0;
	return 1;
}

float *buffer_new(size_t n)
{
	void *p;

	assert_true(n_buffers < BUFFERS_MAX);
	if (posix_memalign(&p, 64, (n + 2 * GUARD) * sizeof(float)))
		fail_msg("no memory for %zu floats", n);
	fill(p, n + 2 * GUARD);
	buffers[n_buffers].start = p;
	buffers[n_buffers++].n = n;
	return (float *)p + GUARD;
}

float *buffer_random(struct rng *r, size_t n)
{
	return buffer_pixels(r, 1, n, n);
}

float *buffer_pixels(
	struct rng *r, size_t pixels, size_t channels, size_t stride)
{
	float *p = buffer_new(pixels * stride);

	for (size_t i = 0; i < pixels * stride; i++)
		p[i] = i % stride < channels ? (float)(2 * rng_unit(r) - 1)
					     : 0.0f;
	return p;
}

float *buffer_copy(const float *from, size_t n)
{
	return memcpy(buffer_new(n), from, n * sizeof *from);
}

void buffers_free(void)
{
	size_t broken = 0;

	for (; n_buffers > 0; n_buffers--) {
		float *start = buffers[n_buffers - 1].start;
		const size_t n = buffers[n_buffers - 1].n;

		broken += !is_filled(start, GUARD) ||
			  !is_filled(start + GUARD + n, GUARD);
		free(start);
	}
	if (broken)
		fail_msg("the guards of %zu buffers were written to", broken);
}

/* FNV-1a. */
static void hash(const float *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t word;

		memcpy(&word, p + i, sizeof word);
		for (int k = 0; k < 32; k += 8) {
			bits ^= word >> k & 255;
			bits *= UINT64_C(0x100000001b3);
		}
	}
}

double buffer_deviation(const float *have, const float *want, size_t n)
{
	double most = 1.0, off = 0.0;

	hash(have, n);
	hash(want, n);
	for (size_t i = 0; i < n; i++) {
		const double d = fabs((double)have[i] - (double)want[i]);

		if (isnan(d))
			return INFINITY;
		off = fmax(off, d);
		most = fmax(most, fabs((double)want[i]));
	}
	return off / most;
}

void buffer_compare(const char *what, const float *have, const float *want,
	size_t n, double bound)
{
	const double off = buffer_deviation(have, want, n);

	if (!(off <= bound))
		fail_msg("%s: off by %g of the largest, and %g is allowed",
			what, off, bound);
}

void buffer_padding_is_zero(const char *what, const float *p, size_t pixels,
	size_t channels, size_t stride)
{
	for (size_t i = 0; i < pixels * stride; i++)
		if (i % stride >= channels && p[i] != 0.0f)
			fail_msg("%s: channel %zu of pixel %zu is %g, beyond "
				 "the %zu that count",
				what, i % stride, i / stride, (double)p[i],
				channels);
}

void buffer_print_bits(const char *kernels)
{
	if (bits == NO_BITS)
		return;
	printf("bits of %s and reference-2: %016llx\n", kernels,
		(unsigned long long)bits);
}
