/* dataset_view.h -- a data set as the broker's API shows it. */
#ifndef SERVICE_BROKER_DATASET_VIEW_H
#define SERVICE_BROKER_DATASET_VIEW_H

#include <jansson.h>

#include "data/dataset.h"

/* The document of a set that is called so here; a new reference. */
json_t *dataset_view(const char *name, const struct dataset *d);

#endif
