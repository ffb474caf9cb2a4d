/* dataset_ready.h -- a data set made ready while a person watches: what there
 * is to say of it, and how far it is. */
#ifndef CLI_VIEW_DATASET_READY_H
#define CLI_VIEW_DATASET_READY_H

#include "base/err.h"
#include "cli/view/progress.h"
#include "data/dataset.h"

struct dataset_watch {
	const char *name; /* as dataset_order takes it */
	const struct reading *how;
	const char *data_dir; /* whose datasets/ it goes to */
	struct progress *progress;
};

/* Prepares it and writes the prepared file's path.  Errors of dataset_order;
 * ERR_CANCELLED when the person interrupts. */
int dataset_ready(const struct dataset_watch *w, char path[DATASET_PATH_MAX],
	struct err *e);

#endif
