/* cond.c -- waiting by CLOCK_MONOTONIC. */
#include "base/cond.h"

#include <time.h>

void cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

int cond_wait_until(pthread_cond_t *c, pthread_mutex_t *lock, int64_t until_ms)
{
	const struct timespec t = {
		(time_t)(until_ms / 1000), (long)(until_ms % 1000) * 1000000};

	return pthread_cond_timedwait(c, lock, &t) == 0;
}
