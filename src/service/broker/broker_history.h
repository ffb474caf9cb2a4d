/* broker_history.h -- a run's genomes, what its champion came to, and its data,
 * for those that show its history. */
#ifndef SERVICE_BROKER_BROKER_HISTORY_H
#define SERVICE_BROKER_BROKER_HISTORY_H

#include "data/dataset.h"
#include "run/run.h"
#include "service/broker/broker.h"

/* The genome that the path names of a run; ERR_INVALID, ERR_NOT_FOUND. */
int broker_genome_find(struct broker *b, const struct http_request *q,
	struct arena *mem, const char *uuid, struct store_genome *out,
	struct err *e);

/* A row as lists show it; a new reference. */
json_t *broker_genome_item(const struct store_genome *g);

/* The result document of the champion's final training, a new reference; a null
 * before it, and of a run that ended before such results were kept. */
int broker_final_result(struct broker *b, struct arena *mem, const char *uuid,
	const struct run_member *champion, json_t **out, struct err *e);

/* The prepared data set of that hash, the caller's to close; NULL with
 * ERR_INVALID or ERR_NOT_FOUND. */
struct dataset *broker_dataset_open(
	struct broker *b, const char *hash, struct err *e);

#endif
