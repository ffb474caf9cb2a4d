/* settings.c -- one table of whole numbers, and the few settings that are not.
 */
#include "wire/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/doc.h"
#include "base/rng.h"
#include "data/dataset.h"
#include "wire/genome_json.h"
#include "wire/params_json.h"
#include "wire/recipe_json.h"

#define NO_THRESHOLD 2.0 /* no fitness reaches it */

static const struct run_settings defaults = {
	.dataset = DATASET_DEFAULT,
	.algorithm = "neat",
	.seed = -1,
	.population = 20,
	.generations = 10,
	.fitness_threshold = NO_THRESHOLD,
	.stagnation = 0,
	.epochs = 1,
	.train_limit = 10000,
	.validation_fraction = 0.1,
	.final_epochs = 3,
	.max_job_mb = 1024,
	.batch_size = 64,
	.elite = 1,
	.mutation_rate = 0.1,
};

struct int_field {
	const char *name;
	size_t offset;
	int64_t lo, hi;
};

#define AT(field) offsetof(struct run_settings, field)
static const struct int_field ints[] = {
	{"population", AT(population), 2, 10000},
	{"generations", AT(generations), 1, 100000},
	{"stagnation", AT(stagnation), 0, 100000},
	{"epochs", AT(epochs), 1, SETTINGS_EPOCHS_MAX},
	{"train_limit", AT(train_limit), 0, SETTINGS_TRAIN_LIMIT_MAX},
	{"final_epochs", AT(final_epochs), 1, SETTINGS_EPOCHS_MAX},
	{"max_job_mb", AT(max_job_mb), SETTINGS_JOB_MB_MIN,
		SETTINGS_JOB_MB_MAX},
	{"batch_size", AT(batch_size), 1, FLAT_BATCH_MAX},
	{"seed", AT(seed), 0, RNG_SEED_MAX},
};
#undef AT
#define INTS (sizeof ints / sizeof *ints)
#define ELITE_MAX 9999 /* and below the population */

#define NEAT "neat"
#define TRUNCATION "truncation"
#define SIZE_PRESSURE "size_pressure"
#define SIZE_PRESSURE_MAX 0.1

static const char *const request_keys[] = {"name", "dataset", "algorithm",
	"kernels", "fitness_threshold", "validation_fraction", "mutation_rate",
	"population", "generations", "stagnation", "epochs", "train_limit",
	"final_epochs", "max_job_mb", "batch_size", "elite", "seed", NEAT,
	SIZE_PRESSURE, RECIPE_KEYS, NULL};

