/* settings_rows.c -- the settings of a run, a row each. */
#include "wire/settings.h"

#include <string.h>

#include "base/rng.h"
#include "data/class_names_json.h"
#include "data/dataset.h"
#include "neat/space_json.h"
#include "nn/train.h"
#include "wire/seeds_json.h"

#define AT(member) offsetof(struct run_settings, member)

static int algorithm_of(const void *s)
{
	return ((const struct run_settings *)s)->algorithm;
}

static const char *final_augment_name(int i)
{
	static const char *const names[] = {[FINAL_AUGMENT_SAME] = "same",
		[FINAL_AUGMENT_AUTO] = "auto",
		[FINAL_AUGMENT_PILOT] = "pilot"};

	return i < 3 ? names[i] : NULL;
}

static const char *rank_by_name(int i)
{
	static const char *const names[] = {
		[RANK_BY_LOSS] = "loss", [RANK_BY_WORK] = "work"};

	return i < 2 ? names[i] : NULL;
}

static const char *seed_policy_name(int i)
{
	static const char *const names[] = {[SEED_OF_GENOME] = "genome",
		[SEED_OF_NETWORK] = "network",
		[SEED_OF_RUNG] = "rung"};

	return i < 3 ? names[i] : NULL;
}

static const struct field rows[] = {
	{.key = "name",
		.type = FIELD_TEXT,
		.flags = FIELD_LABEL,
		.at = AT(name),
		.hi = SETTINGS_NAME_MAX - 1,
		.standard = "",
		.unit = "TEXT",
		.help = "a label for the run"},
	{.key = "dataset",
		.type = FIELD_TEXT,
		.flags = FIELD_LABEL,
		.at = AT(dataset),
		.lo = 1,
		.hi = SETTINGS_DATASET_MAX - 1,
		.standard = DATASET_DEFAULT,
		.unit = "NAME",
		.help = "a name that is known or was given by an import, or "
			"the path of images in any format that is read"},
	{.type = FIELD_INCLUDE, .at = AT(reading), .of = &reading_fields},
	{.key = "dataset_hash",
		.type = FIELD_HASH,
		.flags = FIELD_LABEL | FIELD_FILLED | FIELD_OPTIONAL,
		.at = AT(dataset_hash)},
	DATA_SHAPE_ROWS(
		struct run_settings, data, FIELD_FILLED | FIELD_OPTIONAL),
	{.key = "class_names",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL | FIELD_FILLED,
		.at = AT(class_names),
		.codec = &class_names_codec,
		.since = 1},
	{.key = "budget",
		.type = FIELD_SECONDS,
		.flags = FIELD_LABEL,
		.at = AT(budget_s),
		.given = AT(has_budget_s),
		.lo = 1,
		.hi = 1e9,
		.since = 1,
		.unit = "TIME",
		.help = "CPU time to spend in all, final training included: "
			"90s, 30m, 8h; 10m where neither this nor population "
			"nor generations is given"},
	{.key = "speed_gflops",
		.type = FIELD_REAL,
		.flags = FIELD_LABEL | FIELD_FILLED,
		.at = AT(speed_gflops),
		.hi = 1e9,
		.before = "0",
		.since = 1},
	{.key = "budget_pflop",
		.type = FIELD_REAL,
		.at = AT(budget_pflop),
		.given = AT(has_budget),
		.lo = 1e-9,
		.hi = 1e6,
		.since = 1,
		.unit = "X",
		.help = "the same in 10^15 operations, by which a run can be "
			"repeated anywhere"},
	{.key = "search_share",
		.type = FIELD_REAL,
		.at = AT(search_share),
		.lo = 0.05,
		.hi = 0.95,
		.standard = "0.4",
		.before = "0.4",
		.since = 1,
		.unit = "X",
		.help = "of a budget, so much for the search, and the rest for "
			"finalists and the final training; half, where it is "
			"left to the plan"},
	{.key = "unplanned",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL | FIELD_LABEL | FIELD_FILLED,
		.at = AT(open),
		.codec = &settings_open_codec,
		.since = 1},
	{.key = "train_images",
		.type = FIELD_WHOLE,
		.flags = FIELD_FILLED,
		.at = AT(train_images),
		.hi = DATASET_SAMPLES_MAX,
		.before = "0",
		.since = 1},
	{.key = "validation_images",
		.type = FIELD_WHOLE,
		.flags = FIELD_FILLED,
		.at = AT(validation_images),
		.hi = DATASET_SAMPLES_MAX,
		.before = "0",
		.since = 1},
	{.key = "algorithm",
		.type = FIELD_NAME,
		.at = AT(algorithm),
		.name = algorithm_name,
		.standard = "neat",
		.unit = "NAME",
		.help = "how to breed"},
	{.key = "population",
		.type = FIELD_WHOLE,
		.at = AT(population),
		.lo = 2,
		.hi = POPULATION_MAX,
		.standard = "20",
		.unit = "N",
		.help = "networks in a generation"},
	{.key = "generations",
		.type = FIELD_WHOLE,
		.at = AT(generations),
		.lo = 1,
		.hi = 100000,
		.standard = "10",
		.unit = "N",
		.help = "generations, the first one included"},
	{.key = "fitness_threshold",
		.type = FIELD_REAL,
		.at = AT(fitness_threshold),
		.given = AT(has_threshold),
		.hi = 1,
		.unit = "X",
		.help = "stop when the best reaches this accuracy"},
	{.key = "stagnation",
		.type = FIELD_WHOLE,
		.at = AT(stagnation),
		.hi = 100000,
		.standard = "0",
		.unit = "N",
		.help = "stop after so many generations without a better best; "
			"0: never"},
	{.type = FIELD_INCLUDE, .at = AT(training), .of = &training_fields},
	{.key = "rungs",
		.type = FIELD_INT,
		.at = AT(rungs),
		.lo = 1,
		.hi = SETTINGS_RUNGS_MAX,
		.standard = "1",
		.before = "1",
		.since = 1,
		.unit = "N",
		.help = "trainings of the best of a generation, each of them "
			"on more images"},
	{.key = "eta",
		.type = FIELD_INT,
		.at = AT(eta),
		.lo = 2,
		.hi = 10,
		.standard = "3",
		.before = "3",
		.since = 1,
		.unit = "N",
		.help = "one in so many goes on to the next rung, which trains "
			"on so many times the images"},
	{.key = "rank_by",
		.type = FIELD_NAME,
		.at = AT(rank_by),
		.name = rank_by_name,
		.standard = "loss",
		.before = "loss",
		.since = 1,
		.unit = "NAME",
		.help = "what orders genomes of one rung: the loss, or, with "
			"a budget, the loss to expect after the same work for "
			"all, as finalists are trained"},
	{.key = "folds",
		.type = FIELD_INT,
		.at = AT(folds),
		.hi = SETTINGS_FOLDS_MAX,
		.standard = "0",
		.before = "0",
		.since = 1,
		.unit = "K",
		.help = "cross-validation: train every network K times, each "
			"time judged on another K-th of the training set; "
			"fitness is the mean"},
	{.key = "inherit",
		.type = FIELD_FLAG,
		.at = AT(inherit),
		.standard = "false",
		.before = "false",
		.since = 1,
		.help = "children start from their parents' weights"},
	{.key = "inherit_keep",
		.type = FIELD_REAL,
		.at = AT(inherit_keep),
		.hi = 1,
		.standard = "0.7",
		.before = "0.7",
		.since = 1,
		.unit = "X",
		.help = "the share of inherited weights that a child starts "
			"from, the rest being drawn"},
	{.key = "finalists",
		.type = FIELD_INT,
		.at = AT(finalists),
		.hi = SETTINGS_FINALISTS_MAX,
		.standard = "0",
		.before = "0",
		.since = 1,
		.unit = "N",
		.help = "the best of all generations, trained as the champion "
			"will be: who is best then is the champion"},
	{.key = "final_epochs",
		.type = FIELD_INT,
		.at = AT(final_epochs),
		.lo = 1,
		.hi = TRAIN_EPOCHS_MAX,
		.standard = "3",
		.unit = "N",
		.help = "epochs to train finalists and the champion; with a "
			"budget at least so many, on as large a network"},
	{.key = "final_augment",
		.type = FIELD_NAME,
		.at = AT(final_augment),
		.name = final_augment_name,
		.standard = "pilot",
		.before = "same",
		.since = 1,
		.unit = "NAME",
		.help = "how those see their images: as all trainings do, or, "
			"if they are long, cropped, erased and mirrored, if "
			"two pilot trainings of the best show that a mirror "
			"image means the same; auto: if two long ones do"},
	{.key = "final_rate_limit",
		.type = FIELD_REAL,
		.at = AT(final_rate_limit),
		.hi = 1,
		.standard = "0",
		.before = "0",
		.since = 1,
		.unit = "X",
		.help = "the highest learning rate of those, since short "
			"trainings breed higher ones than suit long ones; 0: "
			"any; half of the space's highest, 0.003 at least, "
			"where it is left to the plan of a budget"},
	{.key = "batch_size",
		.type = FIELD_INT,
		.at = AT(batch_size),
		.lo = 1,
		.hi = BATCH_SIZE_MAX,
		.standard = "64",
		.unit = "N",
		.help = "images in a batch, of the first networks"},
	{.type = FIELD_INCLUDE, .at = AT(space), .of = &space_fields},
	{.type = FIELD_INCLUDE, .at = AT(limits), .of = &limits_fields},
	{.key = "seed_genomes",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.at = AT(seeds),
		.codec = &seeds_codec,
		.since = 1},
	{.key = "fork",
		.type = FIELD_OBJECT,
		.flags = FIELD_LABEL,
		.at = AT(fork),
		.given = AT(has_fork),
		.of = &fork_fields,
		.since = 1,
		.help = "goes on from a generation of another run, without "
			"one from its latest that is complete: the best of it, "
			"at most 100, 1 MiB and the population, are the first "
			"of generation 0; settings that are not given are that "
			"run's"},
	{.type = FIELD_INCLUDE,
		.at = AT(own),
		.choose = algorithm_of,
		.choice = algorithm_fields},
	{.key = "verify_share",
		.type = FIELD_REAL,
		.flags = FIELD_LABEL,
		.at = AT(verify_share),
		.hi = 1,
		.standard = "0",
		.before = "0",
		.since = 1,
		.unit = "X",
		.help = "of the jobs, so many count only when two workers "
			"have come to the same bits"},
	{.key = "kernels",
		.type = FIELD_TEXT,
		.flags = FIELD_OPTIONAL,
		.at = AT(kernels),
		.lo = 1,
		.hi = SETTINGS_KERNELS_MAX - 1,
		.unit = "CLASS",
		.help = "arithmetic to use; the best that all workers have, "
			"where none is given"},
	{.key = "seed",
		.type = FIELD_WHOLE,
		.at = AT(seed),
		.given = AT(has_seed),
		.hi = RNG_SEED_MAX,
		.unit = "N",
		.help = "same seed, same champion; drawn where none is given"},
	{.key = "seed_policy",
		.type = FIELD_NAME,
		.at = AT(seed_policy),
		.name = seed_policy_name,
		.standard = "genome",
		.before = "genome",
		.since = 1,
		.unit = "NAME",
		.help = "what a training's seed is derived from: the genome; "
			"the network that it makes, so that equal networks are "
			"trained once; or the rung alone, so that all who are "
			"compared have the same luck, too"},
};

