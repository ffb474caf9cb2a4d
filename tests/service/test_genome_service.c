/* test_genome_service.c -- the genome service as clients meet it: over HTTP,
 * on a free port of this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/client.h"
#include "http/docs.h"
#include "neat/truncation.h"
#include "wire/generation_json.h"
#include "wire/flat_json.h"
#include "service/genome/genome_service.h"

#define TIMEOUT_MS 60000
#define CLIENTS 8

static const char ask_initial[] =
	"{\"num_channels\": 1, \"px_h\": 28, \"px_w\": 28, \"num_classes\": 10,"
	" \"batch_size\": 32, \"num_poblation\": 12, \"seed\": 7}";

static struct genome_service context;
static struct http_server *server;

static int start(void **state)
{
	static const struct log log = {.service = "genome", .level = LOG_ERROR};
	struct http_options o = {.service = "genome",
		.bind = "127.0.0.1",
		.ctx = &context,
		.log = &log};
	struct err e = {0};

	(void)state;
	http_client_init();
	context.log = &log;
	o.routes = genome_service_routes(&o.n_routes);
	server = http_server_new(&o, &e);
	if (!server)
		print_error("%s\n", e.text);
	return server ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	http_server_free(server, 5000);
	return 0;
}

/* Sends the JSON and gives the answer's text, to be freed. */
static char *post(const char *path, const json_t *body, int *status)
{
	struct http_answer answer;
	struct err e = {0};
	char url[128];
	struct http_call call = {.method = "POST",
		.url = url,
		.json = body,
		.timeout_ms = TIMEOUT_MS};

	snprintf(url, sizeof url, "http://127.0.0.1:%d%s",
		http_server_port(server), path);
	if (http_call(&call, &answer, &e))
		fail_msg("%s: %s", path, e.text);
	*status = answer.status;
	return answer.body;
}

static json_t *post_json(const char *path, const json_t *body, int *status)
{
	char *text = post(path, body, status);
	json_t *v = json_loads(text, 0, NULL);

	if (!v)
		fail_msg("%s: not JSON: %s", path, text);
	free(text);
	return v;
}

static json_t *load(const char *text)
{
	json_t *v = json_loads(text, 0, NULL);

	assert_non_null(v);
	return v;
}

/* The answer, which must be a 200. */
static json_t *must_post(const char *path, const json_t *body)
{
	int status;
	json_t *v = post_json(path, body, &status);

	if (status != 200)
		fail_msg("%s: status %d: %s", path, status,
			json_string_value(json_object_get(v, "error")));
	return v;
}

static const json_t *models_of(const json_t *answer)
{
	const json_t *message = json_object_get(answer, "message");

	assert_true(json_is_string(json_object_get(message, "message")));
	return json_object_get(message, "models");
}

static void initial_population_has_the_clients_shape(void **state)
{
	json_t *ask = load(ask_initial);
	json_t *answer = must_post("/create_initial_poblation", ask);
	const json_t *models = models_of(answer);
	const char *key;
	json_t *model;
	int i = 0;

	(void)state;
	assert_int_equal(json_object_size(models), 12);
	json_object_foreach((json_t *)models, key, model) {
		struct flat g;

		assert_int_equal(atoi(key), i++);
		assert_int_equal(flat_read(model, "", &g, NULL), 0);
		assert_int_equal(g.batch_size, 32);
		assert_int_equal(g.data.height, 28);
	}
	json_decref(answer);
	json_decref(ask);
}

static void legacy_paths_answer_under_api_too(void **state)
{
	json_t *ask = load(ask_initial);
	json_t *a = must_post("/create_initial_poblation", ask);
	json_t *b = must_post("/api/create_initial_poblation", ask);

	(void)state;
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
	json_decref(ask);
}

