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

#define RUN "0f8fad5b-d9cb-469f-a165-70867728950e"
#define HASH "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"

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

/* A job whose genome, of one form or the other, lives in `mem`. */
static struct job_doc some_job(void)
{
	static const struct flat genome = {.data = {1, 28, 28, 10},
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
		.optimizer = OPT_ADAMW};

	return (struct job_doc){.id = RUN "/1/2/0/0",
		.genome = {.graph = chain_from_flat(&mem, &genome),
			.data = genome.data,
			.form = GENOME_FLAT},
		.dataset = {"fashion-mnist", HASH},
		.training = {.epochs = 2,
			.train_limit = 500,
			.validation_fraction = 0.1,
			.max_job_mb = 256},
		.kernels = "avx2-2",
		.seed = INT64_C(9007199254740991)};
}

static struct job_doc some_job_of_layers(void)
{
	struct job_doc j = some_job();
	struct rng r;

	rng_stream(&r, 1, 2, 3);
	j.genome.graph = chain_minimal(&mem, 64, space_default(), &r);
	j.genome.form = GENOME_GRAPH;
	return j;
}

static void assert_same_genome(
	const struct genome_doc *a, const struct genome_doc *b)
{
	assert_int_equal(a->form, b->form);
	assert_true(data_shape_equal(&a->data, &b->data));
	assert_true(genome_equal(a->graph, b->graph));
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
	assert_same_genome(&again.genome, &j.genome);
	assert_int_equal(again.seed, j.seed);
	assert_int_equal(again.training.train_limit, 500);
	assert_string_equal(again.dataset.hash, HASH);
	more = text_of(job_write(&again));
	assert_string_equal(text, more);
	free(text);
	free(more);
	json_decref(v);
}

/* The version tells an evolutioner that knows flat genomes alone. */
static void a_job_of_layers_comes_back_whole(void **state)
{
	struct job_doc j = some_job_of_layers(), again;
	struct err e = {0};
	json_t *v = job_write(&j);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(v, "version")), 2);
	if (job_read(&mem, v, &again, &e))
		fail_msg("%s", e.text);
	assert_same_genome(&again.genome, &j.genome);
	json_object_set_new(v, "version", json_integer(1));
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	assert_string_equal(e.where, "/version");
	json_decref(v);
}

static void assert_same_training(
	const struct training *a, const struct training *b)
{
	assert_int_equal(a->epochs, b->epochs);
	assert_int_equal(a->recipe.schedule, b->recipe.schedule);
	assert_int_equal(a->recipe.own_decay, b->recipe.own_decay);
	assert_true(a->recipe.weight_decay == b->recipe.weight_decay);
	assert_true(a->recipe.label_smoothing == b->recipe.label_smoothing);
	assert_true(a->recipe.clip_norm == b->recipe.clip_norm);
	assert_int_equal(a->recipe.spare_biases, b->recipe.spare_biases);
	assert_true(a->recipe.ema == b->recipe.ema);
	assert_int_equal(a->recipe.flip_test, b->recipe.flip_test);
	assert_int_equal(a->augment.crop, b->augment.crop);
	assert_int_equal(a->augment.flip, b->augment.flip);
	assert_true(a->augment.erase == b->augment.erase);
}

/* As a broker from before there were recipes writes it; a member that is null
 * means the same. */
static void a_job_without_a_recipe_has_the_plain_one(void **state)
{
	static const char *const keys[] = {"schedule", "weight_decay",
		"label_smoothing", "clip_norm", "augment"};

	(void)state;
	for (int null = 0; null <= 1; null++) {
		struct job_doc j = some_job(), again;
		json_t *v = job_write(&j), *s = json_object_get(v, "settings");

		assert_int_equal(json_object_size(s), 9);
		for (size_t i = 0; i < 5; i++)
			put(s, keys[i], null ? "null" : NULL);
		assert_int_equal(job_read(&mem, v, &again, NULL), 0);
		assert_same_training(&again.training, &j.training);
		json_decref(v);
	}
}

static void what_a_job_augments_not_is_left_as_it_is(void **state)
{
	struct job_doc j = some_job(), again;
	json_t *v = job_write(&j);

	(void)state;
	put(v, "settings/augment", "{\"crop\":2,\"flip\":null}");
	assert_int_equal(job_read(&mem, v, &again, NULL), 0);
	j.training.augment.crop = 2;
	assert_same_training(&again.training, &j.training);
	json_decref(v);
}

