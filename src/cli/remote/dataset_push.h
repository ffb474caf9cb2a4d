/* dataset_push.h -- a prepared data set, brought to a broker. */
#ifndef CLI_REMOTE_DATASET_PUSH_H
#define CLI_REMOTE_DATASET_PUSH_H

#include <jansson.h>

#include "base/err.h"
#include "cli/client/broker_client.h"
#include "cli/view/progress.h"
#include "data/dataset.h"

struct dataset_push {
	const struct broker_client *broker;
	const struct dataset *data;
	const char *path; /* of its prepared file */
	const char *name; /* that it shall have there */
	struct progress *progress;
};

/* Sends what the broker lacks of it and has it named; `out` is the set as the
 * broker lists it, a new reference.  What has arrived stays there when this is
 * stopped or the connection breaks, which is tried again for a while.
 * ERR_CANCELLED; the broker's errors. */
int dataset_push(const struct dataset_push *p, json_t **out, struct err *e);

#endif