static void a_seed_fixes_the_answer_and_its_absence_does_not(void **state)
{
	json_t *ask = load(ask_initial);
	int status;
	char *a = post("/create_initial_poblation", ask, &status);
	char *b = post("/create_initial_poblation", ask, &status);

	(void)state;
	assert_string_equal(a, b);
	json_object_del(ask, "seed");
	free(b);
	b = post("/create_initial_poblation", ask, &status);
	free(a);
	a = post("/create_initial_poblation", ask, &status);
	assert_int_equal(status, 200);
	assert_string_not_equal(a, b);
	free(a);
	free(b);
	json_decref(ask);
}

/* The first two genomes of a seeded population, as create_child wants them. */
static json_t *ask_child(void)
{
	json_t *ask = load(ask_initial);
	json_t *answer = genome_service_initial(ask, NULL);
	const json_t *models = models_of(answer);
	json_t *v = json_object();

	json_object_set(v, "1", json_object_get(models, "0"));
	json_object_set(v, "2", json_object_get(models, "1"));
	json_object_set_new(v, "seed", json_integer(3));
	json_decref(answer);
	json_decref(ask);
	return v;
}

static void a_child_has_the_clients_shape(void **state)
{
	json_t *ask = ask_child();
	json_t *answer = must_post("/create_child", ask);
	json_t *again = must_post("/api/create_child", ask);
	const json_t *message = json_object_get(answer, "message");
	struct err e = {0};
	struct flat g;

	(void)state;
	assert_true(json_is_string(json_object_get(message, "message")));
	if (flat_read(json_object_get(message, "model"), "", &g, &e))
		fail_msg("%s", e.text);
	assert_int_equal(g.data.width, 28);
	assert_true(json_equal(answer, again));
	json_decref(answer);
	json_decref(again);
	json_decref(ask);
}

static void assert_refusal(
	const char *path, const json_t *ask, int expected, const char *word)
{
	int status;
	json_t *v = post_json(path, ask, &status);
	const char *error = json_string_value(json_object_get(v, "error"));

	if (status != expected || !error || !strstr(error, word))
		fail_msg("%s: status %d: %s", path, status,
			error ? error : "no error");
	json_decref(v);
}

static void parents_for_different_data_are_a_422(void **state)
{
	json_t *ask = ask_child();

	(void)state;
	json_object_set_new(
		json_object_get(ask, "2"), "px_h", json_integer(32));
	assert_refusal("/create_child", ask, 422, "1x32x28");
	json_decref(ask);
}

