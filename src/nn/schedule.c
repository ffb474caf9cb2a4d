/* schedule.c -- halves of cosines. */
#include "nn/schedule.h"

#include <assert.h>

#include "nn/kernels/fmath.h"

const char *schedule_name(int s)
{
	static const char *const names[SCHEDULE_COUNT] = {
		[SCHEDULE_CONSTANT] = "constant",
		[SCHEDULE_COSINE] = "cosine",
		[SCHEDULE_ONE_CYCLE] = "one-cycle",
	};

	return (unsigned)s < SCHEDULE_COUNT ? names[s] : NULL;
}

/* From `from` to `to` along half a cosine; `share` in 0..1 is how far. */
static double anneal(double from, double to, double share)
{
	return to + (from - to) / 2 * (1 + fmath_cos_pi(share));
}

/* PyTorch's phases: the warm-up ends at step `peak`, a fraction of a step
 * allowed; a training too short for one starts at or after the peak. */
static double one_cycle(double step, double steps)
{
	const double start = 1 / SCHEDULE_DIVISOR;
	const double peak = SCHEDULE_WARMUP * steps - 1;

	if (step < peak)
		return anneal(start, 1, step / peak);
	return anneal(1, start / SCHEDULE_FINAL_DIVISOR,
		(step - peak) / (steps - 1 - peak));
}

double schedule_factor(enum schedule s, int64_t step, int64_t steps)
{
	assert(step >= 0 && step < steps);
	switch (s) {
	case SCHEDULE_COSINE: return anneal(1, 0, (double)step / (double)steps);
	case SCHEDULE_ONE_CYCLE: return one_cycle((double)step, (double)steps);
	case SCHEDULE_CONSTANT:
	case SCHEDULE_COUNT: break;
	}
	return 1;
}
