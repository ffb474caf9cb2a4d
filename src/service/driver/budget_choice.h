/* budget_choice.h -- a new run's CPU time as operations. */
#ifndef SERVICE_DRIVER_BUDGET_CHOICE_H
#define SERVICE_DRIVER_BUDGET_CHOICE_H

#include "dispatch/dispatch.h"
#include "wire/settings.h"

/* Turns a budget of CPU time, where there is one, into operations, by the speed
 * at which the evolutioners' slots train with the settings' kernels.  ERR_BUSY
 * when none has measured it yet. */
int budget_choose(struct dispatch *d, struct run_settings *s, struct err *e);

/* 10^9 operations in a second of CPU time, the mean over the slots of those
 * workers that run the kernels and have said how fast; 0: nobody has. */
double budget_speed(
	const struct dispatch_worker *workers, size_t n, const char *kernels);

#endif