/* DEL and the C1 block (0xc2 0x80..0x9f in UTF-8) move cursors too. */
int settings_printable(const char *s)
{
	for (const unsigned char *p = (const unsigned char *)s; *p; p++)
		if (*p < 0x20 || *p == 0x7f ||
			(*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			return 0;
	return 1;
}

/* Copies an optional string of min..size-1 bytes without control characters. */
static int read_text(const json_t *v, const char *name, size_t min, char *out,
	size_t size, struct err *e)
{
	const char *s = out;
	int rc = doc_str_opt(v, "", name, min, size - 1, &s, e);

	if (rc)
		return rc;
	if (!settings_printable(s))
		return err_at(e, ERR_INVALID, "", name,
			"\"%s\" has control characters", name);
	if (s != out)
		memcpy(out, s, strlen(s) + 1);
	return 0;
}

static int read_texts(const json_t *v, struct run_settings *s, struct err *e)
{
	int rc = read_text(v, "name", 0, s->name, sizeof s->name, e);

	if (rc == 0)
		rc = read_text(
			v, "dataset", 1, s->dataset, sizeof s->dataset, e);
	if (rc == 0)
		rc = read_text(
			v, "kernels", 1, s->kernels, sizeof s->kernels, e);
	if (rc)
		return rc;
	if (s->kernels[strspn(s->kernels, "abcdefghijklmnopqrstuvwxyz"
					  "0123456789-")])
		return err_at(e, ERR_INVALID, "", "kernels",
			"\"kernels\" is a class like avx2-2: lower-case "
			"letters, digits and hyphens");
	return 0;
}

int settings_neat(const struct run_settings *s)
{
	return strcmp(s->algorithm, NEAT) == 0;
}

/* Refuses a setting of the other algorithm, which would do nothing. */
static int must_not_have(const json_t *v, const char *name,
	const struct run_settings *s, struct err *e)
{
	if (!json_object_get(v, name))
		return 0;
	return err_at(e, ERR_RANGE, "", name,
		"\"%s\" is not a setting of the algorithm \"%s\"", name,
		s->algorithm);
}

static int read_truncation(
	const json_t *v, struct run_settings *s, struct err *e)
{
	int rc = must_not_have(v, NEAT, s, e);

	if (rc == 0)
		rc = must_not_have(v, SIZE_PRESSURE, s, e);
	if (rc == 0)
		rc = doc_real_opt(
			v, "", "mutation_rate", 0, 1, &s->mutation_rate, e);
	if (rc == 0)
		rc = doc_int_opt(v, "", "elite", 0, ELITE_MAX, &s->elite, e);
	if (rc == 0 && s->elite >= s->population)
		return err_at(e, ERR_RANGE, "", "elite",
			"\"elite\" is %lld but must be below the population "
			"of %lld",
			(long long)s->elite, (long long)s->population);
	return rc;
}

static int read_neat(const json_t *v, struct run_settings *s, struct err *e)
{
	int rc = must_not_have(v, "elite", s, e);

	if (rc == 0)
		rc = must_not_have(v, "mutation_rate", s, e);
	if (rc == 0)
		rc = doc_real_opt(v, "", SIZE_PRESSURE, 0, SIZE_PRESSURE_MAX,
			&s->size_pressure, e);
	return rc ? rc : params_read(v, NEAT, &s->neat, e);
}

/* The algorithm and what is its own; the population is known. */
static int read_algorithm(
	const json_t *v, struct run_settings *s, struct err *e)
{
	const char *name = s->algorithm;
	int neat, rc = doc_str_opt(v, "", "algorithm", 0, SETTINGS_DATASET_MAX,
			  &name, e);

	if (rc)
		return rc;
	neat = strcmp(name, NEAT) == 0;
	if (!neat && strcmp(name, TRUNCATION) != 0)
		return err_at(e, ERR_RANGE, "", "algorithm",
			"\"algorithm\" must be \"" NEAT "\" or "
			"\"" TRUNCATION "\"");
	/* The name may be the settings' own. */
	strcpy(s->algorithm, neat ? NEAT : TRUNCATION);
	return neat ? read_neat(v, s, e) : read_truncation(v, s, e);
}

static int read_numbers(const json_t *v, struct run_settings *s, struct err *e)
{
	int rc = doc_real_opt(
		v, "", "fitness_threshold", 0, 1, &s->fitness_threshold, e);

	if (rc == 0)
		rc = doc_real_opt(v, "", "validation_fraction",
			SETTINGS_VALIDATION_MIN, SETTINGS_VALIDATION_MAX,
			&s->validation_fraction, e);
	for (size_t i = 0; rc == 0 && i < INTS; i++)
		rc = doc_int_opt(v, "", ints[i].name, ints[i].lo, ints[i].hi,
			(int64_t *)((char *)s + ints[i].offset), e);
	return rc;
}

static int read_known(const json_t *v, struct run_settings *s, struct err *e)
{
	int rc;

	*s = defaults;
	rc = read_texts(v, s, e);
	if (rc == 0)
		rc = read_numbers(v, s, e);
	if (rc == 0)
		rc = read_algorithm(v, s, e);
	return rc ? rc : recipe_read(v, "", &s->recipe, &s->augment, e);
}

int settings_read(const json_t *v, struct run_settings *out, struct err *e)
{
	struct run_settings s;
	int rc = doc_only(v, "", request_keys, e);

	if (rc == 0)
		rc = read_known(v, &s, e);
	if (rc == 0)
		*out = s;
	return rc;
}

json_t *settings_write(const struct run_settings *s)
{
	json_t *v = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:f, s:i, s:i, s:i, s:i}", "name",
		s->name, "dataset", s->dataset, "dataset_hash", s->dataset_hash,
		"algorithm", s->algorithm, "kernels", s->kernels,
		"validation_fraction", s->validation_fraction, "num_channels",
		s->data.channels, "px_h", s->data.height, "px_w", s->data.width,
		"num_classes", s->data.classes);

	json_object_set_new(v, "fitness_threshold",
		s->fitness_threshold > 1 ? json_null()
					 : json_real(s->fitness_threshold));
	for (size_t i = 0; i < INTS; i++)
		json_object_set_new(v, ints[i].name,
			json_integer(*(const int64_t *)((const char *)s +
							ints[i].offset)));
	if (settings_neat(s)) {
		json_object_set_new(v, NEAT, params_write(&s->neat));
		json_object_set_new(
			v, SIZE_PRESSURE, json_real(s->size_pressure));
	} else {
		json_object_set_new(v, "elite", json_integer(s->elite));
		json_object_set_new(
			v, "mutation_rate", json_real(s->mutation_rate));
	}
	recipe_write(v, &s->recipe, &s->augment);
	return v;
}

/* True if writing `s` gives exactly `v`: nothing more, and nothing missing or
 * null that reading filled in, but for a recipe. */
static int writes_as(const struct run_settings *s, const json_t *v)
{
	json_t *again = settings_write(s), *whole = json_copy((json_t *)v);
	char *mine = canonical_text(again, NULL), *theirs;
	int same;

	recipe_fill(whole);
	theirs = canonical_text(whole, NULL);
	same = mine && theirs && strcmp(mine, theirs) == 0;
	free(mine);
	free(theirs);
	json_decref(whole);
	json_decref(again);
	return same;
}

int settings_restore(const json_t *v, struct run_settings *out, struct err *e)
{
	struct run_settings s;
	struct err why = {0};
	const char *hash;
	int rc = read_known(v, &s, &why);

	if (rc == 0)
		rc = genome_data_read(v, "", &s.data, &why);
	if (rc == 0)
		rc = doc_str(v, "", "dataset_hash", 64, 64, &hash, &why);
	if (rc)
		return err_at(e, ERR_INVALID, why.where, NULL,
			"the stored settings are damaged: %.300s", why.text);
	memcpy(s.dataset_hash, hash, sizeof s.dataset_hash);
	if (!sha256_is_hex(hash) || !writes_as(&s, v))
		return err_set(e, ERR_INVALID,
			"the stored settings are damaged: they are not what "
			"a created run has");
	*out = s;
	return 0;
}

json_t *settings_digested(const struct run_settings *s)
{
	json_t *v = settings_write(s);

	json_object_del(v, "name");
	json_object_del(v, "dataset_hash");
	json_object_set_new(v, "dataset", json_string(s->dataset_hash));
	return v;
}
