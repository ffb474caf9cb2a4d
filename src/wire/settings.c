/* settings.c -- the settings of a run: asked for, kept, and in its digest. */
#include "wire/settings.h"

#include <string.h>

#include "model/cost.h"
#include "neat/chain.h"
#include "wire/seeds_json.h"

<<<<<<< HEAD
=======
#define AT(member) offsetof(struct run_settings, member)

static int algorithm_of(const void *s)
{
	return ((const struct run_settings *)s)->algorithm;
}

static const char *final_augment_name(int i)
{
	static const char *const names[] = {
		[FINAL_AUGMENT_SAME] = "same", [FINAL_AUGMENT_AUTO] = "auto"};

	return i < 2 ? names[i] : NULL;
}

static const char *seed_policy_name(int i)
{
	static const char *const names[] = {
		[SEED_OF_GENOME] = "genome", [SEED_OF_NETWORK] = "network"};

	return i < 2 ? names[i] : NULL;
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
		.standard = "auto",
		.before = "same",
		.since = 1,
		.unit = "NAME",
		.help = "how those see their images: as all trainings do, or, "
			"if they are long, cropped, erased and mirrored"},
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
		.help = "what a training's seed is derived from: the genome, "
			"or the network that it makes, so that equal networks "
			"are trained once"},
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

>>>>>>> h-workers
/* A setting of another algorithm, which would do nothing, is told as such. */
static int refuse_foreign(
	const json_t *v, const struct run_settings *s, struct err *e)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)v, key, value)
		if (fields_find(&settings_fields, NULL, key) &&
			!fields_find(&settings_fields, s, key))
			return err_at(e, ERR_RANGE, "", key,
				"\"%s\" is not a setting of the algorithm "
				"\"%s\"",
				key, settings_algorithm(s)->name);
	return 0;
}

/* The algorithm that the document names, so far as it can be read. */
static struct run_settings algorithm_only(const json_t *v)
{
	const json_t *name = json_object_get(v, "algorithm");
	struct run_settings s;
	int named;

	fields_default(&settings_fields, FIELD_REQUEST, &s);
	named = json_is_string(name) ? field_named(fields_find(&settings_fields,
							   NULL, "algorithm"),
					       json_string_value(name))
				     : -1;
	if (named >= 0)
		s.algorithm = named;
	return s;
}

/* A run of which nobody says how long it may take has the usual budget. */
static int settle_budget(struct run_settings *s, struct err *e)
{
	const unsigned size = OPEN_POPULATION | OPEN_GENERATIONS;

	if (s->has_budget_s && s->has_budget)
		return err_at(e, ERR_INVALID, "", "budget_pflop",
			"\"budget\" and \"budget_pflop\" say the same in two "
			"units: give one of them");
	if (!s->has_budget && !s->has_budget_s && (s->open & size) == size) {
		s->has_budget_s = 1;
		s->budget_s = SETTINGS_BUDGET_S;
	}
	if (!s->has_budget && !s->has_budget_s)
		s->open = 0; /* nothing will be planned */
	return 0;
}

/* A fork brings its own. */
static int refuse_two_origins(const struct run_settings *s, struct err *e)
{
	if (!s->has_fork || !s->seeds)
		return 0;
	return err_at(e, ERR_INVALID, "", "seed_genomes",
		"a fork begins with the genomes of the run that it forks: give "
		"\"fork\" or \"seed_genomes\", not both");
}

int settings_read(const json_t *v, struct run_settings *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	struct run_settings s = algorithm_only(v);
	int rc = refuse_foreign(v, &s, e);

	memset(&s, 0, sizeof s);
	if (rc == 0)
		rc = fields_read(&settings_fields, v, "", &r, &s, e);
	s.open = settings_open_in(v);
	if (rc == 0)
		rc = refuse_two_origins(&s, e);
	if (rc == 0)
		rc = settle_budget(&s, e);
	if (rc)
		return rc;
	/* Out of the document: the list is a person's, in any spelling. */
	if (s.seeds)
		s.seeds = seeds_write_again(s.seeds);
	*out = s;
	return 0;
}

