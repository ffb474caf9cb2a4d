/* generation_json.h -- the documents of POST /v1/next_generation, the same for
 * every algorithm.
 *
 * Request:  {"algorithm": "neat", "seed": 7, "generation": 1, "size": 8,
 *            "next_id": 8, "batch_size": 64, "num_channels": 1, "px_h": 28,
 *            "px_w": 28, "num_classes": 10, ...the algorithm's settings...,
 *            "state": STATE,
 *            "population": [{"id": 0, "species": 0, "fitness": 0.81,
 *                            "genome": GENOME}, ...]}
 * Answer:   {"algorithm": "neat", "generation": 1, "next_id": 15,
 *            "state": STATE,
 *            "population": [{"id": 3, "species": 0, "parents": [],
 *                            "mutations": ["split"], "elite": false,
 *                            "genome": GENOME}, ...]}
 * In generation 0 the request may have "seed_genomes", a list of known genomes
 * that are its first members.  Only algorithms that have species have "species"
 * and a "state".  In generation 0 "population" is empty or absent, and so is
 * the state. */
#ifndef WIRE_GENERATION_JSON_H
#define WIRE_GENERATION_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "neat/algorithm.h"

extern const struct fields generation_request_fields;
extern const struct fields generation_answer_fields;

/* Both directions of the request; what is read lives in `mem`.  ERR_INVALID or
 * ERR_RANGE with the place.  The numbers of genes that are graphs mean the same
 * in all of them; whether all else fits together is for the algorithm to
 * say. */
int generation_request_read(struct arena *mem, const json_t *v,
	struct generation_request *out, struct err *e);
/* Likewise from `n` bytes of text, a member at a time. */
int generation_request_parse(struct arena *mem, const char *text, size_t n,
	struct generation_request *out, struct err *e);
json_t *generation_request_write(const struct generation_request *q);

/* Appends the text of generation_request_write, a member at a time.
 * ERR_TOO_BIG when it passes the buffer's maximum. */
int generation_request_text(
	const struct generation_request *q, struct buf *out, struct err *e);

/* Both directions of the answer (generation_answer.c).  It is written and read
 * as text, a member at a time, since its tree would take many times the room;
 * ERR_TOO_BIG when it passes the buffer's maximum.  What is read lives in
 * `mem`.  An answer that is not one to `q` -- of another algorithm, for other
 * data -- is refused. */
int generation_answer_write(const struct generation_request *q,
	const struct population *p, struct buf *out, struct err *e);
int generation_answer_read(struct arena *mem, const char *text, size_t n,
	const struct generation_request *q, struct population *out,
	struct err *e);

#endif
