/* schedule.h -- the learning rate's share at each step of a training.
 *
 * Pure, and the same bits on every CPU.  The constants are the defaults of
 * PyTorch's OneCycleLR; momentum is left alone. */
#ifndef NN_SCHEDULE_H
#define NN_SCHEDULE_H

#include <stdint.h>

enum schedule {
	SCHEDULE_CONSTANT, /* 1 */
	SCHEDULE_COSINE,   /* from 1 to nearly 0 along half a cosine
			    * (Loshchilov & Hutter, 2017, without restarts) */
	/* Up, then down, both along half a cosine (Smith & Topin, 2018,
	 * "Super-convergence"): SCHEDULE_WARMUP of the steps from
	 * 1 / SCHEDULE_DIVISOR to 1, the rest from 1 to
	 * 1 / (SCHEDULE_DIVISOR * SCHEDULE_FINAL_DIVISOR). */
	SCHEDULE_ONE_CYCLE,
	SCHEDULE_COUNT
};

#define SCHEDULE_WARMUP 0.3
#define SCHEDULE_DIVISOR 25.0
#define SCHEDULE_FINAL_DIVISOR 1e4

/* "constant", "cosine", "one-cycle"; NULL beyond the last. */
const char *schedule_name(int s);

/* What the learning rate of step `step` (0..steps-1) of `steps` is multiplied
 * by: above 0, at most 1. */
double schedule_factor(enum schedule s, int64_t step, int64_t steps);

#endif
