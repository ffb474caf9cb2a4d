/* cond.h -- condition variables that wait by the clock that never goes back: a
 * set clock shortens and lengthens no wait. */
#ifndef BASE_COND_H
#define BASE_COND_H

#include <pthread.h>
#include <stdint.h>

/* To be ended by pthread_cond_destroy. */
void cond_init(pthread_cond_t *c);

/* Waits with `lock` held until `c` is told of, as pthread_cond_wait, which may
 * return for nothing, or until clock_mono_ms() is `until_ms`: then false. */
int cond_wait_until(pthread_cond_t *c, pthread_mutex_t *lock, int64_t until_ms);

#endif