static void a_jobs_recipe_comes_back_whole(void **state)
{
	(void)state;
	for (int i = 0; i < SCHEDULE_COUNT; i++) {
		struct job_doc j = some_job(), again;
		char *text, *more;
		json_t *v;

		j.training.recipe = (struct recipe){
			.schedule = (enum schedule)i,
			.own_decay = i > 0,
			.weight_decay = i * 0.5,
			.label_smoothing = 0.1,
			.clip_norm = 2.5,
			.spare_biases = i > 1,
			.ema = 0.99,
			.flip_test = i & 1};
		j.training.augment = (struct augment){
			.crop = 16, .flip = i & 1, .erase = 0.25};
		text = text_of(job_write(&j));
		v = doc_parse(text, strlen(text), NULL);
		assert_int_equal(job_read(&mem, v, &again, NULL), 0);
		assert_same_training(&again.training, &j.training);
		more = text_of(job_write(&again));
		assert_string_equal(text, more);
		free(text);
		free(more);
		json_decref(v);
	}
}

/* An evolutioner that knows no averages would judge the last weights. */
static void what_came_later_has_a_version_that_says_so(void **state)
{
	struct job_doc j = some_job(), again;
	struct err e = {0};
	json_t *v;

	(void)state;
	j.training.recipe.ema = 0.99;
	v = job_write(&j);
	assert_int_equal(json_integer_value(json_object_get(v, "version")), 3);
	assert_int_equal(job_read(&mem, v, &again, &e), 0);
	assert_true(again.training.recipe.ema == 0.99);
	put(v, "version", "1");
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	assert_string_equal(e.where, "/version");
	json_decref(v);
}

static void mirrored_views_need_mirrored_training(void **state)
{
	struct job_doc j = some_job(), again;
	struct err e = {0};
	json_t *v = job_write(&j);

	(void)state;
	put(v, "version", "3");
	put(v, "settings/flip_test", "true");
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_RANGE);
	assert_string_equal(e.where, "/settings/flip_test");
	put(v, "settings/augment", "{\"flip\":true}");
	assert_int_equal(job_read(&mem, v, &again, &e), 0);
	json_decref(v);
}

/* One that is not must look as it did, for evolutioners that know no rungs. */
static void a_job_of_a_rung_is_of_version_3_and_any_other_as_before(
	void **state)
{
	struct job_doc j = some_job_of_layers(), again;
	json_t *v = job_write(&j);

	(void)state;
	assert_null(json_object_get(v, "ranked"));
	assert_null(json_object_get(v, "scale"));
	assert_int_equal(job_read(&mem, v, &again, NULL), 0);
	assert_int_equal(again.scale, 1);
	assert_false(again.ranked);
	json_decref(v);
	for (int scale = 1; scale <= 9; scale += 8) {
		j.ranked = 1;
		j.scale = scale;
		v = job_write(&j);
		assert_int_equal(
			json_integer_value(json_object_get(v, "version")), 3);
		assert_int_equal(job_read(&mem, v, &again, NULL), 0);
		assert_int_equal(again.scale, scale);
		assert_true(again.ranked);
		json_decref(v);
	}
}

static const struct change bad_jobs[] = {
	{"version", "2", ERR_INVALID}, /* of a flat genome */
	{"version", "999", ERR_RANGE},
	{"ranked", "1", ERR_INVALID},
	{"ranked", "true", ERR_INVALID}, /* of version 3 */
	{"scale", "0", ERR_RANGE},
	{"scale", "3", ERR_INVALID}, /* likewise */
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
	{"settings/schedule", "1", ERR_INVALID},
	{"settings/weight_decay", "-0.1", ERR_RANGE},
	{"settings/weight_decay", "\"0\"", ERR_INVALID},
	{"settings/label_smoothing", "0.51", ERR_RANGE},
	{"settings/clip_norm", "1000.5", ERR_RANGE},
	{"settings/augment", "[]", ERR_INVALID},
	{"settings/augment", "{\"crop\":1.5}", ERR_INVALID},
	{"settings/augment", "{\"crop\":17}", ERR_RANGE},
	{"settings/augment", "{\"flip\":1}", ERR_INVALID},
	{"settings/augment", "{\"erase\":1.1}", ERR_RANGE},
	{"seed", "1.5", ERR_INVALID},
	{"kind", "\"final\"", ERR_INVALID},
	{"more", "1", ERR_INVALID},
};

