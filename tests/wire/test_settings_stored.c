/* test_settings_stored.c -- what a store keeps of settings comes back whole, by
 * every later program too, and is digested as it always was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/doc.h"
#include "neat/algorithm_neat.h"
#include "wire/settings.h"

#define TRUNCATION "{\"algorithm\":\"truncation\",\"mutation_rate\":0}"

/* What a run did by default before the recipe of today. */
#define PLAIN "\"schedule\":\"constant\",\"label_smoothing\":0," SAME
#define SAME "\"final_augment\":\"same\"," SPACE_BEFORE
#define SPACE_BEFORE                                                          \
	"\"activations\":[\"relu\",\"sigmoid\",\"tanh\",\"leakyrelu\","       \
	"\"selu\"],\"optimizers\":[\"adam\",\"adamw\",\"sgd\",\"rmsprop\"],"  \
	"\"space\":{\"filters\":[8,128],\"units\":[16,256],\"kernel\":[1,7]," \
	"\"learning_rate\":[1e-6,1],\"dropout\":[0,0.9]}"

/* Settings filled in as at creation. */
static struct run_settings created(const char *body)
{
	json_t *v = json_loads(body, 0, NULL);
	struct run_settings s;
	struct err e = {0};

	if (settings_read(v, &s, &e))
		fail_msg("%s", e.text);
	json_decref(v);
	s.data = (struct data_shape){1, 28, 28, 10};
	s.seed = 7;
	s.has_seed = 1;
	strcpy(s.kernels, "avx2-2");
	sha256_of("data", 4, s.dataset_hash);
	return s;
}

static json_t *stored(const struct run_settings *s)
{
	json_t *v = settings_write(s), *again;
	char *text = canonical_text(v, NULL);

	again = doc_parse(text, strlen(text), NULL);
	json_decref(v);
	free(text);
	return again;
}

static void stored_settings_come_back_whole(void **state)
{
	struct run_settings s = created(TRUNCATION), again;
	struct err e = {0};
	json_t *v, *more;

	(void)state;
	strcpy(s.name, "my run");
	s.training.validation_fraction = 1.0 / 3;
	for (int i = 0; i < 2; i++) {
		memset(&again, 0, sizeof again);
		v = stored(&s);
		if (settings_restore(v, &again, &e))
			fail_msg("%s", e.text);
		more = stored(&again);
		assert_true(json_equal(more, v));
		json_decref(more);
		json_decref(v);
		s.has_threshold = 1;
		s.fitness_threshold = 0.9;
		s.training.recipe.schedule = SCHEDULE_COSINE;
		s.training.recipe.own_decay = 1;
		s.training.augment.crop = 2;
	}
}

static void settings_stored_before_recipes_come_back_plain(void **state)
{
	static const char *const keys[] = {"schedule", "weight_decay",
		"label_smoothing", "clip_norm", "augment"};
	struct run_settings s = created("{" PLAIN "}"), again;
	json_t *v = stored(&s), *more;

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		assert_int_equal(json_object_del(v, keys[i]), 0);
	assert_int_equal(settings_restore(v, &again, NULL), 0);
	more = stored(&again);
	json_decref(v);
	v = stored(&s);
	assert_true(json_equal(more, v));
	json_decref(more);
	json_decref(v);
}

/* The data decide, not what they or the run are called. */
static void a_label_is_not_in_the_digest_and_the_datas_hash_is(void **state)
{
	struct run_settings s = created("{\"name\":\"a\"}"),
			    t = created("{\"name\":\"b\","
					"\"dataset\":\"elsewhere\"}");
	json_t *v = settings_digested(&s), *w = settings_digested(&t);

	(void)state;
	assert_true(json_equal(v, w));
	assert_null(json_object_get(v, "name"));
	assert_null(json_object_get(v, "dataset_hash"));
	assert_string_equal(json_string_value(json_object_get(v, "dataset")),
		s.dataset_hash);
	json_decref(w);
	t.seed = 8;
	w = settings_digested(&t);
	assert_false(json_equal(v, w));
	json_decref(v);
	json_decref(w);
}

/* The first genomes that there were before they could be told. */
#define FIRST_BEFORE "\"first_convolutions\":1,\"first_dense\":0"

