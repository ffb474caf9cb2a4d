/* test_settings.c -- defaults, bounds and sentences of a run's settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "neat/algorithm_neat.h"
#include "neat/algorithm_truncation.h"
#include "wire/settings.h"

/* Reads a body; its code. */
static int read_body(const char *body, struct run_settings *s, struct err *e)
{
	json_t *v = doc_parse(body, strlen(body), e);
	int rc;

	assert_non_null(v);
	rc = settings_read(v, s, e);
	json_decref(v);
	return rc;
}

static const char *algorithm_of(const struct run_settings *s)
{
	return settings_algorithm(s)->name;
}

static const struct truncation_settings *truncation(
	const struct run_settings *s)
{
	return (const void *)s->own;
}

static void empty_body_gives_every_default(void **state)
{
	struct run_settings s;

	(void)state;
	assert_int_equal(read_body("{}", &s, NULL), 0);
	assert_string_equal(s.name, "");
	assert_string_equal(s.dataset, "fashion-mnist");
	assert_string_equal(algorithm_of(&s), "neat");
	assert_string_equal(s.kernels, "");
	assert_false(s.has_seed);
	assert_int_equal(s.population, 20);
	assert_int_equal(s.generations, 10);
	assert_false(s.has_threshold);
	assert_int_equal(s.stagnation, 0);
	assert_int_equal(s.training.epochs, 1);
	assert_int_equal(s.training.train_limit, 10000);
	assert_true(s.training.validation_fraction == 0.1);
	assert_int_equal(s.final_epochs, 3);
	assert_int_equal(s.training.max_job_mb, 1024);
	assert_int_equal(s.batch_size, 64);
	assert_int_equal(s.training.recipe.schedule, SCHEDULE_CONSTANT);
	assert_false(s.training.recipe.own_decay);
	assert_true(s.training.recipe.label_smoothing == 0);
	assert_true(s.training.recipe.clip_norm == 0);
	assert_int_equal(s.training.augment.crop, 0);
	assert_false(s.training.augment.flip);
	assert_true(s.training.augment.erase == 0);
}

static void every_key_is_taken(void **state)
{
	static const char body[] =
		"{\"name\":\"caf\xc3\xa9 1\",\"dataset\":\"mnist\","
		"\"algorithm\":\"truncation\",\"kernels\":\"sse4-1\","
		"\"seed\":9007199254740991,\"population\":6,"
		"\"generations\":7,\"fitness_threshold\":0.75,"
		"\"stagnation\":8,\"epochs\":9,\"train_limit\":0,"
		"\"validation_fraction\":0.25,\"final_epochs\":11,"
		"\"max_job_mb\":16,\"batch_size\":13,\"elite\":5,"
		"\"mutation_rate\":1,\"schedule\":\"one-cycle\","
		"\"weight_decay\":0.02,\"label_smoothing\":0.1,"
		"\"clip_norm\":5,"
		"\"augment\":{\"crop\":2,\"flip\":true,\"erase\":0.5}}";
	struct run_settings s;
	struct err e = {0};

	(void)state;
	if (read_body(body, &s, &e))
		fail_msg("%s", e.text);
	assert_string_equal(s.name, "caf\xc3\xa9 1");
	assert_string_equal(s.dataset, "mnist");
	assert_string_equal(s.kernels, "sse4-1");
	assert_int_equal(s.seed, INT64_C(9007199254740991));
	assert_int_equal(s.population, 6);
	assert_int_equal(s.generations, 7);
	assert_true(s.has_threshold && s.fitness_threshold == 0.75);
	assert_int_equal(s.stagnation, 8);
	assert_int_equal(s.training.epochs, 9);
	assert_int_equal(s.training.train_limit, 0);
	assert_true(s.training.validation_fraction == 0.25);
	assert_int_equal(s.final_epochs, 11);
	assert_int_equal(s.training.max_job_mb, 16);
	assert_int_equal(s.batch_size, 13);
	assert_int_equal(truncation(&s)->elite, 5);
	assert_true(truncation(&s)->mutation_rate == 1);
	assert_int_equal(s.training.recipe.schedule, SCHEDULE_ONE_CYCLE);
	assert_true(s.training.recipe.own_decay);
	assert_true(s.training.recipe.weight_decay == 0.02);
	assert_true(s.training.recipe.label_smoothing == 0.1);
	assert_true(s.training.recipe.clip_norm == 5);
	assert_int_equal(s.training.augment.crop, 2);
	assert_true(s.training.augment.flip);
	assert_true(s.training.augment.erase == 0.5);
}

/* A body that is to be continued. */
#define TRUNCATION "{\"algorithm\":\"truncation\","

