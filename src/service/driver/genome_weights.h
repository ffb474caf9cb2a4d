/* genome_weights.h -- what a stored genome's training has left. */
#ifndef SERVICE_DRIVER_GENOME_WEIGHTS_H
#define SERVICE_DRIVER_GENOME_WEIGHTS_H

#include "base/hash.h"
#include "store/store.h"

/* Writes the SHA-256 of the weights that a stored result (NULL allowed) brought
 * for others to start from; "" where it brought none, or too large ones. */
void result_weights(const char *result, char out[SHA256_HEX_BYTES]);

/* Writes the SHA-256 of the weights that the genome's children may start from,
 * those of its highest rung; "" where it has none.  `mem` is for what is read
 * on the way.  The store's errors. */
int genome_weights(struct store *s, struct arena *mem, const char *run,
	const struct store_genome *row, char out[SHA256_HEX_BYTES],
	struct err *e);

/* The same of parent `i` of the genome. */
int genome_legacy(struct store *s, struct arena *mem, const char *run,
	const struct store_genome *row, int i, char out[SHA256_HEX_BYTES],
	struct err *e);

#endif
