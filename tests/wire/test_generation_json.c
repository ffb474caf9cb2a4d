/* test_generation_json.c -- the documents of POST /v1/next_generation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/rng.h"
#include "neat/flat_breed.h"
#include "wire/generation_json.h"

static const struct flat_data mnist = {1, 28, 28, 10};

static int set_up(void **state)
{
	static struct arena mem;

	arena_init(&mem, (size_t)64 << 20);
	*state = &mem;
	return 0;
}

static int tear_down(void **state)
{
	arena_release(*state);
	return 0;
}

static struct truncation request(struct arena *mem, size_t n)
{
	struct member *m = arena_array(mem, n, sizeof *m);
	struct rng r;

	rng_stream(&r, 5, 0, n);
	for (size_t i = 0; i < n; i++) {
		m[i].id = (int64_t)i;
		m[i].fitness = rng_unit(&r);
		flat_random(&m[i].genome, &mnist, 64, &r);
	}
	return (struct truncation){.seed = RNG_SEED_MAX,
		.generation = n > 0,
		.next_id = (int64_t)n,
		.size = 8,
		.elite = 2,
		.mutation_rate = 0.1,
		.batch_size = 64,
		.data = mnist,
		.population = n > 0 ? m : NULL,
		.n = n};
}

static char *text_of(json_t *v)
{
	char *text = canonical_text(v, NULL);

	assert_non_null(text);
	json_decref(v);
	return text;
}

static void a_request_reads_back_as_it_was_written(void **state)
{
	struct truncation t = request(*state, 20), back;
	json_t *v = generation_request_write(&t);
	struct err e = {0};
	char *a, *b;

	assert_int_equal(generation_request_read(*state, v, &back, &e), 0);
	a = text_of(v);
	b = text_of(generation_request_write(&back));
	assert_string_equal(a, b);
	assert_true(back.population[19].fitness == t.population[19].fitness);
	free(a);
	free(b);
}

static void the_first_generation_needs_no_population(void **state)
{
	struct truncation t = request(*state, 0), back;
	json_t *v = generation_request_write(&t);
	struct err e = {0};

	assert_int_equal(generation_request_read(*state, v, &back, &e), 0);
	assert_int_equal(back.n, 0);
	json_object_del(v, "population");
	assert_int_equal(generation_request_read(*state, v, &back, &e), 0);
	assert_int_equal(back.n, 0);
	assert_null(back.population);
	json_decref(v);
}

static void an_answer_reads_back_as_it_was_written(void **state)
{
	struct truncation t = request(*state, 20);
	struct offspring *o, *back;
	struct err e = {0};
	int64_t next_id;
	json_t *v;
	size_t n;

	assert_int_equal(truncation_next(*state, &t, &o, &e), 0);
	v = generation_answer_write(&t, o, 8);
	assert_int_equal(
		generation_answer_read(*state, v, &back, &n, &next_id, &e), 0);
	assert_int_equal(n, 8);
	assert_int_equal(next_id, 20 + 6);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(back[i].id, o[i].id);
		assert_int_equal(back[i].elite, o[i].elite);
		assert_memory_equal(
			back[i].parents, o[i].parents, sizeof o[i].parents);
		assert_true(flat_equal(&back[i].genome, &o[i].genome));
	}
	json_decref(v);
}

static void the_same_request_has_the_same_bytes(void **state)
{
	struct truncation t = request(*state, 20);
	struct offspring *o, *p;
	char *a, *b;

	assert_int_equal(truncation_next(*state, &t, &o, NULL), 0);
	assert_int_equal(truncation_next(*state, &t, &p, NULL), 0);
	a = text_of(generation_answer_write(&t, o, 8));
	b = text_of(generation_answer_write(&t, p, 8));
	assert_string_equal(a, b);
	free(a);
	free(b);
}

/* The request with `key` set to the JSON `value`, or without it. */
static int read_with(
	struct arena *mem, const char *key, const char *value, struct err *e)
{
	struct truncation t = request(mem, 3), back;
	json_t *v = generation_request_write(&t);
	int rc;

	if (value)
		json_object_set_new(
			v, key, json_loads(value, JSON_DECODE_ANY, NULL));
	else
		json_object_del(v, key);
	rc = generation_request_read(mem, v, &back, e);
	json_decref(v);
	return rc;
}

