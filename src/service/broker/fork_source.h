/* fork_source.h -- the settings that a fork takes from the run that it forks.
 */
#ifndef SERVICE_BROKER_FORK_SOURCE_H
#define SERVICE_BROKER_FORK_SOURCE_H

#include <jansson.h>

#include "service/broker/broker.h"

/* A new reference: the body of POST /v1/runs and, where it names a run to fork,
 * all of that run's settings that it does not give, but for what belongs to
 * the one run: its name, its seed, its known genomes, what it forks.  Objects
 * are joined member by member.
 *
 * A body that says how long, as a budget or in generations, says it in the
 * place of the run's own; under a budget what the plan of the run's budget gave
 * is planned anew.  An algorithm's settings go with it.
 *
 * NULL with ERR_INVALID, ERR_RANGE (no such run) or ERR_WORLD. */
json_t *fork_source_merge(struct broker *b, const json_t *body, struct err *e);

#endif
