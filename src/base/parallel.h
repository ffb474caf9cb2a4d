/* parallel.h -- a loop over elements that do not depend on each other, on all
 * cores. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stddef.h>

#include "base/err.h"

#define PARALLEL_MAX 8 /* stretches */

/* Does the elements from..to-1, which are stretch number `part`.  0, or the
 * error that ends this stretch. */
typedef int (*parallel_work)(
	void *ctx, size_t part, size_t from, size_t to, struct err *e);

/* Cuts 0..n-1 into at most PARALLEL_MAX stretches, numbered in order, of which
 * each has a thread; returns when all have ended.  Short loops are one stretch,
 * on the caller's thread.  0, or the error of the first stretch that has one,
 * which is that of the first element where work ends at it. */
int parallel_for(size_t n, parallel_work work, void *ctx, struct err *e);

#endif
