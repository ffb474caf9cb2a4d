/* patience.h -- how long a request waits for a data set that has to be read or
 * fetched first; what takes longer is done after it is answered. */
#ifndef SERVICE_BROKER_PATIENCE_H
#define SERVICE_BROKER_PATIENCE_H

#include <stdint.h>

#include "http/server.h"
#include "service/driver/data_choice.h"

struct patience {
	const struct http_request *q;
	int64_t until_ms;
};

/* From now on; a small set is read in that time. */
struct patience patience_for(const struct http_request *q);

/* For data_ready and data_choose: gives up when the time is over, or the
 * service is about to stop.  The patience outlives the watch. */
struct data_watch patience_watch(struct patience *p);

#endif
