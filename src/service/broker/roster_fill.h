/* roster_fill.h -- the costs of networks that an older nevod did not note. */
#ifndef SERVICE_BROKER_ROSTER_FILL_H
#define SERVICE_BROKER_ROSTER_FILL_H

#include "store/store.h"

/* Notes the cost of each genome whose cost is not known; a genome that is no
 * network, or cannot be read, costs 0.  ERR_WORLD. */
int roster_fill(struct store *s, struct err *e);

#endif