/* Of the text that the program of settings by hand digested: kernel class
 * simd128-2, seed 7.  Where a later program's defaults differ they are named
 * here. */
static void the_digested_text_is_what_it_was(void **state)
{
	static const struct {
		const char *body, *sha256;
	} old[] = {
		{"{\"neat\":{\"preset\":\"cnn\"}," FIRST_BEFORE "," PLAIN "}",
			"3d3d1c197c1bc1529dde6d634f745c296f3c5e5798beaedaf9867a"
			"28aea4e31b"},
		{"{\"algorithm\":\"truncation\"," PLAIN "}",
			"3a529ebd0a6f374436c61e6292c3f04eddfa670f0c05c30301a919"
			"99b4ea506f"},
		{"{\"fitness_threshold\":0.75,\"stagnation\":3,\"epochs\":9,"
		 "\"train_limit\":0,\"validation_fraction\":0.25,"
		 "\"schedule\":\"one-cycle\",\"weight_decay\":0.02,"
		 "\"label_smoothing\":0.1,\"clip_norm\":5,"
		 "\"augment\":{\"crop\":2,\"flip\":true,\"erase\":0.5},"
		 "\"neat\":{\"preset\":\"jair2004\",\"c1\":2,\"self_clone\":0},"
		 "\"size_pressure\":0.001," FIRST_BEFORE "," SAME "}",
			"38a669c0c5a1a26bf171ecf990f9f9d2f792ff861c9c484838ccdb"
			"3d816aadca"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
		struct run_settings s = created(old[i].body);
		char *text, hash[SHA256_HEX_BYTES];
		json_t *v;

		strcpy(s.kernels, "simd128-2");
		v = settings_digested(&s);
		text = canonical_text(v, NULL);
		sha256_of(text, strlen(text), hash);
		assert_string_equal(hash, old[i].sha256);
		json_decref(v);
		free(text);
	}
}

/* -- settings that come later -- */

/* Constants of NEAT have a table of their own. */
static void a_constant_from_before_means_what_was_done_before(void **state)
{
	struct run_settings s = created("{}"), again;
	json_t *v = stored(&s), *neat = json_object_get(v, "neat");
	const struct params *p;

	(void)state;
	assert_non_null(json_object_get(neat, "neighbour_rate"));
	json_object_del(neat, "neighbour_rate");
	json_object_del(neat, "hyper_rate");
	json_object_del(v, "first_convolutions");
	assert_int_equal(settings_restore(v, &again, NULL), 0);
	p = &((const struct neat_settings *)again.own)->params;
	assert_true(p->neighbour_rate == 0 && p->hyper_rate == 0.3);
	assert_true(p->mutation_tries > 1);
	assert_int_equal(
		((const struct neat_settings *)again.own)->start.convolutions,
		1);
	json_decref(v);
}

static void a_later_constant_is_digested_only_where_it_differs(void **state)
{
	struct run_settings s = created("{\"neat\":{\"preset\":\"cnn\","
					"\"mend_rate\":0.5}}");
	json_t *v = settings_digested(&s), *neat = json_object_get(v, "neat");

	(void)state;
	assert_non_null(json_object_get(neat, "survival"));
	assert_non_null(json_object_get(neat, "mend_rate"));
	assert_null(json_object_get(neat, "self_clone"));
	assert_null(json_object_get(neat, "hyper_rate"));
	json_decref(v);
}

/* Today's settings and one more, as a later program has them. */
struct later {
	struct run_settings today;
	int n_activations, activations[ACT_COUNT];
};

static const struct field later_rows[] = {
	{.type = FIELD_INCLUDE,
		.at = offsetof(struct later, today),
		.of = &settings_fields},
	{.key = "activations",
		.type = FIELD_NAMES,
		.at = offsetof(struct later, activations),
		.count = offsetof(struct later, n_activations),
		.lo = 1,
		.hi = ACT_COUNT,
		.name = activation_name,
		.standard = "selu",
		.before = "relu,sigmoid,tanh,leakyrelu,selu",
		.since = 2},
};
static const struct fields later_fields = {FIELDS(struct later, later_rows)};

static void a_run_from_before_a_setting_means_what_was_done_before(void **state)
{
	const struct field_reader r = {.origin = FIELD_STORED};
	struct run_settings s = created("{" SPACE_BEFORE "}");
	struct later later = {0};
	json_t *v = stored(&s), *again;

	(void)state;
	assert_int_equal(
		fields_read(&later_fields, v, "", &r, &later, NULL), 0);
	assert_int_equal(later.n_activations, 5);
	assert_int_equal(later.activations[0], ACT_RELU);
	again = fields_write(&later_fields, FIELD_KEEP, &later);
	assert_null(json_object_get(again, "activations"));
	json_decref(again);
	json_decref(v);
}

static void a_later_setting_enters_the_digest_only_where_it_differs(
	void **state)
{
	struct later later = {.today = created("{}")};
	json_t *old = fields_write(
		       &settings_fields, FIELD_DIGEST, &later.today),
	       *v;

	(void)state;
	for (int i = 0; i < 5; i++)
		later.activations[i] = i;
	later.n_activations = 5;
	v = fields_write(&later_fields, FIELD_DIGEST, &later);
	assert_true(json_equal(v, old));
	json_decref(v);
	later.n_activations = 1;
	v = fields_write(&later_fields, FIELD_DIGEST, &later);
	assert_int_equal(json_array_size(json_object_get(v, "activations")), 1);
	json_decref(v);
	json_decref(old);
}

static void whose_seed_it_is_is_digested_where_it_is_not_the_genomes(
	void **state)
{
	struct run_settings s = created("{}"), again;
	json_t *old = settings_digested(&s), *v;

	(void)state;
	assert_null(json_object_get(old, "seed_policy"));
	s = created("{\"seed_policy\":\"network\"}");
	v = stored(&s);
	assert_int_equal(settings_restore(v, &again, NULL), 0);
	assert_int_equal(again.seed_policy, SEED_OF_NETWORK);
	json_decref(v);
	v = settings_digested(&again);
	assert_string_equal(
		json_string_value(json_object_get(v, "seed_policy")),
		"network");
	json_decref(v);
	json_decref(old);
}

/* -- known genomes -- */

#define GENOME(activation, number)                                           \
	"{\"num_channels\":1,\"px_h\":28,\"px_w\":28,\"num_classes\":10,"    \
	"\"nodes\":[{\"number\":0,\"kind\":\"input\"},{\"number\":1,"        \
	"\"kind\":\"output\",\"merge\":\"sum\"},{\"number\":" number ","     \
	"\"kind\":\"conv\",\"merge\":\"sum\",\"filters\":8,\"kernel\":3,"    \
	"\"stride\":1,\"normalization\":\"batch\",\"activation\":"           \
	"\"" activation "\",\"pooling\":\"max\",\"dropout\":0}],\"edges\":[" \
	"{\"number\":0,\"from\":0,\"to\":" number ",\"enabled\":true},"      \
	"{\"number\":48,\"from\":" number ",\"to\":1,\"enabled\":true}],"    \
	"\"training\":{\"optimizer\":\"sgd\",\"learning_rate\":0.01,"        \
	"\"batch_size\":64,\"dropout\":0.1}}"
#define SEEDS(list) "{\"seed_genomes\":[" list "]}"

static char *digested_text(const struct run_settings *s)
{
	json_t *v = settings_digested(s);
	char *text = canonical_text(v, NULL);

	json_decref(v);
	return text;
}

/* In whatever spelling they are asked for, and from the store. */
static void known_genomes_come_back_and_are_digested(void **state)
{
	struct run_settings s = created(SEEDS(GENOME("relu", "2"))), again;
	struct run_settings spelled = created(SEEDS(GENOME("ReLU", "2")));
	json_t *v = stored(&s);
	char *wanted = digested_text(&s), *one, *other;

	(void)state;
	assert_int_equal(settings_restore(v, &again, NULL), 0);
	json_decref(v);
	one = digested_text(&again);
	other = digested_text(&spelled);
	assert_non_null(strstr(wanted, "\"seed_genomes\":[{"));
	assert_string_equal(one, wanted);
	assert_string_equal(other, wanted);
	free(wanted);
	free(one);
	free(other);
	settings_release(&s);
	settings_release(&again);
	settings_release(&spelled);
}

static void the_classes_names_come_back_and_are_digested(void **state)
{
	struct run_settings s = created("{}"), again;
	char *before = digested_text(&s), *text;
	json_t *v;

	(void)state;
	assert_null(strstr(before, "class_names"));
	free(before);
	s.class_names = json_pack("[s, s]", "cat", "dog");
	v = stored(&s);
	assert_int_equal(settings_restore(v, &again, NULL), 0);
	json_decref(v);
	assert_true(json_equal(again.class_names, s.class_names));
	text = digested_text(&again);
	assert_non_null(strstr(text, "\"class_names\":[\"cat\",\"dog\"]"));
	free(text);
	settings_release(&s);
	settings_release(&again);
}

#define FORK "\"fork\":{\"run\":\"6ba7b810-9dad-41d1-80b4-00c04fd430c8\"}"

/* Known genomes are a fork's own; where they are from is a label. */
static void a_fork_comes_back_and_is_not_digested(void **state)
{
	struct run_settings s = created("{" FORK "}"), again;
	struct run_settings plain = created("{}");
	json_t *v;
	char *one, *other;

	(void)state;
	assert_false(s.fork.has_generation);
	s.fork.has_generation = 1;
	s.fork.generation = 3;
	s.seeds = json_loads("[" GENOME("relu", "2") "]", 0, NULL);
	plain.seeds = json_incref(s.seeds);
	v = stored(&s);
	assert_int_equal(settings_restore(v, &again, NULL), 0);
	json_decref(v);
	assert_true(again.has_fork && again.fork.has_generation);
	assert_int_equal(again.fork.generation, 3);
	assert_string_equal(again.fork.run, s.fork.run);
	one = digested_text(&again);
	other = digested_text(&plain);
	assert_string_equal(one, other);
	free(one);
	free(other);
	settings_release(&s);
	settings_release(&again);
	settings_release(&plain);
}

static void a_fork_with_known_genomes_of_its_own_is_refused(void **state)
{
	json_t *v = json_loads("{" FORK
			       ",\"seed_genomes\":[" GENOME("relu", "2") "]}",
		0, NULL);
	struct run_settings s;
	struct err e = {0};

	(void)state;
	assert_int_equal(settings_read(v, &s, &e), ERR_INVALID);
	assert_string_equal(e.where, "/seed_genomes");
	json_decref(v);
}

static void no_known_genomes_are_not_written(void **state)
{
	struct run_settings s = created("{\"seed_genomes\":[]}");
	json_t *v = settings_write(&s);

	(void)state;
	assert_null(s.seeds);
	assert_null(json_object_get(v, "seed_genomes"));
	json_decref(v);
}

static void assert_seeds(
	const char *body, struct data_shape data, const char *where)
{
	struct run_settings s = created(body);
	struct err e = {0};

	s.data = data;
	if (settings_check_seeds(&s, &e) != (where ? ERR_RANGE : 0))
		fail_msg("%s", body);
	if (where)
		assert_string_equal(e.where, where);
	settings_release(&s);
}

static void known_genomes_that_do_not_fit_are_refused(void **state)
{
	const struct data_shape mnist = {1, 28, 28, 10},
				cifar = {3, 32, 32, 10};
	const char *one = SEEDS(GENOME("relu", "2"));

	(void)state;
	assert_seeds("{}", mnist, NULL);
	assert_seeds(one, mnist, NULL);
	assert_seeds(one, cifar, "/seed_genomes/0");
	assert_seeds("{\"max_parameters\":100,\"seed_genomes\":[" GENOME(
			     "relu", "2") "]}",
		mnist, "/seed_genomes/0");
	assert_seeds("{\"algorithm\":\"truncation\",\"seed_genomes\":[" GENOME(
			     "relu", "2") "]}",
		mnist, "/seed_genomes/0");
	assert_seeds("{\"population\":2,\"seed_genomes\":[" GENOME(
			     "relu", "2") "," GENOME("relu",
			     "3") "," GENOME("selu", "2") "]}",
		mnist, "/seed_genomes");
}

/* The data set is on its way, and with it what the budget is planned by. */
static void settings_without_their_data_come_back_open(void **state)
{
	static const char *const said[] = {
		"dataset_hash", "num_channels", "px_h", "px_w", "num_classes"};
	struct run_settings s = created("{\"budget_pflop\":1,"
					"\"rungs\":2}"),
			    again;
	json_t *v;

	(void)state;
	s.dataset_hash[0] = '\0';
	s.data = (struct data_shape){.channels = 0};
	assert_true(settings_data_open(&s));
	v = stored(&s);
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		assert_null(json_object_get(v, said[i]));
	assert_int_equal(settings_restore(v, &again, NULL), 0);
	assert_true(settings_data_open(&again));
	assert_int_equal(again.open,
		OPEN_POPULATION | OPEN_GENERATIONS | OPEN_TRAIN_LIMIT |
			OPEN_FINALISTS | OPEN_FINAL_EPOCHS | OPEN_SEARCH_SHARE |
			OPEN_RANK_BY | OPEN_FINAL_RATE_LIMIT);
	/* All that it says, or nothing. */
	json_object_set_new(v, "px_h", json_integer(28));
	assert_int_equal(settings_restore(v, &again, NULL), ERR_INVALID);
	json_object_del(v, "px_h");
	json_object_set_new(v, "unplanned", json_pack("[s]", "seed"));
	assert_int_equal(settings_restore(v, &again, NULL), ERR_INVALID);
	json_object_set_new(
		v, "unplanned", json_pack("[s,s]", "rungs", "rungs"));
	assert_int_equal(settings_restore(v, &again, NULL), ERR_INVALID);
	json_decref(v);
}

/* Without a budget there is no plan: defaults are what they are. */
static void only_a_budget_leaves_settings_open(void **state)
{
	struct run_settings s = created("{\"generations\":3}");
	json_t *v = stored(&s);

	(void)state;
	assert_int_equal(s.open, 0);
	assert_null(json_object_get(v, "unplanned"));
	json_decref(v);
}

static void damaged_settings_are_refused(void **state)
{
	static const struct {
		const char *key, *value; /* NULL: the key is lost */
	} damages[] = {{"population", "1"}, {"population", NULL},
		{"seed", NULL}, {"seed", "-1"}, {"kernels", "\"\""},
		{"dataset_hash", "\"abc\""}, {"dataset_hash", NULL},
		{"dataset_hash", "\"C0FFEE00c0ffee00c0ffee00c0ffee00"
				 "c0ffee00c0ffee00c0ffee00c0ffee00\""},
		{"num_classes", "0"}, {"px_h", NULL}, {"more", "1"},
		{"schedule", "\"linear\""}, {"augment", "{\"crop\":17}"},
		{"algorithm", "\"neat\""}, {"mutation_rate", NULL}};
	struct run_settings s = created(TRUNCATION), out;

	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		json_t *v = stored(&s), *value = NULL;

		if (damages[i].value)
			value = json_loads(
				damages[i].value, JSON_DECODE_ANY, NULL);
		if (value)
			json_object_set_new(v, damages[i].key, value);
		else
			json_object_del(v, damages[i].key);
		if (settings_restore(v, &out, NULL) != ERR_INVALID)
			fail_msg("damage %d was not seen", (int)i);
		json_decref(v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_settings_come_back_whole),
		cmocka_unit_test(
			settings_stored_before_recipes_come_back_plain),
		cmocka_unit_test(
			a_label_is_not_in_the_digest_and_the_datas_hash_is),
		cmocka_unit_test(the_digested_text_is_what_it_was),
		cmocka_unit_test(
			a_run_from_before_a_setting_means_what_was_done_before),
		cmocka_unit_test(
			a_later_setting_enters_the_digest_only_where_it_differs),
		cmocka_unit_test(
			whose_seed_it_is_is_digested_where_it_is_not_the_genomes),
		cmocka_unit_test(
			a_constant_from_before_means_what_was_done_before),
		cmocka_unit_test(
			a_later_constant_is_digested_only_where_it_differs),
		cmocka_unit_test(known_genomes_come_back_and_are_digested),
		cmocka_unit_test(the_classes_names_come_back_and_are_digested),
		cmocka_unit_test(a_fork_comes_back_and_is_not_digested),
		cmocka_unit_test(
			a_fork_with_known_genomes_of_its_own_is_refused),
		cmocka_unit_test(no_known_genomes_are_not_written),
		cmocka_unit_test(known_genomes_that_do_not_fit_are_refused),
		cmocka_unit_test(settings_without_their_data_come_back_open),
		cmocka_unit_test(only_a_budget_leaves_settings_open),
		cmocka_unit_test(damaged_settings_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
