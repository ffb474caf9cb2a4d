/* genome_service.c -- the genome service: stateless, every answer a function
 * of the request. */
#include "service/genome/genome_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/rng.h"
#include "model/cost.h"
#include "neat/flat_breed.h"
#include "neat/truncation.h"
#include "wire/flat_json.h"
#include "wire/generation_json.h"
#include "wire/legacy_json.h"
#include "service/pages/pages.h"
#include "service/service.h"

#define NEXT_GENERATION_BODY_MAX ((size_t)256 << 20)
#define INITIAL_ARENA_MAX ((size_t)64 << 20)
/* A body's genomes take no more room than their text; then the next ones. */
#define NEXT_ARENA_MAX (2 * NEXT_GENERATION_BODY_MAX + REPRODUCE_BYTES_MAX)
#define NEXT_ANSWER_MAX ((size_t)1 << 30)

/* A seed from the kernel, for requests that give none. */
static int64_t drawn_seed(void)
{
	uint64_t bits;

	if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
		abort(); /* only a kernel older than 3.17 refuses 8 bytes */
	return (int64_t)(bits >> 11);
}

/* {"message": {"message": sentence, name: payload}}, as existing clients
 * unwrap it. */
static json_t *legacy_answer(
	const char *sentence, const char *name, json_t *payload)
{
	return json_pack("{s:{s:s, s:o}}", "message", "message", sentence, name,
		payload);
}

/* -- initial populations -- */

static json_t *models_object(const struct offspring *o, int n)
{
	json_t *models = json_object();

	for (int i = 0; i < n; i++) {
		char key[16];

		snprintf(key, sizeof key, "%d", i);
		json_object_set_new(models, key, flat_write(&o[i].genome));
	}
	return models;
}

/* An initial population is a generation 0 of truncation selection. */
json_t *genome_service_initial(const json_t *body, struct err *e)
{
	const struct field_reader reader = {.origin = FIELD_REQUEST};
	struct legacy_initial q = {0};
	struct truncation t;
	struct offspring *o;
	struct arena mem;
	json_t *models = NULL;

	if (fields_read(&legacy_initial_fields, body, "", &reader, &q, e))
		return NULL;
	t = (struct truncation){.seed = q.has_seed ? q.seed : drawn_seed(),
		.size = q.size,
		.space = space_default(),
		.batch_size = q.batch_size,
		.data = q.data};
	arena_init(&mem, INITIAL_ARENA_MAX);
	if (truncation_next(&mem, &t, &o, e) == 0)
		models = models_object(o, t.size);
	arena_release(&mem);
	return models ? legacy_answer("The initial population was created",
				"models", models)
		      : NULL;
}

/* -- children -- */

json_t *genome_service_child(const json_t *body, struct err *e)
{
	const struct field_reader reader = {.origin = FIELD_REQUEST};
	struct legacy_child q = {.seed = 0};
	struct flat_mutation m = {.space = space_default()};
	struct flat child;
	struct rng r;

	if (fields_read(&legacy_child_fields, body, "", &reader, &q, e))
		return NULL;
	m.rate = q.mutation_rate;
	/* Stream 1: an initial population of the same seed has stream 0. */
	rng_stream(&r, (uint64_t)(q.has_seed ? q.seed : drawn_seed()), 1, 0);
	if (flat_child(&child, &q.a, &q.b, &m, &r, e))
		return NULL;
	return legacy_answer(
		"The child was created", "model", flat_write(&child));
}

/* -- whole generations -- */

int genome_service_next(const char *body, size_t n, struct buf *out,
	int64_t *generation, struct err *e)
{
	struct generation_request q;
	struct population next;
	struct arena mem;
	int rc;

	arena_init(&mem, NEXT_ARENA_MAX);
	rc = generation_request_parse(&mem, body, n, &q, e);
	q.admits = model_admits;
	if (rc == 0)
		rc = algorithm_next(&mem, &q, &next, e);
	if (rc == 0)
		rc = generation_answer_write(&q, &next, out, e);
	if (rc == 0)
		*generation = q.generation;
	arena_release(&mem);
	return rc;
}

/* -- the routes -- */

static void reply(struct http_reply *r, json_t *answer, const struct err *e)
{
	if (answer)
		http_reply_json(r, 200, answer);
	else
		http_reply_error(r, e);
}

static void handle_initial(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct err e = {0};

	(void)ctx;
	reply(r, genome_service_initial(http_body(q), &e), &e);
}

static void handle_child(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct err e = {0};

	(void)ctx;
	reply(r, genome_service_child(http_body(q), &e), &e);
}

static void handle_next_generation(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct genome_service *g = ctx;
	struct err e = {0};
	int64_t generation;
	struct buf text;
	size_t n;
	const char *body = http_bytes(q, &n);

	buf_init(&text, NEXT_ANSWER_MAX);
	if (genome_service_next(body, n, &text, &generation, &e)) {
		log_warn(g->log, "generation-refused",
			log_trace(http_trace(q)->id), log_reason(e.text));
		http_reply_error(r, &e);
	} else {
		log_info(g->log, "generation-made",
			log_int("generation", generation),
			log_trace(http_trace(q)->id));
		http_reply_bytes(
			r, 200, "application/json", text.data, text.len);
	}
	buf_release(&text);
}

/* A handler of an operation from a request's body to its answer. */
#define HANDLER(name, operation)                                               \
	static void name(                                                      \
		void *ctx, const struct http_request *q, struct http_reply *r) \
	{                                                                      \
		struct err e = {0};                                            \
                                                                               \
		(void)ctx;                                                     \
		reply(r, operation(http_body(q), &e), &e);                     \
	}

HANDLER(handle_crossover, genome_service_crossover)
HANDLER(handle_mutate, genome_service_mutate)
HANDLER(handle_distance, genome_service_distance)
HANDLER(handle_validate, genome_service_validate)

static const struct http_route routes[] = {
	{"POST", "/create_initial_poblation", handle_initial, HTTP_LEGACY, 0,
		NULL},
	{"POST", "/create_child", handle_child, HTTP_LEGACY, 0, NULL},
	{"POST", "/v1/next_generation", handle_next_generation,
		HTTP_TEXT | HTTP_WORK, NEXT_GENERATION_BODY_MAX, NULL},
	{"POST", "/v1/crossover", handle_crossover, HTTP_WORK, 0, NULL},
	{"POST", "/v1/mutate", handle_mutate, HTTP_WORK, 0, NULL},
	{"POST", "/v1/distance", handle_distance, HTTP_WORK, 0, NULL},
	{"POST", "/v1/validate", handle_validate, HTTP_WORK, 0, NULL},
	DOCS_ROUTES,
};

const struct http_route *genome_service_routes(size_t *n)
{
	*n = sizeof routes / sizeof *routes;
	return routes;
}

int genome_main(const struct service_options *o)
{
	const struct log log = service_log("genome", o);
	struct genome_service ctx = {.docs = pages_docs("genome"), .log = &log};
	const struct http_route *r;
	size_t n;

	service_begin(o);
	r = genome_service_routes(&n);
	return service_run(o, &log, r, n, &ctx, NULL, NULL);
}
