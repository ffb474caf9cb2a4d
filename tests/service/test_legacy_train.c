/* test_legacy_train.c -- an existing client has a model trained: a job like any
 * other, whose score is saved before it is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "base/canonical.h"
#include "base/clock.h"
#include "broker_bench.h"
#include "idx_files.h"
#include "temp_folder.h"
#include "wire/flat_json.h"

#define POPULATION "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define WAIT_MS 20000

static char dataset[TEMP_FOLDER_BYTES];

static int make_dataset(void **state)
{
	(void)state;
	temp_folder_make(dataset);
	idx_files_dataset(dataset, 40, 10, 8, 4, 3);
	return 0;
}

static int remove_dataset(void **state)
{
	(void)state;
	temp_folder_remove(dataset);
	return 0;
}

static void put_model(struct store *s)
{
	struct store_population p = {.uuid = POPULATION, .dataset = dataset};
	struct flat g = {.data = {1, 8, 8, 4},
		.n_conv = 1,
		.filters = {8},
		.kernels = {3},
		.n_dense = 1,
		.nodes = {16},
		.n_activations = 1,
		.learning_rate = 0.01,
		.batch_size = 32};
	json_t *doc = flat_write(&g);
	char *text = canonical_text(doc, NULL);

	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_population_insert(s, &p, NULL), 0);
	assert_int_equal(
		store_model_insert(s, POPULATION,
			&(struct store_model){.id = 3, .genome = text}, NULL),
		0);
	assert_int_equal(store_commit(s, NULL), 0);
	free(text);
	json_decref(doc);
}

static int set_up(void **state)
{
	struct broker_bench *b;
	int rc = broker_bench_set_up(state);

	if (rc)
		return rc;
	b = *state;
	put_model(b->broker.store);
	return 0;
}

/* -- a client and its request -- */

struct client {
	struct broker_bench *bench;
	pthread_t thread;
	int status; /* wanted */
	json_t *answer;
};

static void *ask(void *arg)
{
	struct client *c = arg;
	json_t *body = json_pack("{s:s, s:s, s:i}", "uuid", POPULATION,
		"model_id", "3", "epochs", 2);

	c->answer = broker_bench_ask(
		c->bench, "POST", "/create_cnn_model", body, c->status);
	json_decref(body);
	return NULL;
}

static void begin(struct client *c, struct broker_bench *b, int status)
{
	*c = (struct client){.bench = b, .status = status};
	assert_int_equal(pthread_create(&c->thread, NULL, ask, c), 0);
}

static void end(struct client *c)
{
	pthread_join(c->thread, NULL);
	assert_non_null(c->answer);
}

/* The job that the request became: its id, and its body if wanted. */
static void await_job(
	struct broker_bench *b, char id[DISPATCH_ID_MAX], json_t **body)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	json_t *last;

	do {
		clock_sleep_ms(2);
		fake_dispatch_last(b->dispatch, id, &last);
		if (body && id[0])
			*body = last;
		else
			json_decref(last);
	} while (!id[0] && clock_mono_ms() < until_ms);
	assert_true(id[0]);
}

static void deliver(struct broker_bench *b, const char *id, struct job_result r)
{
	strcpy(r.id, id);
	strcpy(r.kernels, FAKE_KERNELS);
	fake_dispatch_deliver(b->dispatch, id, result_write(&r), NULL, 0);
}

static struct store_model model(struct broker_bench *b)
{
	struct store_model m;
	struct arena mem;

	arena_init(&mem, 1 << 20);
	assert_int_equal(
		store_model_get(b->broker.store, &mem, POPULATION, 3, &m, NULL),
		0);
	arena_release(&mem);
	return m;
}

/* -- the tests -- */

static void the_score_is_answered_and_saved(void **state)
{
	struct broker_bench *b = *state;
	char id[DISPATCH_ID_MAX];
	struct job_doc job;
	const json_t *told;
	struct client c;
	struct arena mem;
	json_t *body;

	begin(&c, b, 200);
	await_job(b, id, &body);
	arena_init(&mem, 1 << 20);
	assert_int_equal(job_read(&mem, body, &job, NULL), 0);
	assert_int_equal(job.training.epochs, 2);
	assert_memory_equal(&job.training.recipe, &(struct recipe){0},
		sizeof(struct recipe)); /* seeded requests score as ever */
	assert_memory_equal(&job.training.augment, &(struct augment){0},
		sizeof(struct augment));
	assert_string_equal(job.kernels, FAKE_KERNELS);
	assert_string_equal(job.dataset.name, dataset);
	arena_release(&mem);
	json_decref(body);
	assert_int_equal(fake_dispatch_cancelled(b->dispatch, id), 0);
	deliver(b, id,
		(struct job_result){.correct = 70, .total = 100, .images = 9});
	end(&c);
	told = json_object_get(json_object_get(c.answer, "message"), "message");
	assert_true(json_number_value(json_object_get(told, "score")) == 70.0);
	assert_true(model(b).scored && model(b).score == 70.0);
	assert_true(fake_dispatch_cancelled(b->dispatch, id) > 0);
	json_decref(c.answer);
}

