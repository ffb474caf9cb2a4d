/* dataset_fetch.h -- data sets that a job needs and this machine lacks, brought
 * from a broker.
 *
 * One at a time, in the background: whoever asks meanwhile is told how far it
 * is.  What has arrived stays when the connection breaks or we are killed, and
 * is gone on with.  Every byte is checked before the set is used.  Safe from
 * any thread. */
#ifndef SERVICE_EVOLUTIONER_DATASET_FETCH_H
#define SERVICE_EVOLUTIONER_DATASET_FETCH_H

#include <stddef.h>

#include "base/err.h"
#include "base/log.h"
#include "data/dataset_info.h"

struct dataset_fetch;

struct dataset_fetch_options {
	const char *cache_dir;      /* copied */
	const char *const *brokers; /* base URLs, asked in this order */
	size_t n_brokers;
	const char *token;  /* or NULL */
	size_t max_bytes;   /* of all files in the folder */
	size_t piece_bytes; /* asked for at a time; 0: 4 MiB */
	const struct log *log;
};

/* The caller ends with dataset_fetch_free. */
struct dataset_fetch *dataset_fetch_new(const struct dataset_fetch_options *o);

/* Gives up what is on its way.  NULL allowed. */
void dataset_fetch_free(struct dataset_fetch *f);

/* True if the set of that hash is here, whole; its prepared file. */
int dataset_fetch_has(
	struct dataset_fetch *f, const char *hash, char path[DATASET_PATH_MAX]);

/* The prepared file of the set of that hash, if it is here.  Otherwise starts
 * to bring it: ERR_BUSY, the sentence says how far it is.  ERR_NOT_FOUND: no
 * broker has it, or there is none; ERR_TOO_BIG; ERR_INVALID, ERR_WORLD with the
 * reason of a failure, which is tried again. */
int dataset_fetch_get(struct dataset_fetch *f, const char *hash,
	char path[DATASET_PATH_MAX], struct err *e);

#endif
