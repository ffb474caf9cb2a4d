/* question_json.h -- what the genome service's operations are asked: POST
 * /v1/crossover, /v1/mutate, /v1/distance and /v1/validate. */
#ifndef WIRE_QUESTION_JSON_H
#define WIRE_QUESTION_JSON_H

#include "base/field.h"
#include "neat/innovation.h"
#include "neat/params.h"
#include "neat/space.h"
#include "wire/genome_json.h"

/* Innovation counters leave room for what an operation adds. */
#define QUESTION_COUNTER_MAX (GENE_NUMBER_MAX - 3)

/* Each operation has the members that its table names. */
struct question {
	struct genome_doc a, b;
	struct params params;
	struct space space;
	int64_t seed;
	int has_innovations;
	struct innovation_counters innovations;
};
extern const struct fields crossover_fields, mutate_fields, distance_fields;

/* Of /v1/validate.  The genome is kept as it is, borrowed from the document:
 * one that cannot be read has a verdict too. */
struct candidate {
	const json_t *genome;
	int64_t max_job_mb;
};
extern const struct fields candidate_fields;

#endif
