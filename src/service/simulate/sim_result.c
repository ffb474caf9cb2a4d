/* sim_result.c -- made-up scores. */
#include "service/simulate/sim_result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/rng.h"

#define SAMPLES 1000
#define IMAGES 6000
#define PARAMETERS 1000
#define FLOPS 1000000000

static void draw(struct rng *r, int64_t seed, const struct job_id *id)
{
	rng_stream(r, (uint64_t)seed, (uint64_t)id->genome,
		(uint64_t)id->rung << 1 | (uint64_t)(id->final != 0));
}

int64_t sim_duration_ms(int64_t seed, int64_t job_ms, const struct job_id *id)
{
	struct rng r;

	draw(&r, seed, id);
	return (int64_t)((double)job_ms * (0.5 + rng_unit(&r)) + 0.5);
}

/* Whether the job's result must have weights, and its class. */
static int read_job(
	const struct worker_job *j, char kernels[SETTINGS_KERNELS_MAX])
{
	json_t *doc = json_loads(j->body, 0, NULL);
	const char *name = json_string_value(json_object_get(doc, "kernels"));
	int keeps = json_is_true(json_object_get(doc, "keep_weights"));

	snprintf(kernels, SETTINGS_KERNELS_MAX, "%s", name ? name : "");
	json_decref(doc);
	return keeps;
}

static void add_weights(struct job_result *res, const struct job_id *id,
	struct worker_outcome *out)
{
	char text[64];
	int n = snprintf(text, sizeof text, "weights of genome %lld",
		(long long)id->genome);

	out->n_weights = (size_t)n;
	out->weights = memcpy(xcalloc(1, (size_t)n), text, (size_t)n);
	sha256_of(text, (size_t)n, res->weights);
	res->has_weights = 1;
	res->weights_bytes = n;
}

void sim_result(
	int64_t seed, const struct worker_job *j, struct worker_outcome *out)
{
	struct job_result res = {.total = SAMPLES,
		.images = IMAGES,
		.parameters = PARAMETERS,
		.flops = FLOPS,
		.nevod_version = NEVOD_VERSION};
	struct job_id id = {.final = 0};
	struct rng r;
	int keeps = read_job(j, res.kernels);

	job_id_read(j->id, &id, NULL);
	draw(&r, seed, &id);
	rng_u64(&r); /* which the duration is of */
	snprintf(res.id, sizeof res.id, "%s", j->id);
	res.final = id.final;
	res.correct = (int64_t)rng_below(&r, SAMPLES);
	res.fitness = (double)res.correct / SAMPLES;
	res.has_loss = !id.final;
	res.loss = 1 - res.fitness;
	if (id.final || keeps)
		add_weights(&res, &id, out);
	out->status.state = WORKER_DONE;
	out->status.result = result_write(&res);
}
