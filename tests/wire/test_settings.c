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

#define RUN "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

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
	assert_int_equal(s.training.recipe.schedule, SCHEDULE_ONE_CYCLE);
	assert_false(s.training.recipe.own_decay);
	assert_true(s.training.recipe.label_smoothing == 0.05);
	assert_true(s.training.recipe.clip_norm == 0);
	assert_false(s.training.recipe.spare_biases);
	assert_true(s.training.recipe.ema == 0);
	assert_false(s.training.recipe.flip_test);
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
		"\"max_job_mb\":16,\"max_parameters\":17,"
		"\"max_mflop\":1.5,\"max_model_kb\":18,\"batch_size\":13,"
		"\"elite\":5,"
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
	assert_int_equal(s.limits.max_parameters, 17);
	assert_true(s.limits.max_mflop == 1.5);
	assert_int_equal(s.limits.max_model_kb, 18);
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
		{"{\"max_parameters\":-1}", ERR_RANGE, "/max_parameters"},
		{"{\"max_mflop\":-0.5}", ERR_RANGE, "/max_mflop"},
		{"{\"max_model_kb\":1.5}", ERR_INVALID, "/max_model_kb"},
		{"{\"space\":{\"batch_size\":[128,256]}}", ERR_RANGE,
			"/batch_size"},
		{"{\"space\":{\"units\":[0,256]}}", ERR_RANGE, "/space/units"},
		{"{\"seed_genomes\":{}}", ERR_RANGE, "/seed_genomes"},
		{"{\"seed_genomes\":[[]]}", ERR_INVALID, "/seed_genomes/0"},
		{"{\"seed_genomes\":[{\"nodes\":[]}]}", ERR_INVALID,
			"/seed_genomes/0/num_channels"},
		{"{\"fork\":7}", ERR_INVALID, "/fork"},
		{"{\"fork\":{}}", ERR_INVALID, "/fork/run"},
		{"{\"fork\":{\"run\":\"..\"}}", ERR_RANGE, "/fork/run"},
		{"{\"fork\":{\"run\":\"" RUN "\",\"generation\":-1}}",
			ERR_RANGE, "/fork/generation"},
		{"{\"fork\":{\"run\":\"" RUN "\",\"seed\":1}}", ERR_INVALID,
			"/fork/seed"},
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
