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

/* Prepares it and opens it.  NULL with an error of dataset_load; ERR_CANCELLED
 * when the person interrupts. */
struct dataset *dataset_ready(const struct dataset_watch *w, struct err *e);

#endif