static void bad_jobs_are_refused(void **state)
{
	struct job_doc j = some_job(), out = {.seed = 77};

	(void)state;
	for (size_t i = 0; i < sizeof bad_jobs / sizeof *bad_jobs; i++) {
		json_t *v = job_write(&j);
		struct err e = {0};

		put(v, bad_jobs[i].path, bad_jobs[i].value);
		if (job_read(&mem, v, &out, &e) != bad_jobs[i].code)
			fail_msg("%s %s: %d %s", bad_jobs[i].path,
				bad_jobs[i].value, e.code, e.text);
		assert_true(e.text[0]);
		assert_int_equal(
			job_read(&mem, v, &out, NULL), bad_jobs[i].code);
		json_decref(v);
	}
	assert_int_equal(out.seed, 77);
}

/* -- results -- */

static struct job_result some_result(void)
{
	static const struct epoch epoch = {
		.loss = 0.5, .train_accuracy = 0.8, .val_accuracy = 0.79};

	return (struct job_result){.id = RUN "/final/2/0/0",
		.final = 1,
		.correct = 913,
		.total = 997,
		.images = 10000,
		.parameters = 54321,
		.flops = 123456789012,
		.peak_bytes = 1 << 28,
		.cpu_s = 12.5,
		.epochs = &epoch,
		.n_epochs = 1,
		.kernels = "avx2-2",
		.has_weights = 1,
		.weights = HASH,
		.weights_bytes = 4096};
}

static struct job_result some_crash(void)
{
	return (struct job_result){.id = RUN "/1/2/0/0",
		.failure = FAILURE_CRASH,
		.code = "crash",
		.kernels = "avx2-2"};
}

static void result_comes_back_whole(void **state)
{
	struct job_result r = some_result(), again;
	struct err e = {0};
	char *text, *more;
	json_t *v;

	(void)state;
	text = text_of(result_write(&r));
	v = doc_parse(text, strlen(text), NULL);
	if (result_read(&mem, v, &again, &e))
		fail_msg("%s", e.text);
	assert_int_equal(again.failure, FAILURE_NONE);
	assert_int_equal(again.correct, 913);
	assert_int_equal(again.total, 997);
	assert_int_equal(again.parameters, 54321);
	assert_int_equal(again.n_epochs, 1);
	assert_true(again.epochs[0].val_accuracy == 0.79);
	assert_string_equal(again.kernels, "avx2-2");
	assert_string_equal(again.weights, HASH);
	assert_int_equal(again.weights_bytes, 4096);
	more = text_of(result_write(&again));
	assert_string_equal(text, more);
	assert_true(
		json_real_value(json_object_get(v, "fitness")) == 913.0 / 997);
	free(text);
	free(more);
	json_decref(v);
}

static void failure_comes_back_with_whose_it_is(void **state)
{
	struct job_result r = some_crash(), again;
	json_t *v;

	(void)state;
	strcpy(r.code, "memory");
	strcpy(r.reason, "It needs 3000 MB and may have 1024.");
	for (int i = FAILURE_GENOME; i <= FAILURE_CRASH; i++) {
		r.failure = (enum failure_owner)i;
		v = result_write(&r);
		assert_int_equal(result_read(&mem, v, &again, NULL), 0);
		assert_int_equal(again.failure, r.failure);
		assert_string_equal(again.code, "memory");
		assert_string_equal(again.reason, r.reason);
		json_decref(v);
	}
}

static void failed_job_need_not_know_its_work(void **state)
{
	static const char *const counts[] = {"correct", "total", "images",
		"parameters", "flops", "peak_bytes", "cpu_s"};
	struct job_result crash = some_crash(), good = some_result(), again;

	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		json_t *v = result_write(&crash), *w = result_write(&good);
		struct err e = {0};

		put(v, counts[i], NULL);
		assert_int_equal(result_read(&mem, v, &again, NULL), 0);
		assert_int_equal(again.images, 0);
		put(w, counts[i], NULL);
		assert_int_equal(result_read(&mem, w, &again, &e), ERR_INVALID);
		assert_string_equal(e.where + 1, counts[i]);
		json_decref(v);
		json_decref(w);
	}
}

static void result_may_hold_more_than_we_know(void **state)
{
	struct job_result r = some_result(), again;
	json_t *v = result_write(&r);

	(void)state;
	put(v, "watts", "12");
	assert_int_equal(result_read(&mem, v, &again, NULL), 0);
	json_decref(v);
}

