/* test_evolutioner.c -- the evolutioner over HTTP, with real training in real
 * children.  Called with "train-job" the test is its own child. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "http/client.h"
#include "nn/kernels/kernels.h"
#include "wire/flat_json.h"
#include "service/evolutioner/evolutioner_service.h"
#include "service/evolutioner/slots.h"
#include "service/service.h"
#include "chains.h"
#include "idx_files.h"
#include "temp_folder.h"

#define RUN "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define SIDE 8
#define CLASSES 4
#define WAIT_MS 60000
#define CACHE_BYTES 100000

static const struct log silent = {.service = "evolutioner", .level = LOG_ERROR};
static struct arena results; /* what is read of them */
static char folder[TEMP_FOLDER_BYTES], cache[TEMP_FOLDER_BYTES];
static char blobs[TEMP_FOLDER_BYTES];
static char hash[SHA256_HEX_BYTES], base_url[64];
static struct evolutioner service;
static struct http_server *server;
static struct slots *slots;

static int set_up(void **state)
{
	static char *argv[] = {"/proc/self/exe", "train-job", NULL};
	struct worker_push_options push = {
		.slots = 1,
		.memory_mb = 4096,
		.forget_ms = WORKER_PUSH_FORGET_MS,
		.keep_ms = WORKER_PUSH_KEEP_MS,
		.ended = evolutioner_job_ended,
		.ctx = &service,
	};
	struct slot_options options = {
		.argv = argv,
		.quiet_ms = SLOT_QUIET_MS,
		.idle_ms = SLOT_IDLE_MS,
		.prepare = evolutioner_prepare,
		.ctx = &service,
		.log = &silent,
	};
	struct http_options o = {
		.service = "evolutioner",
		.bind = "127.0.0.1",
		.ctx = &service,
		.log = &silent,
	};
	char path[DATASET_PATH_MAX];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	arena_init(&results, (size_t)1 << 20);
	http_client_init();
	temp_folder_make(folder);
	temp_folder_make(cache);
	idx_files_dataset(folder, 400, 100, SIDE, CLASSES, 3);
	service = (struct evolutioner){.log = &silent};
	service.datasets = dataset_table_new(cache);
	service.fetch = dataset_fetch_new(&(struct dataset_fetch_options){
		.cache_dir = cache, .log = &silent});
	temp_folder_make(blobs);
	service.blobs = blob_cache_open(blobs, CACHE_BYTES, NULL);
	options.blobs_dir = blobs;
	service.news = o.news = http_news_new();
	service.worker = options.worker = worker_push_new(&push);
	slots = slots_new(1, &options, NULL);
	if (!slots)
		return -1;
	o.routes = evolutioner_routes(&o.n_routes);
	server = http_server_new(&o, NULL);
	if (!server)
		return -1;
	snprintf(base_url, sizeof base_url, "http://127.0.0.1:%d",
		http_server_port(server));
	return dataset_table_get(service.datasets, folder, path, hash, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	http_server_free(server, 2000);
	slots_free(slots);
	worker_free(service.worker);
	http_news_free(service.news);
	dataset_fetch_free(service.fetch);
	dataset_table_free(service.datasets);
	blob_cache_close(service.blobs);
	temp_folder_remove(blobs);
	temp_folder_remove(folder);
	arena_release(&results);
	temp_folder_remove(cache);
	return 0;
}

/* -- documents -- */

static struct flat genome(void)
{
	return (struct flat){
		.data = {1, SIDE, SIDE, CLASSES},
		.n_conv = 1,
		.filters = {8},
		.kernels = {3},
		.n_dense = 1,
		.nodes = {16},
		.n_activations = 1,
		.activations = {ACT_RELU},
		.learning_rate = 0.01,
		.batch_size = 32,
		.optimizer = OPT_ADAM,
	};
}

static struct job_doc job_of(const char *id)
{
	const struct flat flat = genome();
	struct job_doc j = {
		.final = strstr(id, "/final/") != NULL,
		.genome = {chain_of(&flat), flat.data, GENOME_FLAT},
		.training = {.epochs = 2,
			.max_job_mb = 256,
			.validation_fraction = 0.25},
		.seed = 9,
	};
	const char *kernels;

	kernels_available(&kernels, 1);
	strcpy(j.id, id);
	strcpy(j.dataset.name, folder);
	strcpy(j.dataset.hash, hash);
	strcpy(j.kernels, kernels);
	return j;
}

/* A legacy body: the genome and the test's data set. */
static json_t *legacy_body(const struct flat *g)
{
	json_t *v = flat_write(g);

	json_object_set_new(v, "dataset", json_string(folder));
	json_object_set_new(v, "epochs", json_integer(3));
	json_object_set_new(v, "seed", json_integer(7));
	return v;
}

/* -- requests -- */

/* The status; the body in `*out` if it is wanted and 2xx, else the sentence in
 * `*e`. */
static int request(const char *method, const char *path, const json_t *body,
	json_t **out, struct err *e)
{
	char url[512];
	struct http_call c = {.method = method,
		.url = url,
		.json = body,
		.timeout_ms = WAIT_MS};
	json_t *v = NULL;
	int status = 0;

	snprintf(url, sizeof url, "%s%s", base_url, path);
	http_call_json(&c, &v, &status, e);
	if (out)
		*out = v;
	else
		json_decref(v);
	return status;
}

static int post_job(const struct job_doc *j)
{
	json_t *body = job_write(j);
	int status = request("POST", "/v1/jobs", body, NULL, NULL);

	json_decref(body);
	return status;
}

static const char *job_path(const char *id, const char *rest)
{
	static char path[256];
	char *encoded = http_encode(id);

	snprintf(path, sizeof path, "/v1/jobs/%s%s", encoded, rest);
	free(encoded);
	return path;
}

/* Asks until the job has ended. */
static json_t *wait_end(const char *id)
{
	const char *s;
	json_t *v;

	for (;;) {
		assert_int_equal(request("GET", job_path(id, "?wait_s=30"),
					 NULL, &v, NULL),
			200);
		s = json_string_value(json_object_get(v, "state"));
		if (strcmp(s, "queued") != 0 && strcmp(s, "running") != 0)
			return v;
		json_decref(v);
	}
}

static void expect_state(const char *id, const char *state)
{
	json_t *v = wait_end(id);

	assert_string_equal(
		json_string_value(json_object_get(v, "state")), state);
	json_decref(v);
}

static int post_legacy(
	const char *path, json_t *body, json_t **message, struct err *e)
{
	json_t *v;
	int status = request("POST", path, body, &v, e);

	json_decref(body);
	if (message)
		*message = json_incref(json_object_get(v, "message"));
	json_decref(v);
	return status;
}

/* -- jobs -- */

static void info_tells_slots_and_kernels(void **state)
{
	json_t *v;

	(void)state;
	assert_int_equal(request("GET", "/v1/info", NULL, &v, NULL), 200);
	assert_int_equal(json_integer_value(json_object_get(v, "slots")), 1);
	assert_true(json_array_size(json_object_get(v, "kernels")) >= 1);
	assert_string_equal(json_string_value(json_object_get(v, "version")),
		NEVOD_VERSION);
	assert_int_equal(json_array_size(json_object_get(v, "datasets")), 1);
	json_decref(v);
}

static void job_is_accepted_and_done(void **state)
{
	struct job_doc j = job_of(RUN "/0/1/0/0");
	struct job_result r;
	json_t *v;

	(void)state;
	assert_int_equal(post_job(&j), 202);
	v = wait_end(j.id);
	assert_string_equal(
		json_string_value(json_object_get(v, "state")), "done");
	assert_true(json_is_null(json_object_get(v, "failure")));
	assert_int_equal(
		result_read(&results, json_object_get(v, "result"), &r, NULL),
		0);
	assert_int_equal(r.total, 100);
	json_decref(v);
	assert_int_equal(post_job(&j), 202); /* attaches */
	strcpy(j.trace, "00-4bf92f3577b34da6a3ce929d0e0e4736-"
			"00f067aa0ba902b7-01");
	assert_int_equal(post_job(&j), 202); /* whoever asks */
	j.seed++;
	assert_int_equal(post_job(&j), 409);
}

static void final_job_serves_its_weights(void **state)
{
	struct job_doc j = job_of(RUN "/final/1/0/0");
	char url[512], hex[SHA256_HEX_BYTES];
	struct http_call c = {
		.method = "GET", .url = url, .timeout_ms = WAIT_MS};
	struct http_answer a;
	struct job_result r;
	json_t *v;

	(void)state;
	assert_int_equal(post_job(&j), 202);
	v = wait_end(j.id);
	assert_int_equal(
		result_read(&results, json_object_get(v, "result"), &r, NULL),
		0);
	json_decref(v);
	snprintf(url, sizeof url, "%s%s", base_url, job_path(j.id, "/weights"));
	assert_int_equal(http_call(&c, &a, NULL), 0);
	assert_int_equal(a.status, 200);
	sha256_of(a.body, a.n, hex);
	assert_string_equal(hex, r.weights);
	http_answer_release(&a);
}

static struct job_result result_of(const struct job_doc *j)
{
	struct job_result r;
	json_t *v;

	assert_int_equal(post_job(j), 202);
	v = wait_end(j->id);
	assert_int_equal(
		result_read(&results, json_object_get(v, "result"), &r, NULL),
		0);
	json_decref(v);
	return r;
}

static int put_blob(const char *sha256, const void *bytes, size_t n)
{
	char url[512];
	struct http_call c = {.method = "PUT",
		.url = url,
		.bytes = bytes,
		.n_bytes = n,
		.timeout_ms = WAIT_MS};
	struct http_answer a;

	snprintf(url, sizeof url, "%s/v1/blobs/%s", base_url, sha256);
	assert_int_equal(http_call(&c, &a, NULL), 0);
	http_answer_release(&a);
	return a.status;
}

/* A rate of 0 keeps the child what its parent was. */
static void a_job_starts_from_weights_that_were_brought(void **state)
{
	struct job_doc parent = job_of(RUN "/0/20/0/0"), child = parent;
	struct flat still = genome();
	struct job_result first, second;
	char *bytes;
	size_t n;

	(void)state;
	parent.keep_weights = 1;
	first = result_of(&parent);
	assert_true(first.has_weights);
	still.learning_rate = 0;
	strcpy(child.id, RUN "/1/21/0/0");
	child.genome.graph = chain_of(&still);
	child.seed = 10;
	child.n_parents = 1;
	child.inherit_keep = 1;
	strcpy(child.parents[0], first.weights);
	assert_int_equal(post_job(&child), 404);
	assert_int_equal(worker_push_weights(
				 service.worker, parent.id, &bytes, &n, NULL),
		0);
	assert_int_equal(put_blob(hash, bytes, n), 400);
	assert_int_equal(put_blob(first.weights, bytes, n), 200);
	free(bytes);
	second = result_of(&child);
	assert_false(second.has_weights);
	assert_true(second.correct > 90 && first.correct > 90);
	strcpy(child.id, RUN "/1/22/0/0");
	child.n_parents = 0;
	assert_true(result_of(&child).correct < 90);
}

static void the_blobs_used_last_are_kept(void **state)
{
	static char bytes[CACHE_BYTES + 1];
	char name[3][SHA256_HEX_BYTES];

	(void)state;
	for (int i = 0; i < 3; i++) {
		bytes[0] = (char)('a' + i);
		sha256_of(bytes, CACHE_BYTES / 2, name[i]);
		assert_int_equal(
			put_blob(name[i], bytes, CACHE_BYTES / 2), 200);
		assert_true(blob_cache_has(service.blobs, name[0]));
	}
	assert_false(blob_cache_has(service.blobs, name[1]));
	assert_true(blob_cache_has(service.blobs, name[2]));
	sha256_of(bytes, sizeof bytes, name[0]);
	assert_int_equal(put_blob(name[0], bytes, sizeof bytes), 413);
	assert_false(blob_cache_has(service.blobs, "../../etc/passwd"));
}

static void impossible_jobs_are_refused(void **state)
{
	struct job_doc kernels = job_of(RUN "/0/2/0/0");
	struct job_doc samples = kernels, name;

	(void)state;
	strcpy(kernels.kernels, "abacus-1");
	assert_int_equal(post_job(&kernels), 422);
	memset(samples.dataset.hash, '0', sizeof samples.dataset.hash - 1);
	assert_int_equal(post_job(&samples), 409);
	name = samples;
	strcpy(name.dataset.name, "no-such-set");
	assert_int_equal(post_job(&name), 404);
	assert_int_equal(
		request("GET", job_path(name.id, ""), NULL, NULL, NULL), 404);
}

/* A machine may keep its data sets elsewhere. */
static void samples_that_are_here_count_under_any_name(void **state)
{
	struct job_doc j = job_of(RUN "/0/70/0/0");

	(void)state;
	strcpy(j.dataset.name, "/somewhere/else");
	assert_int_equal(post_job(&j), 202);
	expect_state(j.id, "done");
}

static void running_job_fills_the_slot_until_it_is_deleted(void **state)
{
	struct job_doc j = job_of(RUN "/0/3/0/0"),
		       next = job_of(RUN "/0/4/0/0");

	(void)state;
	j.training.epochs = 1000;
	assert_int_equal(post_job(&j), 202);
	assert_int_equal(post_job(&j), 202);
	assert_int_equal(post_job(&next), 503);
	assert_int_equal(
		request("DELETE", job_path(j.id, ""), NULL, NULL, NULL), 200);
	expect_state(j.id, "cancelled");
	assert_int_equal(post_job(&next), 202);
	expect_state(next.id, "done");
}

/* Whoever deletes it has kept its result; to ask again is to train again. */
static void job_that_has_ended_is_forgotten_when_deleted(void **state)
{
	struct job_doc j = job_of(RUN "/0/5/0/0");
	json_t *v;

	(void)state;
	assert_int_equal(post_job(&j), 202);
	expect_state(j.id, "done");
	assert_int_equal(
		request("DELETE", job_path(j.id, ""), NULL, &v, NULL), 200);
	assert_string_equal(
		json_string_value(json_object_get(v, "state")), "done");
	json_decref(v);
	assert_int_equal(
		request("GET", job_path(j.id, ""), NULL, NULL, NULL), 404);
	assert_int_equal(
		request("DELETE", job_path(j.id, ""), NULL, NULL, NULL), 404);
	j.seed++; /* even another body may have the id now */
	assert_int_equal(post_job(&j), 202);
	expect_state(j.id, "done");
}

static void unknown_jobs_are_not_found(void **state)
{
	(void)state;
	assert_int_equal(
		request("GET", job_path(RUN "/0/99/0/0", ""), NULL, NULL, NULL),
		404);
	assert_int_equal(
		request("DELETE", job_path("../etc", ""), NULL, NULL, NULL),
		404);
	assert_int_equal(request("GET", job_path(RUN "/0/1/0/0", "?wait_s=31"),
				 NULL, NULL, NULL),
		422);
}

/* -- the legacy endpoint -- */

static void genome_is_scored_in_percent(void **state)
{
	struct flat g = genome();
	json_t *m, *again;
	double score;

	(void)state;
	assert_int_equal(
		post_legacy("/create_cnn_model", legacy_body(&g), &m, NULL),
		200);
	assert_true(json_is_string(json_object_get(m, "message")));
	score = json_number_value(json_object_get(m, "score"));
	assert_true(score > 50 && score <= 100); /* chance is 25 */
	assert_int_equal(
		json_integer_value(json_object_get(m, "images")), 3 * 360);
	assert_int_equal(post_legacy("/api/create_cnn_model", legacy_body(&g),
				 &again, NULL),
		200);
	assert_true(
		score == json_number_value(json_object_get(again, "score")));
	json_decref(m);
	json_decref(again);
}

static void shape_that_does_not_fit_is_refused_with_both_shapes(void **state)
{
	struct flat g = genome();
	struct err e = {0};

	(void)state;
	g.data.height = g.data.width = 28;
	assert_int_equal(
		post_legacy("/create_cnn_model", legacy_body(&g), NULL, &e),
		422);
	assert_non_null(strstr(e.text, "1x28x28"));
	assert_non_null(strstr(e.text, "1x8x8"));
}

static void wrong_requests_are_refused(void **state)
{
	struct flat g = genome();
	json_t *unknown = legacy_body(&g), *epochs = legacy_body(&g);
	json_t *set = legacy_body(&g);
	struct err e = {0};

	(void)state;
	json_object_set_new(unknown, "colour", json_string("red"));
	assert_int_equal(
		post_legacy("/create_cnn_model", unknown, NULL, NULL), 400);
	json_object_set_new(epochs, "epochs", json_integer(1001));
	assert_int_equal(
		post_legacy("/create_cnn_model", epochs, NULL, NULL), 422);
	json_object_set_new(set, "dataset", json_string("no-such-set"));
	assert_int_equal(post_legacy("/create_cnn_model", set, NULL, &e), 404);
}

static void *post_one(void *score)
{
	struct flat g = genome();
	json_t *m;

	if (post_legacy("/create_cnn_model", legacy_body(&g), &m, NULL) != 200)
		return NULL;
	*(double *)score = json_number_value(json_object_get(m, "score"));
	json_decref(m);
	return NULL;
}

static void requests_wait_for_a_slot(void **state)
{
	double score[4] = {-1, -2, -3, -4};
	pthread_t t[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&t[i], NULL, post_one, &score[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < 4; i++)
		assert_true(score[i] > 50 && score[i] == score[0]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(info_tells_slots_and_kernels),
		cmocka_unit_test(job_is_accepted_and_done),
		cmocka_unit_test(final_job_serves_its_weights),
		cmocka_unit_test(a_job_starts_from_weights_that_were_brought),
		cmocka_unit_test(the_blobs_used_last_are_kept),
		cmocka_unit_test(impossible_jobs_are_refused),
		cmocka_unit_test(samples_that_are_here_count_under_any_name),
		cmocka_unit_test(
			running_job_fills_the_slot_until_it_is_deleted),
		cmocka_unit_test(job_that_has_ended_is_forgotten_when_deleted),
		cmocka_unit_test(unknown_jobs_are_not_found),
		cmocka_unit_test(genome_is_scored_in_percent),
		cmocka_unit_test(
			shape_that_does_not_fit_is_refused_with_both_shapes),
		cmocka_unit_test(wrong_requests_are_refused),
		cmocka_unit_test(requests_wait_for_a_slot),
	};

	if (argc > 1 && strcmp(argv[1], "train-job") == 0)
		return train_job_main(argc - 1, argv + 1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
