/* legacy_job.h -- what existing clients ask to be trained, as a job, and what
 * they are answered: one form at the evolutioner and at the broker. */
#ifndef SERVICE_LEGACY_LEGACY_JOB_H
#define SERVICE_LEGACY_LEGACY_JOB_H

#include <jansson.h>

#include "base/err.h"
#include "wire/job_json.h"

/* Times that a job's child may crash before the genome is to blame. */
#define LEGACY_CRASHES_MAX 3

/* A genome's own keys, and "dataset", "epochs", "seed" and "train_limit" where
 * they are given, as a fitness job under an id of its own; without the data
 * set's hash and the kernels; the genome lives in `mem`.  ERR_INVALID or
 * ERR_RANGE, with the place. */
int legacy_job_read(struct arena *mem, const json_t *body, struct job_doc *job,
	struct err *e);

/* {"message": {"message", "score", ...}}; the score is in percent.  The result
 * is one without a failure. */
json_t *legacy_job_answer(
	const struct job_doc *job, const struct job_result *r);

#endif