static void bad_requests_say_what_is_wrong(void **state)
{
	static const struct {
		const char *key, *value;
		int status;
	} table[] = {
		{"num_poblation", "0", 422},
		{"num_poblation", "10001", 422},
		{"num_poblation", "\"12\"", 400},
		{"num_poblation", "12.5", 400},
		{"batch_size", "4097", 422},
		{"px_w", "null", 400},
		{"num_classes", "-1", 422},
		{"seed", "9007199254740992", 422},
		{"seed", "\"x\"", 400},
		{"poblation", "12", 400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		json_t *ask = load(ask_initial);

		json_object_set_new(ask, table[i].key,
			json_loads(table[i].value, JSON_DECODE_ANY, NULL));
		assert_refusal("/create_initial_poblation", ask,
			table[i].status, table[i].key);
		json_decref(ask);
	}
}

static void bad_children_say_what_is_wrong(void **state)
{
	json_t *ask = ask_child();

	(void)state;
	json_object_set_new(ask, "mutation_rate", json_real(1.5));
	assert_refusal("/create_child", ask, 422, "mutation_rate");
	json_object_del(ask, "mutation_rate");
	json_object_set_new(ask, "3", json_object());
	assert_refusal("/create_child", ask, 400, "\"3\"");
	json_object_del(ask, "3");
	json_object_del(ask, "2");
	assert_refusal("/create_child", ask, 400, "\"2\" is required");
	json_decref(ask);
}

static int by_truncation(void)
{
	int i = 0;

	while (algorithm_at(i) != &algorithm_truncation)
		i++;
	return i;
}

static struct generation_request first_question(int n)
{
	struct generation_request q = {.algorithm = by_truncation(),
		.seed = 5,
		.size = n,
		.space = *space_default(),
		.batch_size = 64,
		.data = {1, 28, 28, 10}};

	fields_default(algorithm_truncation.settings, FIELD_REQUEST, q.own);
	return q;
}

/* A request for a second generation of `n`, from a random first one. */
static json_t *ask_next(int n)
{
	struct generation_request q = first_question(n);
	struct arena mem;
	json_t *v;

	arena_init(&mem, (size_t)256 << 20);
	assert_int_equal(algorithm_next(&mem, &q, &q.now, NULL), 0);
	for (int i = 0; i < n; i++)
		q.now.members[i].fitness = i / (double)n;
	q.generation = 1;
	v = generation_request_write(&q);
	arena_release(&mem);
	return v;
}

static void next_generation_keeps_the_elite_and_its_bytes(void **state)
{
	json_t *ask = ask_next(50);
	int status;
	char *a = post("/v1/next_generation", ask, &status);
	char *b = post("/v1/next_generation", ask, &status);
	const struct generation_request q = first_question(50);
	struct population p;
	struct arena mem;

	(void)state;
	assert_int_equal(status, 200);
	assert_string_equal(a, b);
	arena_init(&mem, (size_t)64 << 20);
	assert_int_equal(
		generation_answer_read(&mem, a, strlen(a), &q, &p, NULL), 0);
	assert_int_equal(p.n, 50);
	assert_int_equal(p.next_id, 99);
	assert_true(p.members[0].elite);
	assert_int_equal(p.members[0].id, 49);
	assert_int_equal(p.members[1].id, 50);
	json_decref(ask);
	arena_release(&mem);
	free(a);
	free(b);
}

static void ten_thousand_genomes_pass_both_ways(void **state)
{
	json_t *ask = ask_next(10000);
	json_t *answer = must_post("/v1/next_generation", ask);

	(void)state;
	assert_int_equal(
		json_array_size(json_object_get(answer, "population")), 10000);
	json_decref(answer);
	json_decref(ask);
}

static void a_bad_generation_is_a_problem_document(void **state)
{
	json_t *ask = ask_next(3), *v;
	int status;

	(void)state;
	json_object_set_new(
		json_object_get(
			json_array_get(json_object_get(ask, "population"), 1),
			"genome"),
		"filters", json_array());
	v = post_json("/v1/next_generation", ask, &status);
	assert_int_equal(status, 422);
	assert_string_equal(json_string_value(json_object_get(v, "pointer")),
		"/population/1/genome/filters");
	assert_non_null(json_object_get(v, "title"));
	json_decref(v);
	json_decref(ask);
}

static void *ask_alone(void *expected)
{
	json_t *ask = load(ask_initial);
	size_t wrong = 0;
	int status;

	for (int i = 0; i < 10; i++) {
		char *text = post("/create_initial_poblation", ask, &status);

		wrong += strcmp(text, expected) != 0;
		free(text);
	}
	json_decref(ask);
	return (void *)wrong;
}

static void clients_at_once_get_the_same_answer(void **state)
{
	json_t *ask = load(ask_initial);
	int status;
	char *expected = post("/create_initial_poblation", ask, &status);
	pthread_t thread[CLIENTS];
	void *wrong;

	(void)state;
	for (int i = 0; i < CLIENTS; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, ask_alone, expected),
			0);
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(thread[i], &wrong);
		assert_null(wrong);
	}
	json_decref(ask);
	free(expected);
}

/* -- NEAT -- */

static json_t *ask_neat(int size)
{
	return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, "
			 "s:{s:f}}",
		"algorithm", "neat", "seed", 5, "generation", 0, "size", size,
		"next_id", 0, "batch_size", 64, "num_channels", 1, "px_h", 28,
		"px_w", 28, "num_classes", 10, "neat", "add_node_rate", 0.6);
}

