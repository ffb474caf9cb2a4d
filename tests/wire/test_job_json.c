/* test_job_json.c -- jobs and results cross the wire whole, and nothing else
 * gets in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/doc.h"
#include "base/rng.h"
#include "neat/chain.h"
#include "wire/job_json.h"
#include "wire/recipe_json.h"

#define RUN "0f8fad5b-d9cb-469f-a165-70867728950e"
#define HASH "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"

/* -- ids -- */

static void id_comes_back_in_its_parts(void **state)
{
	struct job_id id = {.run = RUN,
			      .generation = 12,
			      .genome = INT64_C(9007199254740991),
			      .rung = 3,
			      .fold = 2147483647},
		      again;
	char text[JOB_ID_MAX];

	(void)state;
	job_id_write(&id, text);
	assert_string_equal(text, RUN "/12/9007199254740991/3/2147483647");
	assert_int_equal(job_id_read(text, &again, NULL), 0);
	assert_string_equal(again.run, RUN);
	assert_false(again.final);
	assert_int_equal(again.generation, 12);
	assert_int_equal(again.genome, INT64_C(9007199254740991));
	assert_int_equal(again.rung, 3);
	assert_int_equal(again.fold, 2147483647);
}

static void final_id_says_so_in_place_of_the_generation(void **state)
{
	struct job_id id = {.run = RUN, .final = 1, .genome = 5}, again;
	char text[JOB_ID_MAX];

	(void)state;
	job_id_write(&id, text);
	assert_string_equal(text, RUN "/final/5/0/0");
	assert_int_equal(job_id_read(text, &again, NULL), 0);
	assert_true(again.final);
	assert_int_equal(again.genome, 5);
	assert_int_equal(again.generation, 0);
}

static void id_has_one_spelling(void **state)
{
	static const char *const bad[] = {"", "/", RUN, RUN "/", RUN "/1/2/3",
		RUN "/1/2/3/", RUN "/1/2/3/4/", RUN "/1/2/3/4/5",
		RUN "/1/2/3/4 ", RUN "/01/2/3/4", RUN "/1/+2/3/4",
		RUN "/1/ 2/3/4", RUN "/-1/2/3/4", RUN "/-0/2/3/4",
		RUN "/1/0x2/3/4", RUN "/1//3/4", RUN "//1/2/3/4",
		RUN "/1/2/3/2147483648", RUN "/9007199254740992/2/3/4",
		RUN "/1/99999999999999999999/3/4", RUN "/final/1/1/0",
		RUN "/final/1/0/1", RUN "/final/1/0", RUN "/Final/1/0/0",
		RUN "/finale/1/0/0",
		"0F8FAD5B-d9cb-469f-a165-70867728950e/1/2/3/4",
		"0f8fad5b/1/2/3/4", "../../../../../../../../etc/passwd"};
	struct job_id out = {.genome = 77};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = {0};

		if (job_id_read(bad[i], &out, &e) != ERR_INVALID)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_true(e.text[0]);
	}
	assert_int_equal(out.genome, 77);
}

/* -- documents, changed in one place -- */

static char *text_of(json_t *v)
{
	char *text = canonical_text(v, NULL);

	assert_non_null(text);
	json_decref(v);
	return text;
}

/* Puts `value` (JSON; NULL: nothing) at a path "a/b" of objects. */
static void put(json_t *v, const char *path, const char *value)
{
	const char *slash = strchr(path, '/');
	char key[32] = "";
	json_t *new;

	if (slash) {
		memcpy(key, path, (size_t)(slash - path));
		put(json_object_get(v, key), slash + 1, value);
		return;
	}
	if (!value) {
		assert_int_equal(json_object_del(v, path), 0);
		return;
	}
	new = json_loads(value, JSON_DECODE_ANY, NULL);
	assert_int_equal(json_object_set_new(v, path, new), 0);
}

struct change {
	const char *path, *value;
	int code; /* that reading gives */
};

/* -- jobs -- */

static struct job_doc some_job(void)
{
	return (struct job_doc){.id = RUN "/1/2/0/0",
		.genome.flat = {.data = {1, 28, 28, 10},
			.n_conv = 2,
			.n_dense = 1,
			.filters = {64, 32},
			.kernels = {3, 5},
			.nodes = {128},
			.n_activations = 1,
			.activations = {ACT_TANH},
			.dropout = 0.28,
			.learning_rate = 0.001,
			.batch_size = 32,
			.optimizer = OPT_ADAMW},
		.dataset = "fashion-mnist",
		.dataset_hash = HASH,
		.epochs = 2,
		.train_limit = 500,
		.max_job_mb = 256,
		.seed = INT64_C(9007199254740991),
		.validation_fraction = 0.1,
		.kernels = "avx2-2"};
}

