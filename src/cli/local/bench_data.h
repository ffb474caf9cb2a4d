/* bench_data.h -- images to measure on. */
#ifndef CLI_LOCAL_BENCH_DATA_H
#define CLI_LOCAL_BENCH_DATA_H

#include "base/err.h"
#include "data/dataset.h"
#include "nn/spec.h"

/* Opens a data set whose images have this shape: Fashion-MNIST where it fits,
 * else random pixels, a few thousand images or a batch, that are written once
 * to a folder in `cache_dir` (which is made) and then read like any other.
 * NULL with the errors of dataset_prepare and dataset_open. */
struct dataset *bench_data_open(const struct shape *images, int classes,
	int batch, const char *cache_dir, struct err *e);

#endif