void settings_release(struct run_settings *s)
{
	json_decref(s->seeds);
	json_decref(s->class_names);
	s->seeds = s->class_names = NULL;
}

void settings_share(struct run_settings *s)
{
	json_incref(s->seeds);
	json_incref(s->class_names);
}

/* -- known genomes -- */

static int check_seed(const struct run_settings *s, const struct genome *g,
	const char *at, struct err *e)
{
	struct flat flat;
	struct err why = {0};

	if (settings_algorithm(s)->form == GENOME_FLAT &&
		chain_to_flat(g, &s->data, &flat, &why))
		return err_at(e, ERR_RANGE, at, NULL, "%s", why.text);
	if (limits_any(&s->limits) &&
		!model_admits(g, &s->data, &s->limits, &why))
		return err_at(e, ERR_RANGE, at, NULL,
			"a known genome has %.300s", why.text);
	return 0;
}

static int check_seeds(
	const struct run_settings *s, struct arena *mem, struct err *e)
{
	const struct genome *const *seeds;
	size_t n;
	int rc = seeds_read(
		mem, s->seeds, "/seed_genomes", &s->data, &seeds, &n, e);

	if (rc == 0 && !(s->open & OPEN_POPULATION) &&
		n > (uint64_t)s->population)
		return err_at(e, ERR_RANGE, "", "seed_genomes",
			"%zu known genomes are more than the population of "
			"%lld",
			n, (long long)s->population);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		char at[sizeof e->where];

		snprintf(at, sizeof at, "/seed_genomes/%zu", i);
		rc = check_seed(s, seeds[i], at, e);
	}
	return rc;
}

int settings_check_seeds(const struct run_settings *s, struct err *e)
{
	struct arena mem;
	int rc;

	if (!s->seeds)
		return 0;
	arena_init(&mem, SEEDS_ARENA_BYTES);
	rc = check_seeds(s, &mem, e);
	arena_release(&mem);
	return rc;
}

/* -- documents -- */

int settings_data_open(const struct run_settings *s)
{
	return !s->dataset_hash[0];
}

/* What only the data set says. */
static const char *const of_data[] = {
	"dataset_hash", "num_channels", "px_h", "px_w", "num_classes"};

json_t *settings_write(const struct run_settings *s)
{
	json_t *v = fields_write(&settings_fields, FIELD_SHOW, s);

	if (!s->kernels[0])
		json_object_del(v, "kernels");
	for (size_t i = 0; i < sizeof of_data / sizeof *of_data; i++)
		if (settings_data_open(s))
			json_object_del(v, of_data[i]);
	return v;
}

/* All of what the data set says, or nothing. */
static int is_of_a_created_run(const struct run_settings *s)
{
	static const struct data_shape none;

	if (!s->has_seed)
		return 0;
	if (settings_data_open(s))
		return data_shape_equal(&s->data, &none) && !s->class_names;
	return data_shape_valid(&s->data) &&
	       (!s->has_budget || s->train_images > 0);
}

int settings_restore(const json_t *v, struct run_settings *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_STORED};
	struct run_settings s = {0};
	struct err why = {0};

	if (fields_read(&settings_fields, v, "", &r, &s, &why))
		return err_at(e, ERR_INVALID, why.where, NULL,
			"the stored settings are damaged: %.300s", why.text);
	if (!is_of_a_created_run(&s))
		return err_set(e, ERR_INVALID,
			"the stored settings are damaged: they are not what "
			"a created run has");
	settings_share(&s);
	*out = s;
	return 0;
}

json_t *settings_digested(const struct run_settings *s)
{
	json_t *v = fields_write(&settings_fields, FIELD_DIGEST, s);

	json_object_set_new(v, "dataset", json_string(s->dataset_hash));
	return v;
}
