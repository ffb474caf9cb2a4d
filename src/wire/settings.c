/* settings.c -- the settings of a run, a row each. */
#include "wire/settings.h"

#include <string.h>

#include "base/rng.h"
#include "data/dataset.h"
#include "neat/reproduce.h"
#include "nn/train.h"

#define AT(member) offsetof(struct run_settings, member)

static int algorithm_of(const void *s)
{
	return ((const struct run_settings *)s)->algorithm;
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
		.help = "a known name, or a folder of IDX files"},
	{.key = "dataset_hash",
		.type = FIELD_HASH,
		.flags = FIELD_LABEL | FIELD_FILLED,
		.at = AT(dataset_hash)},
	DATA_SHAPE_ROWS(struct run_settings, data, FIELD_FILLED),
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
	{.key = "final_epochs",
		.type = FIELD_INT,
		.at = AT(final_epochs),
		.lo = 1,
		.hi = TRAIN_EPOCHS_MAX,
		.standard = "3",
		.unit = "N",
		.help = "epochs to train the champion"},
	{.key = "batch_size",
		.type = FIELD_INT,
		.at = AT(batch_size),
		.lo = 1,
		.hi = BATCH_SIZE_MAX,
		.standard = "64",
		.unit = "N",
		.help = "images in a batch, of the first networks"},
	{.type = FIELD_INCLUDE, .at = AT(space), .of = &space_fields},
	{.type = FIELD_INCLUDE,
		.at = AT(own),
		.choose = algorithm_of,
		.choice = algorithm_fields},
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
};

static int check(const void *settings, const char *at, struct err *e)
{
	const struct run_settings *s = settings;
	const struct algorithm *a = settings_algorithm(s);

	if (s->kernels[strspn(s->kernels, "abcdefghijklmnopqrstuvwxyz"
					  "0123456789-")])
		return err_at(e, ERR_INVALID, at, "kernels",
			"\"kernels\" is a class like avx2-2: lower-case "
			"letters, digits and hyphens");
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

int settings_read(const json_t *v, struct run_settings *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	struct run_settings s = algorithm_only(v);
	int rc = refuse_foreign(v, &s, e);

	memset(&s, 0, sizeof s);
	if (rc == 0)
		rc = fields_read(&settings_fields, v, "", &r, &s, e);
	if (rc == 0)
		*out = s;
	return rc;
}

json_t *settings_write(const struct run_settings *s)
{
	return fields_write(&settings_fields, FIELD_SHOW, s);
}

int settings_restore(const json_t *v, struct run_settings *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_STORED};
	struct run_settings s = {0};
	struct err why = {0};

	if (fields_read(&settings_fields, v, "", &r, &s, &why))
		return err_at(e, ERR_INVALID, why.where, NULL,
			"the stored settings are damaged: %.300s", why.text);
	if (!s.kernels[0] || !s.has_seed)
		return err_set(e, ERR_INVALID,
			"the stored settings are damaged: they are not what "
			"a created run has");
	*out = s;
	return 0;
}

json_t *settings_digested(const struct run_settings *s)
{
	json_t *v = fields_write(&settings_fields, FIELD_DIGEST, s);

	json_object_set_new(v, "dataset", json_string(s->dataset_hash));
	return v;
}