/* A rung is one training, and so is what a child inherits. */
static int check_folds(
	const struct run_settings *s, const char *at, struct err *e)
{
	if (s->folds == 1)
		return err_at(e, ERR_RANGE, at, "folds",
			"\"folds\" must be 0, for none, or 2 to %d",
			SETTINGS_FOLDS_MAX);
	if (s->folds && s->rungs > 1)
		return err_at(e, ERR_RANGE, at, "folds",
			"\"folds\" train every network as often, \"rungs\" the "
			"best alone: give one of them");
	if (s->folds && s->inherit)
		return err_at(e, ERR_RANGE, at, "folds",
			"with \"folds\" a network has the weights of several "
			"trainings, so children cannot \"inherit\"");
	return 0;
}

static int check(const void *settings, const char *at, struct err *e)
{
	const struct run_settings *s = settings;
	const struct algorithm *a = settings_algorithm(s);

	if (s->kernels[strspn(s->kernels, "abcdefghijklmnopqrstuvwxyz"
					  "0123456789-")])
		return err_at(e, ERR_INVALID, at, "kernels",
			"\"kernels\" is a class like avx2-2: lower-case "
			"letters, digits and hyphens");
	if (!space_holds(&s->space, SPACE_BATCH_SIZE, s->batch_size))
		return err_at(e, ERR_RANGE, at, "batch_size",
			"\"batch_size\" is %d, but in \"space\" it is from %g "
			"to %g",
			s->batch_size, s->space.ranges[SPACE_BATCH_SIZE].lo,
			s->space.ranges[SPACE_BATCH_SIZE].hi);
	if (check_folds(s, at, e))
		return ERR_RANGE;
	return a->check ? a->check(s->own, s->population, e) : 0;
}

const struct fields settings_fields = {
	FIELDS(struct run_settings, rows),
	.what = "the settings",
	.check = check,
};

const struct algorithm *settings_algorithm(const struct run_settings *s)
{
	return algorithm_at(s->algorithm);
}
