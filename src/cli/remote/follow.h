/* follow.h -- watches a run until it is over, through silences of the broker.
 */
#ifndef CLI_REMOTE_FOLLOW_H
#define CLI_REMOTE_FOLLOW_H

#include "cli/client/broker_client.h"
#include "cli/view/progress.h"

struct follow {
	const struct broker_client *broker;
	struct progress *progress;
	/* 0 while it makes sense to wait for a silent broker, or an error that
	 * says why not; NULL: always. */
	int (*hopeless)(void *ctx, struct err *e);
	void *ctx;
};

/* Shows the run's progress until its state is final; `last` is what it was
 * then.  A broker that restarts is waited for, for a minute.  ERR_CANCELLED
 * after an interrupt, ERR_WORLD when the silence lasts, ERR_NOT_FOUND. */
int follow_run(const struct follow *f, const char *uuid, struct run_view *last,
	struct err *e);

#endif