static struct arena mem;

static int start(void **state)
{
	(void)state;
	arena_init(&mem, (size_t)16 << 20);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

static void job_comes_back_whole(void **state)
{
	struct job_doc j = some_job(), again;
	struct err e = {0};
	char *text, *more;
	json_t *v;

	(void)state;
	text = text_of(job_write(&j));
	v = doc_parse(text, strlen(text), NULL);
	if (job_read(&mem, v, &again, &e))
		fail_msg("%s", e.text);
	assert_true(genome_doc_equal(&again.genome, &j.genome));
	assert_int_equal(again.seed, j.seed);
	assert_int_equal(again.train_limit, 500);
	more = text_of(job_write(&again));
	assert_string_equal(text, more);
	free(text);
	free(more);
	json_decref(v);
}

/* The version tells an evolutioner that knows flat genomes alone. */
static void a_job_of_layers_comes_back_whole(void **state)
{
	struct job_doc j = some_job(), again;
	struct err e = {0};
	struct rng r;
	json_t *v;

	(void)state;
	rng_stream(&r, 1, 2, 3);
	j.genome = genome_doc_layers(
		chain_minimal(&mem, 64, &r), &j.genome.flat.data);
	v = job_write(&j);
	assert_int_equal(json_integer_value(json_object_get(v, "version")), 2);
	if (job_read(&mem, v, &again, &e))
		fail_msg("%s", e.text);
	assert_true(genome_doc_equal(&again.genome, &j.genome));
	json_object_set_new(v, "version", json_integer(1));
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	assert_string_equal(e.where, "/version");
	json_decref(v);
}

static const char *const recipe_keys[] = {RECIPE_KEYS};

/* As a broker from before there were recipes writes it. */
static void a_job_without_a_recipe_has_the_plain_one(void **state)
{
	struct job_doc j = some_job(), again;
	json_t *v = job_write(&j), *s = json_object_get(v, "settings");

	(void)state;
	assert_int_equal(json_object_size(s), 9);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(json_object_del(s, recipe_keys[i]), 0);
	assert_int_equal(job_read(&mem, v, &again, NULL), 0);
	assert_memory_equal(&again.recipe, &j.recipe, sizeof j.recipe);
	assert_memory_equal(&again.augment, &j.augment, sizeof j.augment);
	json_decref(v);
}

static void a_jobs_recipe_comes_back_whole(void **state)
{
	struct job_doc j = some_job(), again;
	char *text, *more;
	json_t *v;

	(void)state;
	j.recipe = (struct recipe){SCHEDULE_ONE_CYCLE, 1, 0.0, 0.1, 2.5};
	j.augment = (struct augment){2, 1, 0.25};
	text = text_of(job_write(&j));
	v = doc_parse(text, strlen(text), NULL);
	assert_int_equal(job_read(&mem, v, &again, NULL), 0);
	assert_int_equal(again.recipe.schedule, SCHEDULE_ONE_CYCLE);
	assert_true(again.recipe.own_decay && again.recipe.weight_decay == 0);
	assert_true(again.recipe.label_smoothing == 0.1);
	assert_true(again.recipe.clip_norm == 2.5);
	assert_int_equal(again.augment.crop, 2);
	assert_int_equal(again.augment.flip, 1);
	assert_true(again.augment.erase == 0.25);
	more = text_of(job_write(&again));
	assert_string_equal(text, more);
	free(text);
	free(more);
	json_decref(v);
}

static void bad_jobs_are_refused(void **state)
{
	static const struct change bad[] = {
		{"version", "2", ERR_INVALID}, /* of a flat genome */
		{"version", "3", ERR_RANGE},
		{"version", NULL, ERR_INVALID},
		{"id", "\"" RUN "/1/2/0\"", ERR_INVALID},
		{"id", "\"" RUN "/final/2/0/0\"", ERR_INVALID}, /* kind */
		{"kind", "\"final\"", ERR_INVALID},
		{"kind", "\"\"", ERR_RANGE},
		{"genome", NULL, ERR_INVALID},
		{"genome", "7", ERR_INVALID},
		{"genome/filters", "[0]", ERR_RANGE},
		{"genome/px_h", NULL, ERR_INVALID},
		{"dataset", "\"mnist\"", ERR_INVALID},
		{"dataset/name", "\"\"", ERR_RANGE},
		{"dataset/name", "\"a\\nb\"", ERR_INVALID},
		{"dataset/hash", "\"00\"", ERR_RANGE},
		{"dataset/hash",
			"\"C"
			"0ffee00c0ffee00c0ffee00c0ffee00"
			"c0ffee00c0ffee00c0ffee00c0ffee00\"",
			ERR_INVALID},
		{"dataset/url", "\"x\"", ERR_INVALID},
		{"settings/epochs", "0", ERR_RANGE},
		{"settings/epochs", "1001", ERR_RANGE},
		{"settings/epochs", NULL, ERR_INVALID},
		{"settings/train_limit", "-1", ERR_RANGE},
		{"settings/validation_fraction", "0.51", ERR_RANGE},
		{"settings/max_job_mb", "8", ERR_RANGE},
		{"settings/more", "1", ERR_INVALID},
		{"settings/schedule", "\"step\"", ERR_RANGE},
		{"settings/clip_norm", "-1", ERR_RANGE},
		{"settings/augment", "{\"mixup\":1}", ERR_INVALID},
		{"kernels", "\"\"", ERR_RANGE},
		{"kernels", "\"a-name-that-is-too-long\"", ERR_RANGE},
		{"seed", "-1", ERR_RANGE},
		{"seed", "9007199254740992", ERR_RANGE},
		{"seed", "1.5", ERR_INVALID},
		{"more", "1", ERR_INVALID},
	};
	struct job_doc j = some_job(), out = {.seed = 77};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		json_t *v = job_write(&j);
		struct err e = {0};

		put(v, bad[i].path, bad[i].value);
		if (job_read(&mem, v, &out, &e) != bad[i].code)
			fail_msg("%s %s: %d %s", bad[i].path, bad[i].value,
				e.code, e.text);
		assert_true(e.text[0]);
		json_decref(v);
	}
	assert_int_equal(out.seed, 77);
}

