/* population_json.h -- NEAT's side of POST /v1/next_generation: populations,
 * their species and all that outlives a generation.
 *
 * Request:  {"algorithm": "neat", "seed": 7, "generation": 1, "size": 8,
 *            "next_id": 8, "batch_size": 64, "num_channels": 1, "px_h": 28,
 *            "px_w": 28, "num_classes": 10, "neat": {"preset": "cnn", ...},
 *            "state": STATE,
 *            "population": [{"id": 0, "species": 0, "fitness": 0.81,
 *                            "genome": GENOME}, ...]}
 * Answer:   {"algorithm": "neat", "generation": 1, "next_id": 15,
 *            "state": STATE,
 *            "population": [{"id": 3, "species": 0, "parents": [],
 *                            "mutations": ["split"], "elite": false,
 *                            "genome": GENOME}, ...]}
 * STATE is kept by the caller and handed in again as it is:
 *           {"innovations": {"node": 34, "edge": 80}, "next_species": 1,
 *            "threshold": 6, "best": -1, "improved": 0,
 *            "species": [{"id": 0, "born": 0, "best": -1, "improved": 0}]}
 * In generation 0 "population" is empty or absent, and so is the state. */
#ifndef WIRE_POPULATION_JSON_H
#define WIRE_POPULATION_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "neat/reproduce.h"

/* What the genome service is asked. */
struct neat_request {
	int64_t seed;
	size_t size;           /* of the next population */
	int batch_size;        /* of the genomes of generation 0 */
	struct flat_data data; /* of all genomes */
	struct params params;
	int64_t generation;    /* the one to make */
	struct population now; /* the one before; n 0 for generation 0 */
};

/* Both directions of the request; what is read lives in `mem`.  ERR_INVALID or
 * ERR_RANGE with the place.  The genomes pass markings_check;
 * whether all else fits together is for reproduce_next to say. */
int neat_request_read(struct arena *mem, const json_t *v,
	struct neat_request *out, struct err *e);
json_t *neat_request_write(const struct neat_request *q);

/* The population that is asked for, in `mem`: generation 0 is of minimal
 * chains.  ERR_RANGE as reproduce_first and reproduce_next give it.
 * (neat_serve.c) */
int neat_serve(struct arena *mem, const struct neat_request *q,
	struct population *out, struct err *e);

/* Both directions of the answer.  It is written as text, a member at a time,
 * since its tree would take many times the room; ERR_TOO_BIG when it passes
 * the buffer's maximum.  Genomes for data other than `data` are refused. */
int neat_answer_write(const struct population *p, const struct flat_data *data,
	struct buf *out, struct err *e);
int neat_answer_read(struct arena *mem, const json_t *v,
	const struct flat_data *data, struct population *out, struct err *e);

/* STATE, and back into all but the members, generation and next_id; the
 * species live in `mem`. */
json_t *neat_state_write(const struct population *p);
int neat_state_read(struct arena *mem, const json_t *obj, const char *at,
	const char *name, struct population *out, struct err *e);

/* The bits of enum mutation as a list of names, a new reference. */
json_t *mutations_write(unsigned bits);

#endif
