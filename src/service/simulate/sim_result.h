/* sim_result.h -- what a simulated job comes to, and how long it takes: both by
 * the seed and its id. */
#ifndef SERVICE_SIMULATE_SIM_RESULT_H
#define SERVICE_SIMULATE_SIM_RESULT_H

#include <stdint.h>

#include "dispatch/worker.h"
#include "wire/job_json.h"

/* From half of `job_ms` to three halves. */
int64_t sim_duration_ms(int64_t seed, int64_t job_ms, const struct job_id *id);

/* A score, and weights for a job that has some. */
void sim_result(
	int64_t seed, const struct worker_job *j, struct worker_outcome *out);

#endif