/* The request for the generation after an answer, as a broker makes it. */
static void go_on(json_t *ask, const json_t *answer)
{
	json_int_t generation = json_integer_value(
		json_object_get(answer, "generation"));
	json_t *list = json_array();
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(answer, "population"), i, m)
		json_array_append_new(
			list, json_pack("{s:O, s:O, s:O, s:f}", "id",
				      json_object_get(m, "id"), "species",
				      json_object_get(m, "species"), "genome",
				      json_object_get(m, "genome"), "fitness",
				      (double)(i * 7 % 11) / 11));
	json_object_set_new(ask, "generation", json_integer(generation + 1));
	json_object_set(ask, "next_id", json_object_get(answer, "next_id"));
	json_object_set(ask, "state", json_object_get(answer, "state"));
	json_object_set_new(ask, "population", list);
}

static void neat_goes_from_generation_to_generation(void **state)
{
	json_t *ask = ask_neat(10), *answer;
	json_int_t node = 0, edge = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		json_int_t n, x;

		answer = must_post("/v1/next_generation", ask);
		assert_int_equal(
			json_array_size(json_object_get(answer, "population")),
			10);
		assert_int_equal(
			json_unpack(answer, "{s:{s:{s:I, s:I}}}", "state",
				"innovations", "node", &n, "edge", &x),
			0);
		assert_true(n >= node && x >= edge);
		node = n;
		edge = x;
		go_on(ask, answer);
		json_decref(answer);
	}
	assert_true(node > 34); /* layers were added */
	json_decref(ask);
}

static void assert_small(const json_t *answer, json_int_t most)
{
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(answer, "population"), i, m) {
		json_t *ask = json_pack(
			"{s:O}", "genome", json_object_get(m, "genome"));
		json_t *verdict = must_post("/v1/validate", ask);

		assert_true(json_integer_value(json_object_get(
				    verdict, "parameters")) <= most);
		json_decref(verdict);
		json_decref(ask);
	}
}

static void a_limit_holds_from_generation_to_generation(void **state)
{
	json_t *ask = ask_neat(10), *answer;

	(void)state;
	json_object_set_new(ask, "max_parameters", json_integer(12000));
	for (int i = 0; i < 5; i++) {
		answer = must_post("/v1/next_generation", ask);
		assert_small(answer, 12000);
		go_on(ask, answer);
		json_decref(answer);
	}
	json_object_set_new(ask, "max_parameters", json_integer(100));
	assert_refusal("/v1/next_generation", ask, 422,
		"and \"max_parameters\" is 100");
	json_decref(ask);
}

static void neat_gives_the_same_bytes_for_the_same_request(void **state)
{
	json_t *ask = ask_neat(10), *answer;
	int status;
	char *a, *b;

	(void)state;
	answer = must_post("/v1/next_generation", ask);
	go_on(ask, answer);
	a = post("/v1/next_generation", ask, &status);
	b = post("/v1/next_generation", ask, &status);
	assert_int_equal(status, 200);
	assert_string_equal(a, b);
	free(a);
	free(b);
	json_decref(answer);
	json_decref(ask);
}

static void a_population_that_cannot_be_is_a_422(void **state)
{
	json_t *ask = ask_neat(4), *answer;

	(void)state;
	answer = must_post("/v1/next_generation", ask);
	go_on(ask, answer);
	json_object_set_new(ask, "next_id", json_integer(3));
	assert_refusal("/v1/next_generation", ask, 422, "next id");
	json_decref(answer);
	json_decref(ask);
}

/* Two flat genomes of the first population, under these names. */
static json_t *ask_pair(const char *a, const char *b)
{
	json_t *child = ask_child(), *v = json_object();

	json_object_set(v, a, json_object_get(child, "1"));
	json_object_set(v, b, json_object_get(child, "2"));
	json_decref(child);
	return v;
}

