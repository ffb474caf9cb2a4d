/* broker_history.h -- pages and genomes, for those that show a run's history.
 */
#ifndef SERVICE_BROKER_HISTORY_H
#define SERVICE_BROKER_HISTORY_H

#include "service/broker.h"

/* The page that a query asks for. */
struct page {
	int64_t after, limit, generation; /* generation -1: none was named */
};

/* ERR_INVALID or ERR_RANGE for a query that names no page. */
int page_read(const struct http_request *q, struct page *p, struct err *e);

/* {"items": [...], "next": the key of the last item, or null at the end}. */
void page_reply(struct http_reply *r, const struct page *p, json_t *items,
	int64_t last);

/* The genome that the path names of a run; ERR_INVALID, ERR_NOT_FOUND. */
int broker_genome_find(struct broker *b, const struct http_request *q,
	struct arena *mem, const char *uuid, struct store_genome *out,
	struct err *e);

#endif
