/* training.c -- the members of a training's settings. */
#include "model/training.h"

#include "data/dataset.h"
#include "nn/train.h"

#define AT(member) offsetof(struct training, member)

static const char *class_weights_name(int i)
{
	static const char *const names[] = {[CLASS_WEIGHTS_NONE] = "none",
		[CLASS_WEIGHTS_BALANCED] = "balanced"};

	return i < 2 ? names[i] : NULL;
}

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
	{.key = "metric",
		.type = FIELD_NAME,
		.at = AT(metric),
		.name = metric_name,
		.standard = "accuracy",
		.before = "accuracy",
		.since = 5,
		.unit = "NAME",
		.help = "what networks are judged by on validation; log_loss "
			"is "
			"e to the power of -loss"},
	{.key = "class_weights",
		.type = FIELD_NAME,
		.at = AT(class_weights),
		.name = class_weights_name,
		.standard = "none",
		.before = "none",
		.since = 5,
		.unit = "NAME",
		.help = "what an image counts in training; balanced: the more "
			"the fewer its class has"},
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