static void a_genome_is_at_no_distance_from_itself(void **state)
{
	json_t *ask = ask_pair("a", "b"), *answer;
	double distance;

	(void)state;
	answer = must_post("/v1/distance", ask);
	distance = json_number_value(json_object_get(answer, "distance"));
	assert_true(distance > 0);
	json_decref(answer);
	json_object_set(ask, "b", json_object_get(ask, "a"));
	answer = must_post("/v1/distance", ask);
	distance = json_number_value(json_object_get(answer, "distance"));
	assert_true(distance == 0);
	json_decref(answer);
	json_decref(ask);
}

static void crossover_and_mutation_are_functions_of_the_body(void **state)
{
	json_t *ask = ask_pair("fitter", "other"), *a, *b;

	(void)state;
	assert_refusal("/v1/crossover", ask, 400, "seed");
	json_object_set_new(ask, "seed", json_integer(9));
	a = must_post("/v1/crossover", ask);
	b = must_post("/v1/crossover", ask);
	assert_true(json_equal(a, b));
	json_decref(b);
	json_object_set_new(a, "seed", json_integer(1));
	json_object_set_new(a, "neat",
		json_pack("{s:f, s:f, s:f, s:f}", "add_node_rate", 1.0,
			"add_edge_rate", 0.0, "toggle_rate", 0.0, "remove_rate",
			0.0));
	b = must_post("/v1/mutate", a);
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(b, "mutations"), 0)),
		"split");
	json_object_set_new(a, "innovations",
		json_pack("{s:i, s:i}", "node", 1, "edge", 1));
	assert_refusal("/v1/mutate", a, 422, "node");
	json_decref(a);
	json_decref(b);
	json_decref(ask);
}

static void an_impossible_genome_is_an_answer_of_validate(void **state)
{
	json_t *pair = ask_pair("genome", "unused"), *answer;
	json_t *genome = json_object_get(pair, "genome");

	(void)state;
	json_object_del(pair, "unused");
	answer = must_post("/v1/validate", pair);
	assert_true(json_is_true(json_object_get(answer, "valid")));
	assert_true(
		json_integer_value(json_object_get(answer, "parameters")) > 0);
	json_decref(answer);
	json_object_set_new(genome, "px_h", json_integer(0));
	answer = must_post("/v1/validate", pair);
	assert_true(json_is_false(json_object_get(answer, "valid")));
	assert_string_equal(
		json_string_value(json_object_get(answer, "pointer")),
		"/genome/px_h");
	json_decref(answer);
	json_decref(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initial_population_has_the_clients_shape),
		cmocka_unit_test(legacy_paths_answer_under_api_too),
		cmocka_unit_test(
			a_seed_fixes_the_answer_and_its_absence_does_not),
		cmocka_unit_test(a_child_has_the_clients_shape),
		cmocka_unit_test(parents_for_different_data_are_a_422),
		cmocka_unit_test(bad_requests_say_what_is_wrong),
		cmocka_unit_test(bad_children_say_what_is_wrong),
		cmocka_unit_test(next_generation_keeps_the_elite_and_its_bytes),
		cmocka_unit_test(ten_thousand_genomes_pass_both_ways),
		cmocka_unit_test(a_bad_generation_is_a_problem_document),
		cmocka_unit_test(clients_at_once_get_the_same_answer),
		cmocka_unit_test(neat_goes_from_generation_to_generation),
		cmocka_unit_test(a_limit_holds_from_generation_to_generation),
		cmocka_unit_test(
			neat_gives_the_same_bytes_for_the_same_request),
		cmocka_unit_test(a_population_that_cannot_be_is_a_422),
		cmocka_unit_test(a_genome_is_at_no_distance_from_itself),
		cmocka_unit_test(
			crossover_and_mutation_are_functions_of_the_body),
		cmocka_unit_test(an_impossible_genome_is_an_answer_of_validate),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