/* -- results -- */

static struct job_result some_result(void)
{
	return (struct job_result){.id = RUN "/final/2/0/0",
		.correct = 913,
		.total = 997,
		.images = 10000,
		.parameters = 54321,
		.flops = 123456789012,
		.peak_bytes = 1 << 28,
		.cpu_s = 12.5,
		.weights = HASH};
}

static json_t *result_doc(const struct job_result *r)
{
	return result_write(r, strstr(r->id, "final") != NULL,
		json_pack("[{s:f, s:f, s:f}]", "loss", 0.5, "train_accuracy",
			0.8, "val_accuracy", 0.79),
		"avx2-2", 4096);
}

static void result_comes_back_whole(void **state)
{
	struct job_result r = some_result(), again;
	struct err e = {0};
	char *text, *more;
	json_t *v;

	(void)state;
	text = text_of(result_doc(&r));
	v = doc_parse(text, strlen(text), NULL);
	if (result_read(v, &again, &e))
		fail_msg("%s", e.text);
	assert_int_equal(again.failure, FAILURE_NONE);
	assert_int_equal(again.correct, 913);
	assert_int_equal(again.total, 997);
	assert_int_equal(again.parameters, 54321);
	assert_string_equal(again.weights, HASH);
	more = text_of(result_doc(&again));
	assert_string_equal(text, more);
	assert_true(
		json_real_value(json_object_get(v, "fitness")) == 913.0 / 997);
	free(text);
	free(more);
	json_decref(v);
}

static void failure_comes_back_with_whose_it_is(void **state)
{
	struct job_result
		r = {.id = RUN "/1/2/0/0",
			.failure = FAILURE_GENOME,
			.code = "memory",
			.reason = "It needs 3000 MB and may have 1024."},
		again;
	json_t *v;

	(void)state;
	for (int i = 0; i < 2; i++) {
		v = result_write(&r, 0, NULL, "avx2-2", 0);
		assert_int_equal(result_read(v, &again, NULL), 0);
		assert_int_equal(again.failure, r.failure);
		assert_string_equal(again.code, "memory");
		assert_string_equal(again.reason, r.reason);
		json_decref(v);
		r.failure = FAILURE_CRASH;
	}
}

static void failed_job_need_not_know_its_work(void **state)
{
	static const char *const counts[] = {
		"images", "parameters", "flops", "peak_bytes", "cpu_s"};
	struct job_result r = {.id = RUN "/1/2/0/0",
				  .failure = FAILURE_CRASH,
				  .code = "crash"},
			  again;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct job_result good = some_result();
		json_t *v = result_write(&r, 0, NULL, "avx2-2", 0);

		put(v, counts[i], NULL);
		assert_int_equal(result_read(v, &again, NULL), 0);
		json_decref(v);
		v = result_doc(&good);
		put(v, counts[i], NULL);
		assert_int_equal(result_read(v, &again, NULL), ERR_INVALID);
		json_decref(v);
	}
}

static void result_may_hold_more_than_we_know(void **state)
{
	struct job_result r = some_result(), again;
	json_t *v = result_doc(&r);

	(void)state;
	put(v, "watts", "12");
	assert_int_equal(result_read(v, &again, NULL), 0);
	json_decref(v);
}

