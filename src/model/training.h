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
#include "model/metric.h"
#include "nn/recipe.h"

/* How much an image counts in the loss. */
enum class_weights {
	CLASS_WEIGHTS_NONE,
	CLASS_WEIGHTS_BALANCED /* as the inverse of how many its class has
				* among the images that train */
};

struct training {
	int epochs;                 /* 1..1000 */
	int64_t train_limit;        /* images, 0: all; fitness jobs only */
	double validation_fraction; /* 0.01..0.5 of the training set */
	enum metric metric; /* what fitness is; what is ranked by the loss is
			     * ranked by it, unless it is accuracy */
	enum class_weights class_weights;
	int64_t max_job_mb; /* 16..65536 */
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