static void hostile_requests_are_refused_at_their_place(void **state)
{
	static const struct {
		const char *key, *value;
		int code;
		const char *where;
	} table[] = {
		{"algorithm", "\"neat\"", ERR_RANGE, "/algorithm"},
		{"algorithm", "7", ERR_INVALID, "/algorithm"},
		{"algorithm", NULL, ERR_INVALID, "/algorithm"},
		{"seed", "-1", ERR_RANGE, "/seed"},
		{"seed", "9007199254740992", ERR_RANGE, "/seed"},
		{"seed", "7.0", ERR_INVALID, "/seed"},
		{"seed", NULL, ERR_INVALID, "/seed"},
		{"generation", "-1", ERR_RANGE, "/generation"},
		{"size", "0", ERR_RANGE, "/size"},
		{"size", "10001", ERR_RANGE, "/size"},
		{"next_id", "9007199254740991", ERR_RANGE, "/next_id"},
		{"elite", "8", ERR_RANGE, "/elite"},
		{"mutation_rate", "1.1", ERR_RANGE, "/mutation_rate"},
		{"batch_size", "0", ERR_RANGE, "/batch_size"},
		{"px_h", "0", ERR_RANGE, "/px_h"},
		{"population", "{}", ERR_INVALID, "/population"},
		{"population", "[7]", ERR_INVALID, "/population/0"},
		{"population", "[{}]", ERR_INVALID, "/population/0/id"},
		{"population", "[{\"id\": 1, \"fitness\": 2}]", ERR_RANGE,
			"/population/0/fitness"},
		{"population", "[{\"id\": 1, \"fitness\": 1}]", ERR_INVALID,
			"/population/0/genome"},
		{"population", "[{\"id\": 1, \"name\": 1}]", ERR_INVALID,
			"/population/0/name"},
		{"population", "[{\"id\": 1, \"fitness\": 1, \"genome\": {}}]",
			ERR_INVALID,
			"/population/0/genome/Number of Convolutional Layers"},
		{"speed", "1", ERR_INVALID, "/speed"},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct err e = {0};
		int rc = read_with(*state, table[i].key, table[i].value, &e);

		if (rc != table[i].code || strcmp(e.where, table[i].where) != 0)
			fail_msg("%s = %s: code %d at \"%s\": %s", table[i].key,
				table[i].value ? table[i].value : "nothing", rc,
				e.where, e.text);
	}
}

static void more_than_10000_members_are_refused(void **state)
{
	struct truncation t = request(*state, 1), back;
	json_t *v = generation_request_write(&t);
	json_t *list = json_object_get(v, "population");
	struct err e = {0};

	for (int i = 0; i < GENERATION_SIZE_MAX; i++)
		json_array_append(list, json_array_get(list, 0));
	assert_int_equal(
		generation_request_read(*state, v, &back, &e), ERR_RANGE);
	assert_string_equal(e.where, "/population");
	json_decref(v);
}

static void a_broken_answer_is_refused(void **state)
{
	static const char *const table[] = {
		"{\"algorithm\": \"truncation\", \"next_id\": 1}",
		"{\"algorithm\": \"truncation\", \"next_id\": 1, "
		"\"population\": []}",
		"{\"algorithm\": \"truncation\", \"next_id\": 1, "
		"\"population\": [{\"id\": 0, \"parents\": [1, 2, 3]}]}",
		"{\"algorithm\": \"truncation\", \"next_id\": 1, "
		"\"population\": [{\"id\": 0, \"parents\": [-1]}]}",
		"{\"algorithm\": \"truncation\", \"next_id\": 1, "
		"\"population\": [{\"id\": 0, \"parents\": []}]}",
		"{\"error\": \"no\"}",
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		json_t *v = json_loads(table[i], 0, NULL);
		struct offspring *o = NULL;
		struct err e = {0};
		int64_t next_id = -1;
		size_t n = 0;

		assert_non_null(v);
		assert_true(generation_answer_read(
				    *state, v, &o, &n, &next_id, &e) < 0);
		assert_null(o);
		assert_int_equal(next_id, -1);
		json_decref(v);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_request_reads_back_as_it_was_written),
		TEST(the_first_generation_needs_no_population),
		TEST(an_answer_reads_back_as_it_was_written),
		TEST(the_same_request_has_the_same_bytes),
		TEST(hostile_requests_are_refused_at_their_place),
		TEST(more_than_10000_members_are_refused),
		TEST(a_broken_answer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
