/* winograd_tile.h -- the transforms of one tile, for one vector of channels.
 *
 * Winograd's matrices for the points 0, 1, -1, 2, -2 and infinity, written out
 * line by line: B' d B for inputs, G g G' for weights, A' m A for outputs, and
 * their transposes for gradients (winograd.h has the sources).  A tile's side
 * or a kernel's is a constant where these are called, so that arrays of vectors
 * become registers. */
#ifndef NN_KERNELS_WINOGRAD_TILE_H
#define NN_KERNELS_WINOGRAD_TILE_H

#include "nn/kernels/lanes.h"

#define WINOGRAD_SIDE 6

/* B' d: six numbers of a row or column of inputs. */
LANES_INLINE void input_line(
	const lanes d[WINOGRAD_SIDE], lanes t[WINOGRAD_SIDE])
{
	const lanes two = lanes_all(2.0f), four = lanes_all(4.0f);
	const lanes minus_four = lanes_all(-4.0f);
	const lanes minus_five = lanes_all(-5.0f);
	lanes even = lanes_fma(minus_four, d[2], d[4]);
	lanes odd = lanes_fma(minus_four, d[1], d[3]);
	lanes even2 = d[4] - d[2];
	lanes odd2 = two * (d[3] - d[1]);

	t[0] = lanes_fma(four, d[0], lanes_fma(minus_five, d[2], d[4]));
	t[1] = even + odd;
	t[2] = even - odd;
	t[3] = even2 + odd2;
	t[4] = even2 - odd2;
	t[5] = lanes_fma(four, d[1], lanes_fma(minus_five, d[3], d[5]));
}

/* V of one tile. */
LANES_INLINE void input_tile(
	const float *x, size_t row, size_t pixel, float *v, size_t point)
{
	lanes t[WINOGRAD_SIDE][WINOGRAD_SIDE];

	for (int j = 0; j < WINOGRAD_SIDE; j++) {
		lanes d[WINOGRAD_SIDE], column[WINOGRAD_SIDE];

#pragma GCC unroll 6
		for (int i = 0; i < WINOGRAD_SIDE; i++)
			d[i] = lanes_load(
				x + (size_t)i * row + (size_t)j * pixel);
		input_line(d, column);
#pragma GCC unroll 6
		for (int i = 0; i < WINOGRAD_SIDE; i++)
			t[i][j] = column[i];
	}
	for (int i = 0; i < WINOGRAD_SIDE; i++) {
		lanes line[WINOGRAD_SIDE];

		input_line(t[i], line);
#pragma GCC unroll 6
		for (int j = 0; j < WINOGRAD_SIDE; j++)
			lanes_store(v + (size_t)(i * WINOGRAD_SIDE + j) * point,
				line[j]);
	}
}

/* A' q: a line of a tile's products becomes m outputs. */
LANES_INLINE void output_line(
	const lanes q[WINOGRAD_SIDE], lanes y[4], const int m)
{
	lanes sum12 = q[1] + q[2], sum34 = q[3] + q[4];
	lanes dif12 = q[1] - q[2], dif34 = q[3] - q[4];

	y[0] = q[0] + sum12 + sum34;
	y[1] = lanes_fma(lanes_all(2.0f), dif34, dif12);
	if (m == 2) {
		y[1] += q[5];
		return;
	}
	y[2] = lanes_fma(lanes_all(4.0f), sum34, sum12);
	y[3] = lanes_fma(lanes_all(8.0f), dif34, dif12) + q[5];
}

/* The m x m outputs of one tile from its products. */
LANES_INLINE void output_tile(
	const float *z, size_t point, lanes bias, lanes y[4][4], const int m)
{
	lanes t[4][WINOGRAD_SIDE];

	for (int j = 0; j < WINOGRAD_SIDE; j++) {
		lanes q[WINOGRAD_SIDE], column[4];

#pragma GCC unroll 6
		for (int i = 0; i < WINOGRAD_SIDE; i++)
			q[i] = lanes_load(
				z + (size_t)(i * WINOGRAD_SIDE + j) * point);
		output_line(q, column, m);
#pragma GCC unroll 4
		for (int i = 0; i < m; i++)
			t[i][j] = column[i];
	}
	for (int i = 0; i < m; i++) {
		output_line(t[i], y[i], m);
#pragma GCC unroll 4
		for (int j = 0; j < m; j++)
			y[i][j] += bias;
	}
}

/* A y: m output gradients of a line become six. */
LANES_INLINE void gradient_line(
	const lanes y[4], lanes t[WINOGRAD_SIDE], const int m)
{
	const lanes two = lanes_all(2.0f), four = lanes_all(4.0f);
	lanes even = y[0], odd = y[1], even2 = y[0], odd2 = two * y[1];

	if (m == 4) {
		even += y[2];
		odd += y[3];
		even2 = lanes_fma(four, y[2], even2);
		odd2 = lanes_fma(lanes_all(8.0f), y[3], odd2);
	}
	t[0] = y[0];
	t[1] = even + odd;
	t[2] = even - odd;
	t[3] = even2 + odd2;
	t[4] = even2 - odd2;
	t[5] = y[m - 1];
}

