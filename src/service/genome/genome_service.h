/* genome_service.h -- what the genome service serves: breeding as functions
 * from a request's body to its answer. */
#ifndef SERVICE_GENOME_GENOME_SERVICE_H
#define SERVICE_GENOME_GENOME_SERVICE_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "http/docs.h"
#include "http/server.h"

/* What its handlers work with. */
struct genome_service {
	struct docs docs; /* first: the handlers of docs.h read it */
	const struct log *log;
};

/* The routes, for the server and for the test that compares them with the
 * OpenAPI document.  Their context is a struct genome_service. */
const struct http_route *genome_service_routes(size_t *n);

/* The answer to POST /create_initial_poblation: a new reference, or NULL with
 * ERR_INVALID or ERR_RANGE.  With a seed in the body the answer depends on the
 * body alone. */
json_t *genome_service_initial(const json_t *body, struct err *e);

/* Likewise that to POST /create_child, of two flat genomes. */
json_t *genome_service_child(const json_t *body, struct err *e);

/* The answer to /v1/next_generation, which depends on the body alone; both are
 * text, since trees of them would take many times the room.  `*generation` is
 * the number of the one that is made.  ERR_INVALID, ERR_RANGE or ERR_TOO_BIG.
 */
int genome_service_next(const char *body, size_t n, struct buf *out,
	int64_t *generation, struct err *e);

/* -- genome_ops.c: the answers to /v1/crossover, /v1/mutate, /v1/distance and
 *    /v1/validate, functions of the body alone; NULL with ERR_INVALID or
 *    ERR_RANGE.  A flat genome stands for its chain. -- */
json_t *genome_service_crossover(const json_t *body, struct err *e);

/* With the mutations that were made, and the next innovation numbers. */
json_t *genome_service_mutate(const json_t *body, struct err *e);

/* With what it is made of (Stanley and Miikkulainen, 2002, section 3.3). */
json_t *genome_service_distance(const json_t *body, struct err *e);

/* An impossible genome is no error here but the answer. */
json_t *genome_service_validate(const json_t *body, struct err *e);

#endif
