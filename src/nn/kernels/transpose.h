/* transpose.h -- turns a matrix over, four by four numbers at a time. */
#ifndef NN_KERNELS_TRANSPOSE_H
#define NN_KERNELS_TRANSPOSE_H

#include <stddef.h>

typedef float transpose_four __attribute__((vector_size(16)));

static inline void transpose_4x4(
	const float *from, size_t from_row, float *to, size_t to_row)
{
	const transpose_four a = *(const transpose_four *)from;
	const transpose_four b = *(const transpose_four *)(from + from_row);
	const transpose_four c = *(const transpose_four *)(from + 2 * from_row);
	const transpose_four d = *(const transpose_four *)(from + 3 * from_row);
	const transpose_four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
	const transpose_four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
	const transpose_four AB = __builtin_shufflevector(a, b, 2, 6, 3, 7);
	const transpose_four CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);

	*(transpose_four *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
	*(transpose_four *)(to + to_row) = __builtin_shufflevector(
		ab, cd, 2, 3, 6, 7);
	*(transpose_four *)(to + 2 * to_row) = __builtin_shufflevector(
		AB, CD, 0, 1, 4, 5);
	*(transpose_four *)(to + 3 * to_row) = __builtin_shufflevector(
		AB, CD, 2, 3, 6, 7);
}

/* `to` (columns, rows) becomes `from` (rows, columns) turned over; both counts
 * and both distances between rows are multiples of four. */
static inline void transpose(const float *from, size_t from_row, float *to,
	size_t to_row, size_t rows, size_t columns)
{
	for (size_t i = 0; i < rows; i += 4)
		for (size_t k = 0; k < columns; k += 4)
			transpose_4x4(from + i * from_row + k, from_row,
				to + k * to_row + i, to_row);
}

#endif