static void reason_becomes_one_printable_sentence(void **state)
{
	struct job_result r = {.id = RUN "/1/2/0/0",
				  .failure = FAILURE_CRASH,
				  .code = "crash",
				  .reason = "a\nb\x1b[0m \xc3\xa9 cut \xc3"},
			  again;
	json_t *v = result_write(&r, 0, NULL, "avx2-2", 0);

	(void)state;
	assert_non_null(v);
	assert_int_equal(result_read(v, &again, NULL), 0);
	assert_string_equal(again.reason, "a b [0m \xc3\xa9 cut ");
	json_decref(v);
}

static void bad_results_are_refused(void **state)
{
	static const struct change bad[] = {
		{"version", "0", ERR_RANGE},
		{"id", "\"x\"", ERR_INVALID},
		{"kind", "\"fitness\"", ERR_INVALID},
		{"fitness", "1.5", ERR_RANGE},
		{"fitness", "-0.1", ERR_RANGE},
		{"fitness", "0.9", ERR_INVALID}, /* not correct / total */
		{"fitness", NULL, ERR_INVALID},
		{"correct", "998", ERR_RANGE},
		{"correct", "-1", ERR_RANGE},
		{"correct", "912", ERR_INVALID},
		{"total", "0", ERR_RANGE},
		{"total", NULL, ERR_INVALID},
		{"images", "-1", ERR_RANGE},
		{"flops", "9007199254740992", ERR_RANGE},
		{"parameters", "\"many\"", ERR_INVALID},
		{"peak_bytes", "1.5", ERR_INVALID},
		{"cpu_s", "-1", ERR_RANGE},
		{"cpu_s", "1e13", ERR_RANGE},
		{"kernels", "7", ERR_INVALID},
		{"nevod_version", NULL, ERR_INVALID},
		{"epochs", "{}", ERR_INVALID},
		{"epochs", "[7]", ERR_INVALID},
		{"epochs", "[{\"loss\":1,\"train_accuracy\":2}]", ERR_RANGE},
		{"weights", "null", ERR_INVALID},
		{"weights", "\"" HASH "\"", ERR_INVALID},
		{"weights/sha256", "\"../../etc/passwd\"", ERR_RANGE},
		{"weights/bytes", "0", ERR_RANGE},
		{"failure", "\"memory\"", ERR_INVALID},
		{"failure", "{}", ERR_INVALID},
		{"failure",
			"{\"whose\":\"world\",\"code\":\"x\",\"reason\":\"\"}",
			ERR_INVALID},
		{"failure",
			"{\"whose\":\"genome\",\"code\":\"\",\"reason\":\"\"}",
			ERR_RANGE},
		{"failure",
			"{\"whose\":\"genome\",\"code\":\"A B\","
			"\"reason\":\"\"}",
			ERR_INVALID},
		{"failure", /* and a fitness */
			"{\"whose\":\"genome\",\"code\":\"memory\","
			"\"reason\":\"\"}",
			ERR_INVALID},
	};
	struct job_result r = some_result(), out = {.total = 77};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		json_t *v = result_doc(&r);
		struct err e = {0};

		put(v, bad[i].path, bad[i].value);
		if (result_read(v, &out, &e) != bad[i].code)
			fail_msg("%s %s: %d %s", bad[i].path, bad[i].value,
				e.code, e.text);
		assert_true(e.text[0]);
		json_decref(v);
	}
	assert_int_equal(out.total, 77);
}

static void only_final_jobs_have_weights(void **state)
{
	struct job_result r = some_result(), out;
	json_t *v;

	(void)state;
	strcpy(r.id, RUN "/1/2/0/0");
	v = result_doc(&r);
	assert_int_equal(result_read(v, &out, NULL), ERR_INVALID);
	put(v, "weights", "null");
	assert_int_equal(result_read(v, &out, NULL), 0);
	assert_string_equal(out.weights, "");
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_comes_back_in_its_parts),
		cmocka_unit_test(final_id_says_so_in_place_of_the_generation),
		cmocka_unit_test(id_has_one_spelling),
		cmocka_unit_test(job_comes_back_whole),
		cmocka_unit_test(a_job_of_layers_comes_back_whole),
		cmocka_unit_test(a_job_without_a_recipe_has_the_plain_one),
		cmocka_unit_test(a_jobs_recipe_comes_back_whole),
		cmocka_unit_test(bad_jobs_are_refused),
		cmocka_unit_test(result_comes_back_whole),
		cmocka_unit_test(failure_comes_back_with_whose_it_is),
		cmocka_unit_test(failed_job_need_not_know_its_work),
		cmocka_unit_test(result_may_hold_more_than_we_know),
		cmocka_unit_test(reason_becomes_one_printable_sentence),
		cmocka_unit_test(bad_results_are_refused),
		cmocka_unit_test(only_final_jobs_have_weights),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