static void reason_becomes_one_printable_sentence(void **state)
{
	struct job_result r = some_crash(), again;
	json_t *v;

	(void)state;
	strcpy(r.reason, "a\nb\x1b[0m \xc3\xa9 cut \xc3");
	v = result_write(&r);
	assert_int_equal(result_read(&mem, v, &again, NULL), 0);
	assert_string_equal(again.reason, "a b [0m \xc3\xa9 cut ");
	json_decref(v);
}

static const struct change bad_results[] = {
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
	{"failure", "{\"whose\":\"crash\",\"code\":\"x\"}", ERR_INVALID},
	{"epochs", "[{\"loss\":1,\"train_accuracy\":2}]", ERR_RANGE},
	{"weights", "null", ERR_INVALID},
	{"weights", "\"" HASH "\"", ERR_INVALID},
	{"weights/sha256", "\"../../etc/passwd\"", ERR_RANGE},
	{"weights/bytes", "0", ERR_RANGE},
	{"failure", "\"memory\"", ERR_INVALID},
	{"failure", "{}", ERR_INVALID},
	{"failure", "{\"whose\":\"world\",\"code\":\"x\",\"reason\":\"\"}",
		ERR_RANGE},
	{"failure", "{\"whose\":\"genome\",\"code\":\"\",\"reason\":\"\"}",
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

static void bad_results_are_refused(void **state)
{
	struct job_result r = some_result(), out = {.total = 77};

	(void)state;
	for (size_t i = 0; i < sizeof bad_results / sizeof *bad_results; i++) {
		json_t *v = result_write(&r);
		struct err e = {0};

		put(v, bad_results[i].path, bad_results[i].value);
		if (result_read(&mem, v, &out, &e) != bad_results[i].code)
			fail_msg("%s %s: %d %s", bad_results[i].path,
				bad_results[i].value, e.code, e.text);
		assert_true(e.text[0]);
		json_decref(v);
	}
	assert_int_equal(out.total, 77);
}

static void a_newer_document_is_refused_by_its_version(void **state)
{
	struct job_doc j = some_job_of_layers(), job;
	struct job_result r = some_crash(), result;
	json_t *v = job_write(&j), *w = result_write(&r);
	struct err e = {0};

	(void)state;
	put(v, "version", "999");
	put(v, "settings/what_only_999_knows", "1");
	assert_int_equal(job_read(&mem, v, &job, &e), ERR_RANGE);
	assert_string_equal(e.where, "/version");
	assert_non_null(
		strstr(e.text, "this job is of version 999, and nevod "));
	assert_non_null(strstr(e.text, "reads versions up to "));
	put(w, "version", "2");
	assert_int_equal(result_read(&mem, w, &result, &e), ERR_RANGE);
	assert_non_null(strstr(e.text, "this result is of version 2"));
	json_decref(v);
	json_decref(w);
}

/* One without parents must look as it did, for evolutioners that know none. */
static void a_job_with_parents_is_of_version_4_and_comes_back_whole(
	void **state)
{
	struct job_doc j = some_job(), again;
	struct err e = {0};
	json_t *v = job_write(&j);

	(void)state;
	assert_null(json_object_get(v, "parents"));
	assert_null(json_object_get(v, "inherit_keep"));
	assert_null(json_object_get(v, "keep_weights"));
	json_decref(v);
	j.n_parents = 2;
	strcpy(j.parents[0], HASH);
	strcpy(j.parents[1], HASH);
	j.parents[1][0] = '0';
	j.inherit_keep = 0.75;
	j.keep_weights = 1;
	v = job_write(&j);
	assert_int_equal(json_integer_value(json_object_get(v, "version")), 4);
	assert_int_equal(job_read(&mem, v, &again, &e), 0);
	assert_int_equal(again.n_parents, 2);
	assert_string_equal(again.parents[0], HASH);
	assert_string_equal(again.parents[1], j.parents[1]);
	assert_true(again.inherit_keep == 0.75 && again.keep_weights);
	put(v, "parents", "[\"../../etc/passwd\"]");
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	put(v, "parents", "[]");
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	assert_string_equal(e.where, "/inherit_keep");
	json_decref(v);
	strcpy(j.id, RUN "/final/2/0/0");
	j.final = 1;
	v = job_write(&j);
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	assert_string_equal(e.where, "/parents");
	json_decref(v);
}

static void a_job_that_names_its_classes_is_of_version_6(void **state)
{
	struct job_doc j = some_job(), again;
	json_t *names = json_pack("[s, s]", "cat", "na\xc3\xafve"), *v;
	struct err e = {0};

	(void)state;
	j.class_names = names;
	v = job_write(&j); /* no weights, no names */
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	assert_string_equal(e.where, "/class_names");
	json_decref(v);
	j.keep_weights = 1;
	v = job_write(&j);
	assert_int_equal(json_integer_value(json_object_get(v, "version")), 6);
	assert_int_equal(job_read(&mem, v, &again, &e), 0);
	assert_true(json_equal(again.class_names, names));
	put(v, "class_names", "[\"a\", \"\\u009b31m\"]");
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "class name 1 must be"));
	put(v, "class_names", "[\"a\"]");
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_RANGE);
	put(v, "class_names", "{\"a\": \"b\"}");
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	json_decref(v);
	json_decref(names);
}