static void a_genomes_own_failure_is_said(void **state)
{
	struct broker_bench *b = *state;
	char id[DISPATCH_ID_MAX];
	struct client c;

	begin(&c, b, 422);
	await_job(b, id, NULL);
	deliver(b, id,
		(struct job_result){.failure = FAILURE_GENOME,
			.code = "diverged",
			.reason = "The loss is not finite."});
	end(&c);
	assert_string_equal(
		json_string_value(json_object_get(c.answer, "error")),
		"The loss is not finite.");
	assert_false(model(b).scored);
	json_decref(c.answer);
}

static void three_crashes_are_the_genomes_failure(void **state)
{
	struct broker_bench *b = *state;
	char id[DISPATCH_ID_MAX];
	struct client c;

	begin(&c, b, 422);
	await_job(b, id, NULL);
	for (int i = 1; i <= 3; i++) {
		fake_dispatch_await_submitted(b->dispatch, id, i);
		deliver(b, id,
			(struct job_result){.failure = FAILURE_CRASH,
				.code = "signal",
				.reason = "It was ended by a signal"});
		fake_dispatch_await_done(b->dispatch, id, i);
	}
	end(&c);
	assert_string_equal(
		json_string_value(json_object_get(c.answer, "error")),
		"It was ended by a signal, 3 times");
	json_decref(c.answer);
}

static void there_is_no_hope_after_five_failures_of_the_world(void **state)
{
	struct broker_bench *b = *state;
	char id[DISPATCH_ID_MAX];
	struct client c;

	begin(&c, b, 503);
	await_job(b, id, NULL);
	fake_dispatch_fail(b->dispatch, 5, "no disk");
	end(&c);
	assert_string_equal(
		json_string_value(json_object_get(c.answer, "error")),
		"training failed 5 times: no disk");
	assert_true(fake_dispatch_cancelled(b->dispatch, id) > 0);
	json_decref(c.answer);
}

static void a_score_that_cannot_be_saved_is_no_answer(void **state)
{
	struct broker_bench *b = *state;
	char id[DISPATCH_ID_MAX];
	struct client c;

	broker_bench_sql(b, BROKER_BENCH_REFUSE("UPDATE", "model"));
	begin(&c, b, 422);
	await_job(b, id, NULL);
	deliver(b, id,
		(struct job_result){.correct = 70, .total = 100, .images = 9});
	end(&c);
	assert_false(model(b).scored);
	json_decref(c.answer);
}

static void wrong_requests_become_no_job(void **state)
{
	struct broker_bench *b = *state;
	char id[DISPATCH_ID_MAX];
	json_t *body, *last;

	static const struct {
		const char *uuid;
		int model, epochs, status;
	} wrong[] = {
		{POPULATION, 4, 1, 404},
		{"00000000-0000-4000-8000-000000000000", 3, 1, 404},
		{"../etc", 3, 1, 400},
		{POPULATION, -1, 1, 422},
		{POPULATION, 3, 0, 422},
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		body = json_pack("{s:s, s:i, s:i}", "uuid", wrong[i].uuid,
			"model_id", wrong[i].model, "epochs", wrong[i].epochs);
		json_decref(broker_bench_ask(
			b, "POST", "/create_cnn_model", body, wrong[i].status));
		json_decref(body);
	}
	fake_dispatch_last(b->dispatch, id, &last);
	assert_string_equal(id, "");
}

#define RULE(f) \
	cmocka_unit_test_setup_teardown(f, set_up, broker_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(the_score_is_answered_and_saved),
		RULE(a_genomes_own_failure_is_said),
		RULE(three_crashes_are_the_genomes_failure),
		RULE(there_is_no_hope_after_five_failures_of_the_world),
		RULE(a_score_that_cannot_be_saved_is_no_answer),
		RULE(wrong_requests_become_no_job),
	};

	return cmocka_run_group_tests(tests, make_dataset, remove_dataset);
}
