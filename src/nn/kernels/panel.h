/* panel.h -- the inner loop of every matrix product: a block of C in registers.
 *
 * C (rows, columns) = start + A (rows, depth) B (depth, columns), for as many
 * rows and vectors of columns as fit in the registers (Goto & van de Geijn,
 * 2008).  A is read a number at a time with any two strides, so that it may be
 * transposed or be the overlapping patches of an image; B and C are read by
 * vectors.
 *
 * The depth may come in segments, each at a distance of its own in A and B: the
 * rows of a convolution's window. */
#ifndef NN_KERNELS_PANEL_H
#define NN_KERNELS_PANEL_H

#include "nn/kernels/lanes.h"

/* 24 of 32 registers hold C, or 12 of 16. */
#if LANES == 16
#define PANEL_ROWS 12
#else
#define PANEL_ROWS 6
#endif
#define PANEL_VECTORS 2
#define PANEL_COLUMNS (PANEL_VECTORS * LANES)

/* One row of C may start from these. */
static const _Alignas(64) float panel_zeros[PANEL_COLUMNS];

/* All distances in floats. */
struct panel {
	const float *a;
	size_t a_row, a_depth, a_segment;
	const float *b;
	size_t b_depth, b_segment;
	float *c;
	size_t c_row;
	const float *start; /* what C starts from: zeros, a bias, or C */
	size_t start_row;   /* 0 where all rows start alike */
	size_t depth, segments;
};

/* With constant rows and vectors this unrolls into registers. */
LANES_INLINE void panel_block(
	const struct panel *p, const int rows, const int vectors)
{
	lanes acc[PANEL_ROWS][PANEL_VECTORS];
	const float *a_segment = p->a, *b_segment = p->b;
	const size_t a_row = p->a_row;

#pragma GCC unroll 16
	for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
		for (int v = 0; v < vectors; v++)
			acc[r][v] = lanes_load(p->start +
					       (size_t)r * p->start_row +
					       (size_t)v * LANES);
	for (size_t s = p->segments; s > 0; s--) {
		const float *a = a_segment, *b = b_segment;

		for (size_t k = p->depth; k > 0; k--) {
			lanes x[PANEL_VECTORS];

#pragma GCC unroll 4
			for (int v = 0; v < vectors; v++)
				x[v] = lanes_load(b + (size_t)v * LANES);
#pragma GCC unroll 16
			for (int r = 0; r < rows; r++) {
				lanes y = lanes_all(a[(size_t)r * a_row]);

#pragma GCC unroll 4
				for (int v = 0; v < vectors; v++)
					acc[r][v] = lanes_fma(
						y, x[v], acc[r][v]);
			}
			a += p->a_depth;
			b += p->b_depth;
		}
		a_segment += p->a_segment;
		b_segment += p->b_segment;
	}
#pragma GCC unroll 16
	for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
		for (int v = 0; v < vectors; v++)
			lanes_store(
				p->c + (size_t)r * p->c_row + (size_t)v * LANES,
				acc[r][v]);
}

#define PANEL_CASE(n)                         \
	case n:                               \
		if (vectors == 2)             \
			panel_block(p, n, 2); \
		else                          \
			panel_block(p, n, 1); \
		break;

/* One block of 1..PANEL_ROWS rows and 1..PANEL_VECTORS vectors. */
static void panel_run(const struct panel *p, size_t rows, size_t vectors)
{
	switch (rows) {
		PANEL_CASE(1)
		PANEL_CASE(2)
		PANEL_CASE(3)
		PANEL_CASE(4)
		PANEL_CASE(5)
		PANEL_CASE(6)
#if PANEL_ROWS > 6
		PANEL_CASE(7)
		PANEL_CASE(8)
		PANEL_CASE(9)
		PANEL_CASE(10)
		PANEL_CASE(11)
		PANEL_CASE(12)
#endif
	default: break;
	}
}

/* Any number of rows, in blocks of nearly equal size. */
static inline void panel_rows(
	const struct panel *all, size_t rows, size_t vectors)
{
	struct panel p = *all;
	size_t blocks = (rows + PANEL_ROWS - 1) / PANEL_ROWS;

	for (; blocks > 0; blocks--) {
		size_t n = (rows + blocks - 1) / blocks;

		panel_run(&p, n, vectors);
		p.a += n * p.a_row;
		p.c += n * p.c_row;
		p.start += n * p.start_row;
		rows -= n;
	}
}

#endif
