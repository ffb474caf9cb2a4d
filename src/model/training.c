/* training.c -- the members of a training's settings. */
#include "model/training.h"

#include "data/dataset.h"
#include "nn/train.h"

#define AT(member) offsetof(struct training, member)

static const struct field rows[] = {
	{.key = "epochs",
		.type = FIELD_INT,
		.at = AT(epochs),
		.lo = 1,
		.hi = TRAIN_EPOCHS_MAX,
		.standard = "1",
		.unit = "N",
		.help = "epochs to train a network"},
	{.key = "train_limit",
		.type = FIELD_WHOLE,
		.at = AT(train_limit),
		.hi = DATASET_SAMPLES_MAX,
		.standard = "10000",
		.unit = "N",
		.help = "images to train a network on that is to be scored; 0: "
			"all (a final training takes all)"},
	{.key = "validation_fraction",
		.type = FIELD_REAL,
		.at = AT(validation_fraction),
		.lo = 0.01,
		.hi = 0.5,
		.standard = "0.1",
		.unit = "X",
		.help = "part of the training set that networks are judged on"},
	TRAINING_MAX_JOB_MB(AT(max_job_mb)),
	{.type = FIELD_INCLUDE, .at = AT(recipe), .of = &recipe_fields},
	{.key = "augment",
		.type = FIELD_OBJECT,
		.flags = FIELD_OPTIONAL,
		.at = AT(augment),
		.of = &augment_fields,
		.help = "training images seen a little differently in every "
			"epoch"},
};

/* A network that has seen no mirror images has nothing to say of one. */
static int check(const void *training, const char *at, struct err *e)
{
	const struct training *t = training;

	if (t->recipe.flip_test && !t->augment.flip)
		return err_at(e, ERR_RANGE, at, "flip_test",
			"\"flip_test\" judges by mirror images: it needs "
			"\"flip\" of \"augment\", which trains on them");
	return 0;
}

const struct fields training_fields = {
	FIELDS(struct training, rows), .what = "\"settings\"", .check = check};
