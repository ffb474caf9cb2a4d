/* legacy_json.c -- the requests of existing clients, a row a key. */
#include "wire/legacy_json.h"

#include "base/rng.h"
#include "data/dataset.h"
#include "neat/reproduce.h"
#include "nn/train.h"
#include "wire/flat_json.h"

#define SEED_ROW(struct_)                                                   \
	{                                                                   \
		.key = "seed", .type = FIELD_WHOLE,                         \
		.at = offsetof(struct_, seed),                              \
		.given = offsetof(struct_, has_seed), .hi = RNG_SEED_MAX,   \
		.help = "same seed, same answer; drawn where none is given" \
	}

#define AT(member) offsetof(struct legacy_initial, member)

static const struct field initial_rows[] = {
	DATA_SHAPE_ROWS(struct legacy_initial, data, 0),
	{.key = "batch_size",
		.type = FIELD_INT,
		.at = AT(batch_size),
		.lo = 1,
		.hi = BATCH_SIZE_MAX,
		.help = "of every genome"},
	{.key = "num_poblation",
		.type = FIELD_INT,
		.at = AT(size),
		.lo = 1,
		.hi = POPULATION_MAX,
		.help = "how many genomes"},
	SEED_ROW(struct legacy_initial),
};
const struct fields legacy_initial_fields = {
	FIELDS(struct legacy_initial, initial_rows)};

#undef AT
#define AT(member) offsetof(struct legacy_child, member)

static const struct field child_rows[] = {
	{.key = "1", .type = FIELD_OBJECT, .at = AT(a), .of = &flat_fields},
	{.key = "2", .type = FIELD_OBJECT, .at = AT(b), .of = &flat_fields},
	SEED_ROW(struct legacy_child),
	{.key = "mutation_rate",
		.type = FIELD_REAL,
		.at = AT(mutation_rate),
		.hi = 1,
		.standard = "0.1",
		.help = "chance that a gene of the child changes"},
};
const struct fields legacy_child_fields = {
	FIELDS(struct legacy_child, child_rows)};

#undef AT
#define AT(member) offsetof(struct legacy_training, member)

static const struct field training_rows[] = {
	{.type = FIELD_INCLUDE, .at = AT(genome), .of = &flat_fields},
	{.key = "dataset",
		.type = FIELD_TEXT,
		.at = AT(dataset),
		.lo = 1,
		.hi = SETTINGS_DATASET_MAX - 1,
		.standard = DATASET_DEFAULT,
		.help = "a known name, or a folder"},
	{.key = "epochs",
		.type = FIELD_INT,
		.at = AT(epochs),
		.lo = 1,
		.hi = TRAIN_EPOCHS_MAX,
		.standard = "3",
		.help = "epochs to train the network"},
	SEED_ROW(struct legacy_training),
	{.key = "train_limit",
		.type = FIELD_WHOLE,
		.at = AT(train_limit),
		.hi = DATASET_SAMPLES_MAX,
		.standard = "0",
		.help = "images to train on; 0: all"},
};
const struct fields legacy_training_fields = {
	FIELDS(struct legacy_training, training_rows), .what = "the genome"};
