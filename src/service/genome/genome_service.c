/* genome_service.c -- the genome service: stateless, every answer a function
 * of the request. */
#include "service/genome/genome_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/rng.h"
#include "neat/flat_breed.h"
#include "neat/reproduce.h"
#include "neat/truncation.h"
#include "wire/generation_json.h"
#include "wire/genome_json.h"
#include "wire/population_json.h"
#include "service/pages/pages.h"
#include "service/service.h"

#define MUTATION_RATE 0.1
#define NEXT_GENERATION_BODY_MAX ((size_t)256 << 20)
/* Two generations of GENERATION_SIZE_MAX genomes and their order. */
#define REQUEST_ARENA_MAX ((size_t)64 << 20)
/* A body's genomes take no more room than their text; then the next ones. */
#define NEAT_ARENA_MAX (2 * NEXT_GENERATION_BODY_MAX + REPRODUCE_BYTES_MAX)
#define NEAT_ANSWER_MAX ((size_t)1 << 30)

/* The request's seed, or one from the kernel. */
static int read_seed(const json_t *body, int64_t *seed, struct err *e)
{
	uint64_t bits;

	if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
		abort(); /* only a kernel older than 3.17 refuses 8 bytes */
	*seed = (int64_t)(bits >> 11);
	return doc_int_opt(body, "", "seed", 0, RNG_SEED_MAX, seed, e);
}

/* {"message": {"message": sentence, name: payload}}, as existing clients
 * unwrap it. */
static json_t *legacy_answer(
	const char *sentence, const char *name, json_t *payload)
{
	return json_pack("{s:{s:s, s:o}}", "message", "message", sentence, name,
		payload);
}

/* An initial population is a generation 0. */
static int read_initial(
	const json_t *body, struct truncation *out, struct err *e)
{
	static const char *const keys[] = {"num_channels", "px_h", "px_w",
		"num_classes", "batch_size", "num_poblation", "seed", NULL};
	struct truncation t = {0};
	int64_t batch = 0, size = 0;
	int rc = doc_only(body, "", keys, e);

	if (rc == 0)
		rc = genome_data_read(body, "", &t.data, e);
	if (rc == 0)
		rc = doc_int(
			body, "", "batch_size", 1, FLAT_BATCH_MAX, &batch, e);
	if (rc == 0)
		rc = doc_int(body, "", "num_poblation", 1, GENERATION_SIZE_MAX,
			&size, e);
	if (rc == 0)
		rc = read_seed(body, &t.seed, e);
	t.batch_size = (int)batch;
	t.size = (int)size;
	if (rc == 0)
		*out = t;
	return rc;
}

json_t *genome_initial(const json_t *body, struct err *e)
{
	struct offspring *o;
	struct truncation t;
	struct arena mem;
	json_t *models;

	if (read_initial(body, &t, e))
		return NULL;
	arena_init(&mem, REQUEST_ARENA_MAX);
	if (truncation_next(&mem, &t, &o, e)) {
		arena_release(&mem);
		return NULL;
	}
	models = json_object();
	for (int i = 0; i < t.size; i++) {
		char key[16];

		snprintf(key, sizeof key, "%d", i);
		json_object_set_new(models, key, genome_write(&o[i].genome));
	}
	arena_release(&mem);
	return legacy_answer(
		"The initial population was created", "models", models);
}

json_t *genome_child(const json_t *body, struct err *e)
{
	static const char *const keys[] = {
		"1", "2", "seed", "mutation_rate", NULL};
	double mutation_rate = MUTATION_RATE;
	struct flat a, b, child;
	int64_t seed = 0;
	struct rng r;
	int rc = doc_only(body, "", keys, e);

	if (rc == 0)
		rc = genome_read(json_object_get(body, "1"), "/1", &a, e);
	if (rc == 0)
		rc = genome_read(json_object_get(body, "2"), "/2", &b, e);
	if (rc == 0)
		rc = read_seed(body, &seed, e);
	if (rc == 0)
		rc = doc_real_opt(
			body, "", "mutation_rate", 0, 1, &mutation_rate, e);
	if (rc)
		return NULL;
	/* Stream 1: an initial population of the same seed has stream 0. */
	rng_stream(&r, (uint64_t)seed, 1, 0);
	if (flat_child(&child, &a, &b, mutation_rate, &r, e))
		return NULL;
	return legacy_answer(
		"The child was created", "model", genome_write(&child));
}

json_t *genome_next_generation(const json_t *body, struct err *e)
{
	json_t *answer = NULL;
	struct truncation t;
	struct offspring *o;
	struct arena mem;

	arena_init(&mem, REQUEST_ARENA_MAX);
	if (generation_request_read(&mem, body, &t, e) == 0 &&
		truncation_next(&mem, &t, &o, e) == 0)
		answer = generation_answer_write(&t, o, (size_t)t.size);
	arena_release(&mem);
	return answer;
}

/* -- NEAT -- */

int genome_next_population(const json_t *body, struct buf *out, struct err *e)
{
	struct population next;
	struct neat_request q;
	struct arena mem;
	int rc;

	arena_init(&mem, NEAT_ARENA_MAX);
	rc = neat_request_read(&mem, body, &q, e);
	if (rc == 0)
		rc = neat_serve(&mem, &q, &next, e);
	if (rc == 0)
		rc = neat_answer_write(&next, &q.data, out, e);
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
	reply(r, genome_initial(http_body(q), &e), &e);
}

static void handle_child(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct err e = {0};

	(void)ctx;
	reply(r, genome_child(http_body(q), &e), &e);
}

static void reply_population(const json_t *body, struct http_reply *r)
{
	struct err e = {0};
	struct buf text;

	buf_init(&text, NEAT_ANSWER_MAX);
	if (genome_next_population(body, &text, &e))
		http_reply_error(r, &e);
	else
		http_reply_bytes(
			r, 200, "application/json", text.data, text.len);
	buf_release(&text);
}

static int asks_for_neat(const json_t *body)
{
	const char *name = json_string_value(
		json_object_get(body, "algorithm"));

	return name && strcmp(name, "neat") == 0;
}

static void handle_next_generation(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct err e = {0};

	(void)ctx;
	if (asks_for_neat(http_body(q)))
		reply_population(http_body(q), r);
	else
		reply(r, genome_next_generation(http_body(q), &e), &e);
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

HANDLER(handle_crossover, genome_cross)
HANDLER(handle_mutate, genome_mutate)
HANDLER(handle_distance, genome_measure)
HANDLER(handle_validate, genome_validate)

static const struct http_route routes[] = {
	{"POST", "/create_initial_poblation", handle_initial, HTTP_LEGACY, 0},
	{"POST", "/create_child", handle_child, HTTP_LEGACY, 0},
	{"POST", "/v1/next_generation", handle_next_generation, 0,
		NEXT_GENERATION_BODY_MAX},
	{"POST", "/v1/crossover", handle_crossover, 0, 0},
	{"POST", "/v1/mutate", handle_mutate, 0, 0},
	{"POST", "/v1/distance", handle_distance, 0, 0},
	{"POST", "/v1/validate", handle_validate, 0, 0},
	DOCS_ROUTES,
};

const struct http_route *genome_routes(size_t *n)
{
	*n = sizeof routes / sizeof *routes;
	return routes;
}

int genome_main(const struct service_options *o)
{
	const struct log log = {"genome", o->quiet ? LOG_WARN : LOG_INFO};
	struct docs ctx = pages_docs("genome");
	const struct http_route *r;
	size_t n;

	service_begin(o);
	r = genome_routes(&n);
	return service_run(o, &log, r, n, &ctx);
}
