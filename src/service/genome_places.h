/* genome_places.h -- genome services, any of which serves: one is asked until
 * it does not answer, then another. */
#ifndef SERVICE_GENOME_PLACES_H
#define SERVICE_GENOME_PLACES_H

#include <stdatomic.h>

#include "base/err.h"
#include "service/service.h"

/* Safe from any thread. */
struct genome_places {
	const char *urls[SERVICE_GENOMES_MAX]; /* the first n; not copied */
	int n;                                 /* at least 1 */
	atomic_int now;                        /* who is asked */
};

/* Those of the options. */
void genome_places_init(
	struct genome_places *g, const struct service_options *o);

/* Looks for one that is there, at /healthz, and asks it from then on; a second
 * at most for each.  ERR_BUSY: nobody is. */
int genome_places_look(struct genome_places *g, struct err *e);

/* The URL to ask: where there are several, of one that is there, if any is. */
const char *genome_places_pick(struct genome_places *g);

/* It was asked and did not serve: the next one is asked from now on. */
void genome_places_failed(struct genome_places *g, const char *url);

#endif
