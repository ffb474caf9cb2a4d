/* lanes.h -- one vector of floats, as wide as the instruction set has it.
 *
 * The files of this folder are compiled once for each kernel class, with LANES
 * and KERNELS_ISA set by src/nn/meson.build: 16 for AVX-512, 8 for AVX2 with
 * FMA, 4 for the vectors that every x86-64 and arm64 has (where a product and
 * a sum stay two roundings, the same bits on both).  What is fused is written
 * out, so that every compiler makes the same bits. */
#ifndef NN_KERNELS_LANES_H
#define NN_KERNELS_LANES_H

#include <stddef.h>
#include <stdint.h>

#if LANES > 4
#include <immintrin.h>
#endif

/* The name of what a file exports: winograd_avx2 beside winograd_avx512. */
#define KERNELS_JOIN(name, isa) name##_##isa
#define KERNELS_NAME(name, isa) KERNELS_JOIN(name, isa)
#define KERNELS(name) KERNELS_NAME(name, KERNELS_ISA)

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

/* All bits of a number set where something holds of it, or none. */
typedef int lanes_mask __attribute__((vector_size(LANES * sizeof(int))));

/* A byte for each number. */
typedef int8_t lanes_bytes __attribute__((vector_size(LANES)));

static inline void lanes_store_bytes(uint8_t *p, lanes_mask x)
{
	*(lanes_bytes *)p = __builtin_convertvector(x, lanes_bytes);
}

static inline lanes_mask lanes_load_bytes(const uint8_t *p)
{
	return __builtin_convertvector(*(const lanes_bytes *)p, lanes_mask);
}

/* a where the mask is set, b elsewhere. */
static inline lanes lanes_where(lanes_mask m, lanes a, lanes b)
{
	return (lanes)((m & (lanes_mask)a) | (~m & (lanes_mask)b));
}

/* For what must be unrolled where its arguments are constants. */
#define LANES_INLINE static inline __attribute__((always_inline))

/* Before a loop whose turns do not depend on each other, though its pointers
 * may be equal. */
#ifdef __clang__
#define LANES_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define LANES_INDEPENDENT _Pragma("GCC ivdep")
#endif

/* Addresses are multiples of the vector's size: see kernels.h. */
static inline lanes lanes_load(const float *p)
{
	return *(const lanes *)p;
}

static inline void lanes_store(float *p, lanes x)
{
	*(lanes *)p = x;
}

static inline lanes lanes_zero(void)
{
	return (lanes){0};
}

static inline lanes lanes_all(float x)
{
#if LANES == 16
	return (lanes)_mm512_set1_ps(x);
#elif LANES == 8
	return (lanes)_mm256_set1_ps(x);
#else
	return (lanes){0} + x;
#endif
}

/* a * b + c; fused where the instruction set has it. */
static inline lanes lanes_fma(lanes a, lanes b, lanes c)
{
#if LANES == 16
	return (lanes)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif LANES == 8
	return (lanes)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
	return a * b + c;
#endif
}

#endif
