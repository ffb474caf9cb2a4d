/* evolve.h -- `nevod evolve` at work, and what it says at the end. */
#ifndef CLI_REMOTE_EVOLVE_H
#define CLI_REMOTE_EVOLVE_H

#include "cli/client/broker_client.h"
#include "cli/options/options.h"
#include "cli/up/own_up.h"
#include "cli/up/up_plan.h"
#include "cli/view/progress.h"

struct evolve {
	const struct options *options;
	const json_t *settings; /* of the run */
	struct broker_client broker;
	struct up_plan plan;
	struct own_up up; /* child.pid is 0 when the broker is not ours */
	int ours;         /* the services were started for this run */
	int failed_here;  /* before that: no broker played a part */
	struct progress progress;
	char uuid[UUID_TEXT_BYTES]; /* "" before the run exists */
};

/* Prints what the run came to; the weights go to --out first, so that what is
 * printed is true.  ERR_CONFLICT when the run did not finish; other errors as
 * those of the broker's client. */
int evolve_deliver(struct evolve *v, struct err *e);

/* After an interrupt: what has become of the run, and how to go on. */
void evolve_say_interrupted(struct evolve *v);

/* Somebody else's `evolve` may have found our services and use them: its run
 * would stand still when they end, so this waits for it, or for an interrupt.
 */
void evolve_await_others(struct evolve *v);

#endif
