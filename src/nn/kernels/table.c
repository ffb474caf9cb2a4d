/* table.c -- one kernel class, put together; compiled once for each. */
#include "nn/kernels/kernels.h"
#include "nn/kernels/lanes.h"

extern const struct winograd_kernels KERNELS(winograd);
extern const struct direct_kernels KERNELS(direct);
extern const struct direct_kernels KERNELS(spread);
extern const struct dense_kernels KERNELS(dense);
extern const struct activation_kernels KERNELS(activation);
extern const struct pool_kernels KERNELS(pool);
extern const struct average_kernels KERNELS(average);
extern const struct norm_kernels KERNELS(norm);
extern const struct join_kernels KERNELS(join);
extern const struct dropout_kernels KERNELS(dropout);
extern const struct update_kernels KERNELS(update);
extern const struct peak_kernels KERNELS(peak);

extern const struct kernels KERNELS(kernels);

const struct kernels KERNELS(kernels) = {
	.name = KERNELS_CLASS,
	.lanes = LANES,
	.winograd = &KERNELS(winograd),
	.direct = &KERNELS(direct),
	.spread = &KERNELS(spread),
	.dense = &KERNELS(dense),
	.activation = &KERNELS(activation),
	.pool = &KERNELS(pool),
	.average = &KERNELS(average),
	.norm = &KERNELS(norm),
	.join = &KERNELS(join),
	.dropout = &KERNELS(dropout),
	.update = &KERNELS(update),
	.peak = &KERNELS(peak),
};
