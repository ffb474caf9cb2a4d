/* legacy_job.c -- from an existing client's body to a job, and from a result to
 * the answer. */
#include "service/legacy/legacy_job.h"

#include <math.h>
#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "base/uuid.h"
#include "data/dataset.h"
#include "nn/train.h"
#include "wire/genome_json.h"

#define DEFAULT_EPOCHS 3
#define DEFAULT_FRACTION 0.1
#define DEFAULT_JOB_MB 1024

/* What the contract adds to the genome's own keys. */
static int read_extras(const json_t *body, struct job_doc *job, struct err *e)
{
	const char *dataset = DATASET_DEFAULT;
	int rc;

	if ((rc = doc_str_opt(body, "", "dataset", 1, sizeof job->dataset - 1,
		     &dataset, e)) ||
		(rc = doc_int_opt(body, "", "epochs", 1, TRAIN_EPOCHS_MAX,
			 &job->epochs, e)) ||
		(rc = doc_int_opt(
			 body, "", "seed", 0, RNG_SEED_MAX, &job->seed, e)) ||
		(rc = doc_int_opt(body, "", "train_limit", 0,
			 (int64_t)DATASET_SAMPLES_MAX, &job->train_limit, e)))
		return rc;
	strcpy(job->dataset, dataset);
	return 0;
}

static int read_genome(const json_t *body, struct flat *out, struct err *e)
{
	static const char *const extras[] = {
		"dataset", "epochs", "seed", "train_limit"};
	json_t *genome = json_copy((json_t *)body); /* which is not changed */
	int rc;

	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++)
		json_object_del(genome, extras[i]);
	rc = genome_read(genome, "", out, e);
	json_decref(genome);
	return rc;
}

int legacy_job_read(const json_t *body, struct job_doc *job, struct err *e)
{
	struct job_id id = {.run = ""};
	int rc;

	*job = (struct job_doc){
		.epochs = DEFAULT_EPOCHS,
		.max_job_mb = DEFAULT_JOB_MB,
		.validation_fraction = DEFAULT_FRACTION,
		.seed = rng_seed_random(),
	};
	uuid_make(id.run);
	job_id_write(&id, job->id);
	if ((rc = read_extras(body, job, e)) == 0)
		rc = read_genome(body, &job->genome.flat, e);
	return rc;
}

json_t *legacy_job_answer(const struct job_doc *job, const struct job_result *r)
{
	return json_pack("{s:{s:s, s:f, s:I, s:I, s:f, s:I, s:s, s:I}}",
		"message", "message", "Model trained and evaluated", "score",
		round(1e6 * (double)r->correct / (double)r->total) / 1e4,
		"parameters", (json_int_t)r->parameters, "images",
		(json_int_t)r->images, "cpu_s", r->cpu_s, "epochs",
		(json_int_t)job->epochs, "dataset", job->dataset, "seed",
		(json_int_t)job->seed);
}