/* The transformed gradient of one tile; returns the sum of the tile's own. */
LANES_INLINE lanes gradient_tile(const float *y, size_t row, size_t pixel,
	float *z, size_t point, const int m)
{
	lanes t[WINOGRAD_SIDE][4], sum = lanes_zero();

	for (int j = 0; j < m; j++) {
		lanes d[4], column[WINOGRAD_SIDE];

#pragma GCC unroll 4
		for (int i = 0; i < m; i++) {
			d[i] = lanes_load(
				y + (size_t)i * row + (size_t)j * pixel);
			sum += d[i];
		}
		gradient_line(d, column, m);
#pragma GCC unroll 6
		for (int i = 0; i < WINOGRAD_SIDE; i++)
			t[i][j] = column[i];
	}
	for (int i = 0; i < WINOGRAD_SIDE; i++) {
		lanes line[WINOGRAD_SIDE];

		gradient_line(t[i], line, m);
#pragma GCC unroll 6
		for (int j = 0; j < WINOGRAD_SIDE; j++)
			lanes_store(z + (size_t)(i * WINOGRAD_SIDE + j) * point,
				line[j]);
	}
	return sum;
}

/* G g: a line of the kernel becomes six. */
LANES_INLINE void weight_line(
	const lanes g[5], lanes u[WINOGRAD_SIDE], const int kernel)
{
	lanes even = g[0] + g[2], odd = g[1];
	lanes even2 = lanes_fma(lanes_all(4.0f), g[2], g[0]);
	lanes odd2 = lanes_all(2.0f) * g[1];

	if (kernel == 5) {
		even += g[4];
		odd += g[3];
		even2 = lanes_fma(lanes_all(16.0f), g[4], even2);
		odd2 = lanes_fma(lanes_all(8.0f), g[3], odd2);
	}
	u[0] = lanes_all(0.25f) * g[0];
	u[1] = lanes_all(-1.0f / 6.0f) * (even + odd);
	u[2] = lanes_all(-1.0f / 6.0f) * (even - odd);
	u[3] = lanes_all(1.0f / 24.0f) * (even2 + odd2);
	u[4] = lanes_all(1.0f / 24.0f) * (even2 - odd2);
	u[5] = g[kernel - 1];
}

LANES_INLINE void weight_tile(
	const float *w, size_t tap, float *u, size_t point, const int kernel)
{
	lanes t[WINOGRAD_SIDE][5];

	for (int j = 0; j < kernel; j++) {
		lanes g[5], column[WINOGRAD_SIDE];

		for (int i = 0; i < kernel; i++)
			g[i] = lanes_load(w + (size_t)(i * kernel + j) * tap);
		weight_line(g, column, kernel);
		for (int i = 0; i < WINOGRAD_SIDE; i++)
			t[i][j] = column[i];
	}
	for (int i = 0; i < WINOGRAD_SIDE; i++) {
		lanes line[WINOGRAD_SIDE];

		weight_line(t[i], line, kernel);
		for (int j = 0; j < WINOGRAD_SIDE; j++)
			lanes_store(u + (size_t)(i * WINOGRAD_SIDE + j) * point,
				line[j]);
	}
}

/* G' u: six points become a line of the kernel's gradient. */
LANES_INLINE void weight_gradient_line(
	const lanes u[WINOGRAD_SIDE], lanes g[5], const int kernel)
{
	const lanes sixth = lanes_all(-1.0f / 6.0f);
	lanes sum12 = sixth * (u[1] + u[2]), dif12 = sixth * (u[1] - u[2]);
	lanes sum34 = lanes_all(1.0f / 24.0f) * (u[3] + u[4]);
	lanes dif34 = lanes_all(1.0f / 24.0f) * (u[3] - u[4]);

	g[0] = lanes_fma(lanes_all(0.25f), u[0], sum12) + sum34;
	g[1] = lanes_fma(lanes_all(2.0f), dif34, dif12);
	g[2] = lanes_fma(lanes_all(4.0f), sum34, sum12);
	if (kernel == 5) {
		g[3] = lanes_fma(lanes_all(8.0f), dif34, dif12);
		g[4] = lanes_fma(lanes_all(16.0f), sum34, sum12);
	}
	g[kernel - 1] += u[5];
}

LANES_INLINE void weight_gradient_tile(
	const float *u, size_t point, float *w, size_t tap, const int kernel)
{
	lanes t[5][WINOGRAD_SIDE];

	for (int j = 0; j < WINOGRAD_SIDE; j++) {
		lanes q[WINOGRAD_SIDE], column[5];

		for (int i = 0; i < WINOGRAD_SIDE; i++)
			q[i] = lanes_load(
				u + (size_t)(i * WINOGRAD_SIDE + j) * point);
		weight_gradient_line(q, column, kernel);
		for (int i = 0; i < kernel; i++)
			t[i][j] = column[i];
	}
	for (int i = 0; i < kernel; i++) {
		lanes line[5];

		weight_gradient_line(t[i], line, kernel);
		for (int j = 0; j < kernel; j++)
			lanes_store(
				w + (size_t)(i * kernel + j) * tap, line[j]);
	}
}

#endif