static void a_job_that_names_its_trace_is_of_version_8(void **state)
{
	static const char trace[] =
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	struct job_doc j = some_job(), again;
	json_t *plain = job_write(&j), *v;
	struct err e = {0};

	(void)state;
	assert_null(json_object_get(plain, "trace"));
	strcpy(j.trace, trace);
	v = job_write(&j);
	assert_int_equal(json_integer_value(json_object_get(v, "version")), 8);
	assert_int_equal(job_read(&mem, v, &again, &e), 0);
	assert_string_equal(again.trace, trace);
	put(v, "version", "7");
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	assert_string_equal(e.where, "/version");
	json_object_set_new(v, "trace", json_sprintf("%s0", trace));
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_RANGE);
	json_decref(v);
	/* Without it it is what it was. */
	j.trace[0] = '\0';
	v = job_write(&j);
	assert_true(json_equal(v, plain));
	json_decref(v);
	json_decref(plain);
}

static void a_job_of_a_fold_is_of_version_7_and_says_so_twice(void **state)
{
	struct job_doc j = some_job(), again;
	struct err e = {0};
	json_t *v;

	(void)state;
	j.fold = 2;
	j.folds = 5;
	v = job_write(&j); /* its id is of none */
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	assert_string_equal(e.where, "/fold");
	json_decref(v);
	strcpy(j.id, RUN "/0/2/0/2");
	v = job_write(&j);
	assert_int_equal(json_integer_value(json_object_get(v, "version")), 7);
	assert_int_equal(job_read(&mem, v, &again, &e), 0);
	assert_true(again.fold == 2 && again.folds == 5);
	put(v, "folds", "1");
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_INVALID);
	put(v, "folds", "11");
	assert_int_equal(job_read(&mem, v, &again, &e), ERR_RANGE);
	json_decref(v);
}

static void a_loss_comes_with_fitness_alone(void **state)
{
	struct job_result r = some_result(), out;
	json_t *v;

	(void)state;
	strcpy(r.id, RUN "/1/2/0/0");
	r.final = 0;
	r.has_weights = 0;
	v = result_write(&r);
	assert_null(json_object_get(v, "loss"));
	assert_int_equal(result_read(&mem, v, &out, NULL), 0);
	assert_false(out.has_loss);
	json_decref(v);
	r.has_loss = 1;
	r.loss = 0.25;
	v = result_write(&r);
	assert_int_equal(result_read(&mem, v, &out, NULL), 0);
	assert_true(out.has_loss && out.loss == 0.25);
	put(v, "loss", "-0.5");
	assert_int_equal(result_read(&mem, v, &out, NULL), ERR_RANGE);
	json_decref(v);
	r = some_crash();
	r.has_loss = 1;
	v = result_write(&r);
	assert_int_equal(result_read(&mem, v, &out, NULL), ERR_INVALID);
	json_decref(v);
}

static void whose_result_it_was_is_said_where_it_was_anothers(void **state)
{
	struct job_result r = some_crash(), out;
	json_t *v = result_write(&r);

	(void)state;
	assert_null(json_object_get(v, "cached_from"));
	assert_int_equal(result_read(&mem, v, &out, NULL), 0);
	assert_false(out.cached);
	json_decref(v);
	r.cached = 1; /* of genome 0 */
	v = result_write(&r);
	assert_true(json_is_integer(json_object_get(v, "cached_from")));
	assert_int_equal(result_read(&mem, v, &out, NULL), 0);
	assert_true(out.cached && out.cached_from == 0);
	put(v, "cached_from", "-1");
	assert_int_equal(result_read(&mem, v, &out, NULL), ERR_RANGE);
	json_decref(v);
}

