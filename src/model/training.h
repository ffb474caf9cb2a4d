/* training.h -- how networks are trained and judged: what a run decides once, a
 * job carries, and `nevod train` asks a person.
 *
 * A new setting of training is a member here, a row in training.c (or in the
 * table of its part) and its use. */
#ifndef MODEL_TRAINING_H
#define MODEL_TRAINING_H

#include <stdint.h>

#include "base/field.h"
#include "data/augment.h"
#include "nn/recipe.h"

struct training {
	int epochs;                 /* 1..1000 */
	int64_t train_limit;        /* images, 0: all; fitness jobs only */
	double validation_fraction; /* 0.01..0.5 of the training set */
	int64_t max_job_mb;         /* 16..65536 */
	struct recipe recipe;
	struct augment augment;
};

/* The row of max_job_mb, for other documents that have it. */
#define TRAINING_MAX_JOB_MB(at_)                                         \
	{                                                                \
		.key = "max_job_mb", .type = FIELD_WHOLE, .at = (at_),   \
		.lo = 16, .hi = 65536, .standard = "1024", .unit = "MB", \
		.help = "memory that training one network may take"      \
	}

/* A member a field; defaults are those of a run's fitness jobs. */
extern const struct fields training_fields;

#endif
