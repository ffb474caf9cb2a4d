/* kernel_choice.h -- the kernel class that a new run is pinned to. */
#ifndef SERVICE_DRIVER_KERNEL_CHOICE_H
#define SERVICE_DRIVER_KERNEL_CHOICE_H

#include "base/err.h"
#include "dispatch/dispatch.h"
#include "wire/settings.h"

/* Fills in `kernels`: as given when some worker has it, else the best that
 * every worker has that answers.  ERR_BUSY when none answers, ERR_RANGE when
 * none has what was asked for. */
int kernels_choose(
	struct dispatch *d, char kernels[SETTINGS_KERNELS_MAX], struct err *e);

/* The choice alone, for tests: the first class of workers[0] that all have. */
int kernels_common(const struct dispatch_worker *workers, size_t n,
	char kernels[SETTINGS_KERNELS_MAX], struct err *e);

#endif
