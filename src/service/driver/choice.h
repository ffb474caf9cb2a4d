/* choice.h -- what of a run's settings is chosen by the workers that are there
 * when it begins, and stays so to its end. */
#ifndef SERVICE_DRIVER_CHOICE_H
#define SERVICE_DRIVER_CHOICE_H

#include "base/err.h"
#include "dispatch/dispatch.h"
#include "wire/settings.h"

/* True while the settings lack something that is to be chosen: the run has not
 * begun. */
int choice_open(const struct run_settings *s);

/* Chooses it: the kernel class, and operations for a budget of CPU time, with
 * all that follows from them.  ERR_BUSY: the workers that could say are not
 * there yet, and what could be chosen is.  ERR_RANGE: the settings are not
 * possible. */
int choice_make(struct dispatch *d, struct run_settings *s, struct err *e);

#endif
