/* data_choice.h -- a run's data set, made ready before the run begins: found,
 * fetched from where it is, read; what it is becomes part of the settings. */
#ifndef SERVICE_DRIVER_DATA_CHOICE_H
#define SERVICE_DRIVER_DATA_CHOICE_H

#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "data/dataset.h"
#include "data/remote_policy.h"
#include "wire/settings.h"

/* Where data sets are made ready; outlives the call. */
struct data_place {
	const char *dir;                    /* of prepared sets */
	const struct remote_policy *policy; /* from where they may come */
	const struct log *log;
};

/* How far a set is: images that are read, or MB that have come, of all; of none
 * where nothing has happened meanwhile. */
struct data_progress {
	int64_t done, all;
	const char *unit; /* "images", "MB"; a constant */
};

/* Who looks on.  True: give up, with ERR_CANCELLED; whoever chooses the same
 * set again goes on where this one was. */
struct data_watch {
	int (*look)(void *ctx, const struct data_progress *p);
	void *ctx;
};

/* The set of that name, read as `how` says (NULL: as its files say themselves),
 * made ready and opened, for dataset_close.  Of the same set one caller reads
 * and the others wait.  NULL with an error of dataset_load, ERR_CANCELLED
 * included. */
struct dataset *data_ready(const struct data_place *place,
	const struct data_watch *watch, const char *name,
	const struct reading *how, struct err *e);

/* Makes the set of s->dataset and s->reading ready and fills in what it says:
 * hash, shape, names of classes, images to train on, and what the budget's
 * plan makes of these where the budget is known.  ERR_RANGE, ERR_INVALID: the
 * set is none, may not be fetched, or the settings do not fit it; with the
 * place in the settings. ERR_CANCELLED; ERR_TOO_BIG; ERR_WORLD.  Of a failure
 * nothing stays in *s. */
int data_choose(const struct data_place *place, const struct data_watch *watch,
	struct run_settings *s, struct err *e);

#endif
