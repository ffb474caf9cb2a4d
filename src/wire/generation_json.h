/* generation_json.h -- the documents of POST /v1/next_generation.
 *
 * Request:  {"algorithm": "truncation", "seed": 7, "generation": 1, "size": 8,
 *            "next_id": 8, "elite": 1, "mutation_rate": 0.1, "batch_size": 64,
 *            "num_channels": 1, "px_h": 28, "px_w": 28, "num_classes": 10,
 *            "population": [{"id": 0, "fitness": 0.81, "genome": GENOME}, ...]}
 * Answer:   {"algorithm": "truncation", "generation": 1, "next_id": 15,
 *            "population": [{"id": 3, "parents": [], "elite": true,
 *                            "genome": GENOME}, ...]}
 * In generation 0 "population" is empty or absent. */
#ifndef WIRE_GENERATION_JSON_H
#define WIRE_GENERATION_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "neat/truncation.h"

#define GENERATION_SIZE_MAX 10000

/* Both directions of the request; members of the population live in `mem`. */
int generation_request_read(struct arena *mem, const json_t *v,
	struct truncation *out, struct err *e);
json_t *generation_request_write(const struct truncation *t);

/* Both directions of the answer. */
json_t *generation_answer_write(
	const struct truncation *t, const struct offspring *o, size_t n);
int generation_answer_read(struct arena *mem, const json_t *v,
	struct offspring **out, size_t *n, int64_t *next_id, struct err *e);

#endif