static void bad_settings_are_refused_at_their_place(void **state)
{
	static const struct {
		const char *body;
		int code;
		const char *where;
	} bad[] = {
		{"{\"generatoins\":1}", ERR_INVALID, "/generatoins"},
		{"{\"dataset_hash\":\"\"}", ERR_INVALID, "/dataset_hash"},
		{"{\"population\":1}", ERR_RANGE, "/population"},
		{"{\"population\":10001}", ERR_RANGE, "/population"},
		{"{\"population\":2.5}", ERR_INVALID, "/population"},
		{"{\"generations\":0}", ERR_RANGE, "/generations"},
		{"{\"generations\":100001}", ERR_RANGE, "/generations"},
		{"{\"fitness_threshold\":1.1}", ERR_RANGE,
			"/fitness_threshold"},
		{"{\"fitness_threshold\":-0.1}", ERR_RANGE,
			"/fitness_threshold"},
		{"{\"stagnation\":-1}", ERR_RANGE, "/stagnation"},
		{"{\"epochs\":0}", ERR_RANGE, "/epochs"},
		{"{\"epochs\":1001}", ERR_RANGE, "/epochs"},
		{"{\"train_limit\":-1}", ERR_RANGE, "/train_limit"},
		{"{\"validation_fraction\":0}", ERR_RANGE,
			"/validation_fraction"},
		{"{\"validation_fraction\":0.6}", ERR_RANGE,
			"/validation_fraction"},
		{"{\"final_epochs\":0}", ERR_RANGE, "/final_epochs"},
		{"{\"max_job_mb\":15}", ERR_RANGE, "/max_job_mb"},
		{"{\"max_job_mb\":65537}", ERR_RANGE, "/max_job_mb"},
		{"{\"batch_size\":0}", ERR_RANGE, "/batch_size"},
		{"{\"batch_size\":4097}", ERR_RANGE, "/batch_size"},
		{"{\"elite\":1}", ERR_RANGE, "/elite"}, /* not of neat */
		{TRUNCATION "\"elite\":-1}", ERR_RANGE, "/elite"},
		{TRUNCATION "\"elite\":20}", ERR_RANGE, "/elite"},
		{TRUNCATION "\"population\":2,\"elite\":2}", ERR_RANGE,
			"/elite"},
		{TRUNCATION "\"mutation_rate\":1.01}", ERR_RANGE,
			"/mutation_rate"},
		{"{\"mutation_rate\":1}", ERR_RANGE, "/mutation_rate"},
		{TRUNCATION "\"neat\":{}}", ERR_RANGE, "/neat"},
		{TRUNCATION "\"size_pressure\":0}", ERR_RANGE,
			"/size_pressure"},
		{"{\"size_pressure\":0.11}", ERR_RANGE, "/size_pressure"},
		{"{\"neat\":{\"magic\":1}}", ERR_INVALID, "/neat/magic"},
		{"{\"neat\":{\"c1\":\"1\"}}", ERR_INVALID, "/neat/c1"},
		{"{\"neat\":{\"c1\":-1}}", ERR_RANGE, "/neat/c1"},
		{"{\"neat\":{\"preset\":\"x\"}}", ERR_RANGE, "/neat/preset"},
		{"{\"neat\":{\"add_node_rate\":0.9}}", ERR_RANGE, "/neat"},
		{"{\"schedule\":\"linear\"}", ERR_RANGE, "/schedule"},
		{"{\"label_smoothing\":0.6}", ERR_RANGE, "/label_smoothing"},
		{"{\"augment\":{\"crop\":17}}", ERR_RANGE, "/augment/crop"},
		{"{\"seed\":-1}", ERR_RANGE, "/seed"},
		{"{\"seed\":9007199254740992}", ERR_RANGE, "/seed"},
		{"{\"seed\":\"7\"}", ERR_INVALID, "/seed"},
		{"{\"kernels\":\"AVX2\"}", ERR_INVALID, "/kernels"},
		{"{\"kernels\":\"\"}", ERR_RANGE, "/kernels"},
		{"{\"kernels\":\"avx2-2-of-the-finest\"}", ERR_RANGE,
			"/kernels"},
		{"{\"dataset\":\"\"}", ERR_RANGE, "/dataset"},
		{"{\"dataset\":7}", ERR_INVALID, "/dataset"},
		{"{\"dataset\":\"a\\nb\"}", ERR_INVALID, "/dataset"},
		{"{\"name\":\"a\\u001bb\"}", ERR_INVALID, "/name"},
		{"{\"name\":\"a\\u007fb\"}", ERR_INVALID, "/name"},
		{"{\"name\":\"a\\u0085b\"}", ERR_INVALID, "/name"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct run_settings s = {.population = 77};
		struct err e = {0};
		int rc = read_body(bad[i].body, &s, &e);

		if (rc != bad[i].code || strcmp(e.where, bad[i].where) != 0)
			fail_msg("%s: %d at %s", bad[i].body, rc, e.where);
		assert_int_equal(s.population, 77);
	}
}

/* -- of the algorithms -- */

static void every_algorithm_is_accepted_and_has_its_defaults(void **state)
{
	struct run_settings s;

	(void)state;
	assert_int_equal(read_body("{\"algorithm\":\"random\"}", &s, NULL), 0);
	assert_string_equal(algorithm_of(&s), "random");
	assert_int_equal(
		read_body("{\"algorithm\":\"Truncation\"}", &s, NULL), 0);
	assert_string_equal(algorithm_of(&s), "truncation");
	assert_int_equal(truncation(&s)->elite, 1);
	assert_true(truncation(&s)->mutation_rate == 0.1);
	assert_int_equal(read_body("{\"neat\":{\"c1\":2}}", &s, NULL), 0);
	assert_true(((const struct neat_settings *)s.own)->params.c1 == 2);
}

static void another_algorithms_setting_is_told_as_such(void **state)
{
	static const struct {
		const char *body, *text;
	} bad[] = {
		{"{\"elite\":1}", "\"elite\" is not a setting of the algorithm "
				  "\"neat\""},
		{TRUNCATION "\"neat\":{}}",
			"\"neat\" is not a setting of the algorithm "
			"\"truncation\""},
		{"{\"algorithm\":\"random\",\"mutation_rate\":1}",
			"\"mutation_rate\" is not a setting of the algorithm "
			"\"random\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct run_settings s;
		struct err e = {0};

		assert_int_equal(read_body(bad[i].body, &s, &e), ERR_RANGE);
		assert_string_equal(e.text, bad[i].text);
	}
}

static void unknown_algorithm_is_told_what_is_known(void **state)
{
	struct run_settings s;
	struct err e = {0};

	(void)state;
	assert_int_equal(
		read_body("{\"algorithm\":\"neat-with-a-long-name\"}", &s, &e),
		ERR_RANGE);
	assert_string_equal(e.where, "/algorithm");
	assert_non_null(strstr(e.text, "\"truncation\""));
}

static void null_means_the_default(void **state)
{
	struct run_settings s;

	(void)state;
	assert_int_equal(read_body("{\"fitness_threshold\":null,\"seed\":null}",
				 &s, NULL),
		0);
	assert_false(s.has_seed);
	assert_false(s.has_threshold);
}

/* -- the documentation -- */

/* The properties that api/schemas.json gives to the settings. */
static json_t *documented(void)
{
	json_t *doc = json_load_file(getenv("NEVOD_SCHEMAS"), 0, NULL);
	json_t *properties = NULL;

	json_unpack(doc, "{s:{s:O}}", "RunSettings", "properties", &properties);
	json_decref(doc);
	assert_non_null(properties);
	return properties;
}

/* The defaults of the properties, by name. */
static json_t *defaults_of(const json_t *properties)
{
	json_t *v = json_object();
	const json_t *property;
	const char *key;

	json_object_foreach((json_t *)properties, key, property)
		if (json_object_get(property, "default"))
			json_object_set(
				v, key, json_object_get(property, "default"));
	return v;
}

/* The constants as settings show them. */
static json_t *written(const struct params *p)
{
	const struct field *f = fields_find(&settings_fields, NULL, "neat");
	struct neat_settings own = {.params = *p};

	return f->codec->write(f, &own);
}

static void documented_constants_of_neat_are_the_defaults(void **state)
{
	json_t *doc = json_load_file(getenv("NEVOD_SCHEMAS"), 0, NULL);
	json_t *theirs, *mine, *properties;
	struct params p;

	(void)state;
	json_unpack(
		doc, "{s:{s:o}}", "NeatParameters", "properties", &properties);
	theirs = defaults_of(properties);
	assert_string_equal(
		json_string_value(json_object_get(theirs, "preset")), "cnn");
	json_object_del(theirs, "preset");
	assert_int_equal(params_preset(&p, "cnn", NULL), 0);
	mine = written(&p);
	assert_int_equal(json_object_size(mine), json_object_size(theirs));
	for (void *i = json_object_iter(mine); i;
		i = json_object_iter_next(mine, i))
		assert_true(json_number_value(json_object_iter_value(i)) ==
			    json_number_value(json_object_get(
				    theirs, json_object_iter_key(i))));
	json_decref(mine);
	json_decref(theirs);
	json_decref(doc);
}

/* Of one algorithm and the other. */
static json_t *all_settings(void)
{
	struct run_settings s;
	json_t *all, *more;

	assert_int_equal(
		read_body("{\"algorithm\":\"truncation\"}", &s, NULL), 0);
	all = settings_write(&s);
	assert_int_equal(read_body("{}", &s, NULL), 0);
	more = settings_write(&s);
	json_object_update(all, more);
	json_decref(more);
	return all;
}

static void documented_defaults_are_the_defaults(void **state)
{
	json_t *properties = documented(), *body = defaults_of(properties);
	json_t *mine = all_settings();

	(void)state;
	for (const char *const *k = (const char *const[]){"dataset_hash",
		     "num_channels", "px_h", "px_w", "num_classes", "seed",
		     "kernels", "neat", NULL};
		*k; k++) { /* found at creation, or by its own schema */
		json_object_del(mine, *k);
		assert_null(json_object_get(body, *k));
	}
	assert_true(json_equal(body, mine));
	json_decref(mine);
	json_decref(body);
	json_decref(properties);
}

/* Reads settings of a population that lets every elite in. */
static int read_one(const char *key, json_int_t value)
{
	json_t *body = json_pack("{s:i, s:s}", "population", 10000, "algorithm",
		strcmp(key, "elite") ? "neat" : "truncation");
	struct run_settings s;
	int rc;

	json_object_set_new(body, key, json_integer(value));
	rc = settings_read(body, &s, NULL);
	json_decref(body);
	return rc;
}

static void documented_bounds_are_the_bounds(void **state)
{
	json_t *properties = documented();
	const json_t *property;
	const char *key, *type;
	int n = 0;

	(void)state;
	json_object_foreach(properties, key, property) {
		json_int_t lo, hi;

		if (json_unpack((json_t *)property, "{s:s, s:I, s:I}", "type",
			    &type, "minimum", &lo, "maximum", &hi) ||
			strcmp(type, "integer") != 0)
			continue;
		if (read_one(key, lo) || read_one(key, hi) ||
			read_one(key, lo - 1) != ERR_RANGE ||
			read_one(key, hi + 1) != ERR_RANGE)
			fail_msg("the bounds of %s differ", key);
		n++;
	}
	assert_int_equal(n, 10); /* all whole numbers that there are */
	json_decref(properties);
}

/* True if the settings with {key: value} are refused as out of range; `of` is
 * the object that holds the key, or NULL. */
static int is_refused(const char *of, const char *key, double value)
{
	json_t *body = json_object(), *member = body;
	struct run_settings s;
	int rc;

	if (of) {
		member = json_object();
		json_object_set_new(body, of, member);
	}
	json_object_set_new(member, key,
		value == (double)(int)value ? json_integer((json_int_t)value)
					    : json_real(value));
	rc = settings_read(body, &s, NULL);
	json_decref(body);
	assert_true(rc == 0 || rc == ERR_RANGE);
	return rc != 0;
}

static void check_bounds(
	const json_t *properties, const char *of, const char *key, double step)
{
	const json_t *p = json_object_get(properties, key);
	double lo = json_number_value(json_object_get(p, "minimum"));
	double hi = json_number_value(json_object_get(p, "maximum"));

	if (is_refused(of, key, lo) || is_refused(of, key, hi) ||
		!is_refused(of, key, lo - step) ||
		!is_refused(of, key, hi + step))
		fail_msg("the bounds of %s differ", key);
}

static void documented_bounds_of_the_recipe_are_the_bounds(void **state)
{
	json_t *doc = json_load_file(getenv("NEVOD_SCHEMAS"), 0, NULL);
	const json_t *run, *augment;

	(void)state;
	run = json_object_get(
		json_object_get(doc, "RunSettings"), "properties");
	augment = json_object_get(
		json_object_get(doc, "Augment"), "properties");
	check_bounds(run, NULL, "weight_decay", 0.001);
	check_bounds(run, NULL, "label_smoothing", 0.001);
	check_bounds(run, NULL, "clip_norm", 0.001);
	check_bounds(augment, "augment", "crop", 1);
	check_bounds(augment, "augment", "erase", 0.001);
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_body_gives_every_default),
		cmocka_unit_test(every_key_is_taken),
		cmocka_unit_test(bad_settings_are_refused_at_their_place),
		cmocka_unit_test(
			every_algorithm_is_accepted_and_has_its_defaults),
		cmocka_unit_test(another_algorithms_setting_is_told_as_such),
		cmocka_unit_test(unknown_algorithm_is_told_what_is_known),
		cmocka_unit_test(null_means_the_default),
		cmocka_unit_test(documented_constants_of_neat_are_the_defaults),
		cmocka_unit_test(documented_defaults_are_the_defaults),
		cmocka_unit_test(documented_bounds_are_the_bounds),
		cmocka_unit_test(
			documented_bounds_of_the_recipe_are_the_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
