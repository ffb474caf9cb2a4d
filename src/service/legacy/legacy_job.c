/* legacy_job.c -- from an existing client's body to a job, and from a result to
 * the answer. */
#include "service/legacy/legacy_job.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/uuid.h"
#include "data/dataset.h"
#include "nn/train.h"
#include "neat/chain.h"
#include "wire/legacy_json.h"

/* By the plain recipe and on images as they are, whatever runs do by default:
 * a client that gives a seed has always had the same score for it. */
int legacy_job_read(struct arena *mem, const json_t *body, struct job_doc *job,
	struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	struct job_id id = {.run = ""};
	struct legacy_training q = {.seed = 0};
	int rc = fields_read(&legacy_training_fields, body, "", &r, &q, e);

	if (rc)
		return rc;
	*job = (struct job_doc){
		.genome = {.graph = chain_from_flat(mem, &q.genome),
			.data = q.genome.data,
			.form = GENOME_FLAT},
		.seed = q.has_seed ? q.seed : rng_seed_random(),
	};
	uuid_make(id.run);
	job_id_write(&id, job->id);
	strcpy(job->dataset.name, q.dataset);
	fields_default(&training_fields, FIELD_REQUEST, &job->training);
	job->training.recipe = (struct recipe){.schedule = SCHEDULE_CONSTANT};
	job->training.augment = (struct augment){.crop = 0};
	job->training.epochs = q.epochs;
	job->training.train_limit = q.train_limit;
	return 0;
}

json_t *legacy_job_answer(const struct job_doc *job, const struct job_result *r)
{
	return json_pack("{s:{s:s, s:f, s:I, s:I, s:f, s:I, s:s, s:I}}",
		"message", "message", "Model trained and evaluated", "score",
		round(1e6 * (double)r->correct / (double)r->total) / 1e4,
		"parameters", (json_int_t)r->parameters, "images",
		(json_int_t)r->images, "cpu_s", r->cpu_s, "epochs",
		(json_int_t)job->training.epochs, "dataset", job->dataset.name,
		"seed", (json_int_t)job->seed);
}
