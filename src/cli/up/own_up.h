/* own_up.h -- the `nevod up` that `nevod evolve` starts for itself. */
#ifndef CLI_UP_OWN_UP_H
#define CLI_UP_OWN_UP_H

#include <limits.h>

#include "cli/client/broker_client.h"
#include "cli/up/spawn.h"
#include "cli/up/up_plan.h"
#include "cli/view/progress.h"

struct own_up {
	struct child child; /* pid 0: none was started */
	char log[PATH_MAX]; /* what the services say, appended */
	long log_start;     /* where in it they begin */
};

/* Starts the plan, whose ports are chosen, and waits until the broker is ready,
 * saying what it lacks when that takes long.
 * The services' log is appended to log/up.log in the data folder.  ERR_WORLD
 * when they do not start (the sentence names the log), ERR_CANCELLED after an
 * interrupt; then nothing is left running. */
int own_up_start(struct own_up *u, const struct up_plan *p,
	const struct broker_client *b, struct progress *progress,
	struct err *e);

/* ERR_WORLD when the services have ended by themselves; of the type that
 * follow's `hopeless` has. */
int own_up_ended(void *own_up, struct err *e);

/* Adds to the sentence what the services' log says first of all that went wrong
 * in them, and where the log is.  Returns the code. */
int own_up_explain(const struct own_up *u, struct err *e);

/* Stops what was started, cleanly, and waits for its end. */
void own_up_stop(struct own_up *u);

#endif
