/* dataset_remote.h -- a data set that is named by a URL: fetched, read, and its
 * files thrown away again.
 * For dataset_order; everybody else asks that. */
#ifndef DATA_DATASET_REMOTE_H
#define DATA_DATASET_REMOTE_H

#include "base/err.h"
#include "data/class_names.h"
#include "data/dataset.h"
#include "data/remote_set.h"

/* As dataset_files_read, of an order whose name is a URL. */
int dataset_remote_read(const struct dataset_order *o, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct class_names *names, struct err *e);

#endif