static void a_fitness_job_may_bring_weights_and_a_failed_one_none(void **state)
{
	struct job_result r = some_result(), out;
	json_t *v;

	(void)state;
	strcpy(r.id, RUN "/1/2/0/0");
	r.final = 0;
	v = result_write(&r);
	assert_int_equal(result_read(&mem, v, &out, NULL), 0);
	assert_string_equal(out.weights, HASH);
	put(v, "fitness", "0");
	put(v, "failure",
		"{\"whose\":\"genome\",\"code\":\"x\",\"reason\":\"\"}");
	assert_int_equal(result_read(&mem, v, &out, NULL), ERR_INVALID);
	json_decref(v);
	v = result_write(&r);
	put(v, "weights", "null");
	assert_int_equal(result_read(&mem, v, &out, NULL), 0);
	assert_string_equal(out.weights, "");
	json_decref(v);
}

/* A program without them compares as one with them: the weights tell. */
static void mistakes_are_kept_where_there_are_any(void **state)
{
	static const struct mistake some[] = {{9999, 6, 0, 0.98}, {3, 1, 2, 1}};
	struct job_result r = some_result(), out;
	json_t *without = result_write(&r), *v;

	(void)state;
	assert_null(json_object_get(without, "mistakes"));
	assert_int_equal(result_read(&mem, without, &out, NULL), 0);
	assert_false(out.has_mistakes);
	r.has_mistakes = 1;
	r.mistakes = some;
	r.n_mistakes = 2;
	v = result_write(&r);
	assert_int_equal(result_read(&mem, v, &out, NULL), 0);
	assert_int_equal(out.version, 1);
	assert_int_equal(out.n_mistakes, 2);
	assert_int_equal(out.mistakes[0].image, 9999);
	assert_int_equal(out.mistakes[0].label, 6);
	assert_int_equal(out.mistakes[1].answer, 2);
	assert_true(out.mistakes[0].probability == 0.98);
	assert_true(result_same(v, without));
	put(v, "mistakes",
		"[{\"image\":-1,\"label\":0,\"answer\":1,"
		"\"probability\":1}]");
	assert_int_equal(result_read(&mem, v, &out, NULL), ERR_RANGE);
	put(v, "mistakes", "[{\"image\":1,\"label\":0}]");
	assert_int_equal(result_read(&mem, v, &out, NULL), ERR_INVALID);
	json_decref(v);
	json_decref(without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(job_comes_back_whole),
		cmocka_unit_test(a_job_of_layers_comes_back_whole),
		cmocka_unit_test(a_job_without_a_recipe_has_the_plain_one),
		cmocka_unit_test(what_a_job_augments_not_is_left_as_it_is),
		cmocka_unit_test(a_jobs_recipe_comes_back_whole),
		cmocka_unit_test(what_came_later_has_a_version_that_says_so),
		cmocka_unit_test(mirrored_views_need_mirrored_training),
		cmocka_unit_test(
			a_job_of_a_rung_is_of_version_3_and_any_other_as_before),
		cmocka_unit_test(
			a_job_with_parents_is_of_version_4_and_comes_back_whole),
		cmocka_unit_test(a_job_that_names_its_classes_is_of_version_6),
		cmocka_unit_test(
			a_job_of_a_fold_is_of_version_7_and_says_so_twice),
		cmocka_unit_test(a_job_that_names_its_trace_is_of_version_8),
		cmocka_unit_test(a_loss_comes_with_fitness_alone),
		cmocka_unit_test(mistakes_are_kept_where_there_are_any),
		cmocka_unit_test(
			whose_result_it_was_is_said_where_it_was_anothers),
		cmocka_unit_test(a_newer_document_is_refused_by_its_version),
		cmocka_unit_test(bad_jobs_are_refused),
		cmocka_unit_test(result_comes_back_whole),
		cmocka_unit_test(failure_comes_back_with_whose_it_is),
		cmocka_unit_test(failed_job_need_not_know_its_work),
		cmocka_unit_test(result_may_hold_more_than_we_know),
		cmocka_unit_test(reason_becomes_one_printable_sentence),
		cmocka_unit_test(bad_results_are_refused),
		cmocka_unit_test(
			a_fitness_job_may_bring_weights_and_a_failed_one_none),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
