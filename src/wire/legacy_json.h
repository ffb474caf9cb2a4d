/* legacy_json.h -- what existing clients ask: of the genome service for
 * populations and children, of the evolutioner for a score. */
#ifndef WIRE_LEGACY_JSON_H
#define WIRE_LEGACY_JSON_H

#include "base/field.h"
#include "neat/flat.h"
#include "wire/settings.h"

/* POST /create_initial_poblation; in generation 0 nothing is bred. */
struct legacy_initial {
	struct data_shape data;
	int batch_size, size, has_seed;
	int64_t seed;
};
extern const struct fields legacy_initial_fields;

/* POST /create_child. */
struct legacy_child {
	struct flat a, b;
	int has_seed;
	int64_t seed;
	double mutation_rate;
};
extern const struct fields legacy_child_fields;

/* POST /create_cnn_model: a genome's own keys, and what the contract adds. */
struct legacy_training {
	struct flat genome;
	char dataset[SETTINGS_DATASET_MAX];
	int epochs, has_seed;
	int64_t seed, train_limit;
};
extern const struct fields legacy_training_fields;

#endif
