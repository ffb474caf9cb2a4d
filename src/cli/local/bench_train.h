/* bench_train.h -- one training, timed: the same path as every real one. */
#ifndef CLI_LOCAL_BENCH_TRAIN_H
#define CLI_LOCAL_BENCH_TRAIN_H

#include <stdint.h>

#include "base/batch.h"
#include "base/err.h"
#include "model/decode.h"

struct bench_training {
	const struct kernels *kernels;
	const struct model *model;
	const struct batch_source *train, *test;
	int64_t seed;
	/* One of them is 0.  Steps are timed after a few that are not, and
	 * training ends with them; epochs are timed as a whole and judged on
	 * the test images. */
	int64_t steps;
	int epochs; /* at most TRAIN_EPOCHS_MAX */
};

struct bench_figures {
	/* What was timed: at least the steps asked for, to the next report of
	 * the training loop. */
	int64_t images;
	double wall_s, cpu_s;
	double test_accuracy;   /* fraction; of epochs */
	int64_t peak_rss_bytes; /* of this process, from its start */
};

/* Trains on this thread.  Errors of train(), and ERR_RANGE for more steps than
 * TRAIN_EPOCHS_MAX epochs have. */
int bench_train(const struct bench_training *b, struct bench_figures *out,
	struct err *e);

#endif
