/* broker_csv.h -- lists for spreadsheets. */
#ifndef SERVICE_BROKER_BROKER_CSV_H
#define SERVICE_BROKER_BROKER_CSV_H

#include "http/server.h"

/* True if the request would rather have text/csv. */
int csv_wanted(const struct http_request *q);

/* Answers with a list of objects (base/csv.h): a row of the first one's keys,
 * then a row each. */
void csv_reply(struct http_reply *r, const json_t *items);

#endif
