/* broker_history.h -- a run's genomes, for those that show its history. */
#ifndef SERVICE_BROKER_BROKER_HISTORY_H
#define SERVICE_BROKER_BROKER_HISTORY_H

#include "service/broker/broker.h"

/* The genome that the path names of a run; ERR_INVALID, ERR_NOT_FOUND. */
int broker_genome_find(struct broker *b, const struct http_request *q,
	struct arena *mem, const char *uuid, struct store_genome *out,
	struct err *e);

/* A row as lists show it; a new reference. */
json_t *broker_genome_item(const struct store_genome *g);

#endif
