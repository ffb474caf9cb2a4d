/* test_generation_json.c -- the documents of POST /v1/next_generation, with
 * flat genomes; those with species are in test_population_json.c. */
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
#include "neat/algorithm_truncation.h"
#include "neat/chain.h"
#include "neat/flat_breed.h"
#include "wire/generation_json.h"

static const struct data_shape mnist = {1, 28, 28, 10};

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

static int algorithm_named(const char *name)
{
	int i = 0;

	while (strcmp(algorithm_name(i), name) != 0)
		i++;
	return i;
}

/* The question for the generation after `n` random members; for the first one
 * if there are none. */
static struct generation_request request(struct arena *mem, size_t n)
{
	struct generation_request q = {
		.algorithm = algorithm_named("truncation"),
		.seed = RNG_SEED_MAX,
		.space = *space_default(),
		.generation = n > 0,
		.size = 8,
		.batch_size = 64,
		.data = mnist,
		.now = {.members = arena_array(
				mem, n + 1, sizeof(struct individual)),
			.n = n,
			.next_id = (int64_t)n}};
	struct truncation_settings *own = (void *)q.own;
	struct rng r;

	*own = (struct truncation_settings){2, 0.1};
	rng_stream(&r, 5, 0, n);
	for (size_t i = 0; i < n; i++) {
		struct flat g;

		q.now.members[i].id = (int64_t)i;
		q.now.members[i].species = -1;
		q.now.members[i].fitness = rng_unit(&r);
		flat_random(&g, &mnist, 64, space_default(), &r);
		q.now.members[i].genome = chain_from_flat(mem, &g);
	}
	return q;
}

static struct population served(
	struct arena *mem, const struct generation_request *q)
{
	struct population p;
	struct err e = {0};

	if (algorithm_next(mem, q, &p, &e))
		fail_msg("%s", e.text);
	return p;
}

/* The answer's text, to be freed with free(). */
static char *answer_text(
	const struct generation_request *q, const struct population *p)
{
	struct buf text;

	buf_init(&text, (size_t)16 << 20);
	assert_int_equal(generation_answer_write(q, p, &text, NULL), 0);
	return buf_take(&text);
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
	struct generation_request q = request(*state, 20), back;
	json_t *v = generation_request_write(&q);
	struct err e = {0};
	char *a, *b;

	assert_int_equal(generation_request_read(*state, v, &back, &e), 0);
	a = text_of(v);
	b = text_of(generation_request_write(&back));
	assert_string_equal(a, b);
	assert_true(back.now.members[19].fitness == q.now.members[19].fitness);
	free(a);
	free(b);
}

/* So that a service of before understands the question. */
static void the_text_of_a_request_is_that_of_its_tree(void **state)
{
	for (int64_t generation = 0; generation <= 20; generation += 20) {
		struct generation_request q = request(*state, generation);
		json_t *v = generation_request_write(&q), *again;
		struct buf text;

		buf_init(&text, (size_t)1 << 20);
		assert_int_equal(generation_request_text(&q, &text, NULL), 0);
		again = doc_parse(text.data, text.len, NULL);
		assert_true(json_equal(v, again));
		json_decref(v);
		json_decref(again);
		buf_release(&text);
	}
}

static void a_request_is_read_from_text_as_from_its_tree(void **state)
{
	for (int64_t generation = 0; generation <= 20; generation += 20) {
		struct generation_request q = request(*state, generation), back;
		struct err e = {0};
		struct buf text;
		json_t *v, *again;

		buf_init(&text, (size_t)1 << 20);
		assert_int_equal(generation_request_text(&q, &text, NULL), 0);
		if (generation_request_parse(
			    *state, text.data, text.len, &back, &e))
			fail_msg("%s at %s", e.text, e.where);
		assert_int_equal(back.now.n, q.now.n);
		v = generation_request_write(&q);
		again = generation_request_write(&back);
		assert_true(json_equal(v, again));
		assert_int_equal(generation_request_parse(*state, text.data,
					 text.len - 1, &back, &e),
			ERR_INVALID);
		json_decref(v);
		json_decref(again);
		buf_release(&text);
	}
}

static void limits_are_written_where_there_are_any(void **state)
{
	struct generation_request q = request(*state, 20), back;
	json_t *v = generation_request_write(&q);

	assert_null(json_object_get(v, "max_parameters"));
	assert_null(json_object_get(v, "max_mflop"));
	assert_null(json_object_get(v, "max_model_kb"));
	json_decref(v);
	q.limits = (struct limits){.max_mflop = 2.5, .max_model_kb = 512};
	v = generation_request_write(&q);
	assert_null(json_object_get(v, "max_parameters"));
	assert_int_equal(generation_request_read(*state, v, &back, NULL), 0);
	assert_int_equal(back.limits.max_parameters, 0);
	assert_true(back.limits.max_mflop == 2.5);
	assert_int_equal(back.limits.max_model_kb, 512);
	json_decref(v);
}

static void known_genomes_pass_in_the_first_question(void **state)
{
	struct generation_request q = request(*state, 20), first, back;
	const struct genome *seeds[2] = {
		q.now.members[3].genome, q.now.members[5].genome};
	json_t *v;
	struct err e = {0};

	first = request(*state, 0);
	first.seeds = seeds;
	first.n_seeds = 2;
	v = generation_request_write(&first);
	if (generation_request_read(*state, v, &back, &e))
		fail_msg("%s at %s", e.text, e.where);
	assert_int_equal(back.n_seeds, 2);
	assert_true(genome_equal(back.seeds[0], seeds[0]));
	assert_true(genome_equal(back.seeds[1], seeds[1]));
	json_object_set_new(v, "num_classes", json_integer(9));
	assert_int_equal(
		generation_request_read(*state, v, &back, &e), ERR_RANGE);
	assert_string_equal(e.where, "/seed_genomes/0");
	json_decref(v);
}

static void the_first_generation_needs_no_population(void **state)
{
	struct generation_request q = request(*state, 0), back;
	json_t *v = generation_request_write(&q);
	struct err e = {0};

	assert_int_equal(generation_request_read(*state, v, &back, &e), 0);
	assert_int_equal(back.now.n, 0);
	json_object_del(v, "population");
	assert_int_equal(generation_request_read(*state, v, &back, &e), 0);
	assert_int_equal(back.now.n, 0);
	json_decref(v);
}

static int read_answer(struct arena *mem, const char *text,
	const struct generation_request *q, struct population *out,
	struct err *e)
{
	return generation_answer_read(mem, text, strlen(text), q, out, e);
}

static void an_answer_reads_back_as_it_was_written(void **state)
{
	struct generation_request q = request(*state, 20);
	struct population p = served(*state, &q), back;
	char *text = answer_text(&q, &p);
	struct err e = {0};

	if (read_answer(*state, text, &q, &back, &e))
		fail_msg("%s at %s", e.text, e.where);
	assert_int_equal(back.n, 8);
	assert_int_equal(back.next_id, 20 + 6);
	for (size_t i = 0; i < back.n; i++) {
		const struct individual *m = &p.members[i],
					*n = &back.members[i];

		assert_int_equal(n->id, m->id);
		assert_int_equal(n->elite, m->elite);
		assert_int_equal(n->species, -1);
		assert_memory_equal(n->parents, m->parents, sizeof m->parents);
		assert_true(genome_equal(n->genome, m->genome));
	}
	free(text);
}

static void the_same_request_has_the_same_bytes(void **state)
{
	struct generation_request q = request(*state, 20);
	struct population a = served(*state, &q), b = served(*state, &q);
	char *once = answer_text(&q, &a), *again = answer_text(&q, &b);

	assert_string_equal(once, again);
	free(once);
	free(again);
}

static void an_answer_that_has_no_room_is_too_big(void **state)
{
	struct generation_request q = request(*state, 20);
	struct population p = served(*state, &q);
	struct buf text;
	struct err e = {0};

	buf_init(&text, 1000);
	assert_int_equal(
		generation_answer_write(&q, &p, &text, &e), ERR_TOO_BIG);
	buf_release(&text);
}

/* What passes the wire breeds the very children that it would have bred. */
static void the_wire_changes_no_child(void **state)
{
	struct generation_request q = request(*state, 20), again;
	json_t *v = generation_request_write(&q);
	struct population here = served(*state, &q), there;
	char *a, *b;

	assert_int_equal(generation_request_read(*state, v, &again, NULL), 0);
	there = served(*state, &again);
	a = answer_text(&q, &here);
	b = answer_text(&again, &there);
	assert_string_equal(a, b);
	free(a);
	free(b);
	json_decref(v);
}

/* The request with `key` set to the JSON `value`, or without it. */
static int read_with(
	struct arena *mem, const char *key, const char *value, struct err *e)
{
	struct generation_request q = request(mem, 3), back;
	json_t *v = generation_request_write(&q);
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
		{"algorithm", "\"magic\"", ERR_RANGE, "/algorithm"},
		{"algorithm", "\"neat\"", ERR_INVALID, "/state"},
		{"algorithm", "\"random\"", ERR_RANGE, "/population/0/genome"},
		{"state", "{}", ERR_RANGE, "/state"},
		{"algorithm", "7", ERR_INVALID, "/algorithm"},
		{"algorithm", NULL, ERR_INVALID, "/algorithm"},
		{"seed", "-1", ERR_RANGE, "/seed"},
		{"seed", "9007199254740992", ERR_RANGE, "/seed"},
		{"seed", "7.5", ERR_INVALID, "/seed"},
		{"seed", NULL, ERR_INVALID, "/seed"},
		{"generation", "-1", ERR_RANGE, "/generation"},
		{"generation", "0", ERR_RANGE, "/population"},
		{"size", "0", ERR_RANGE, "/size"},
		{"size", "10001", ERR_RANGE, "/size"},
		{"next_id", "9007199254740991", ERR_RANGE, "/next_id"},
		{"elite", "8", ERR_RANGE, "/elite"},
		{"mutation_rate", "1.1", ERR_RANGE, "/mutation_rate"},
		{"batch_size", "0", ERR_RANGE, "/batch_size"},
		{"px_h", "0", ERR_RANGE, "/px_h"},
		{"population", "[]", ERR_RANGE, "/population"},
		{"population", "{}", ERR_INVALID, "/population"},
		{"population", "[7]", ERR_INVALID, "/population/0"},
		{"population", "[{}]", ERR_INVALID, "/population/0/id"},
		{"population", "[{\"id\": 1, \"fitness\": 2}]", ERR_RANGE,
			"/population/0/fitness"},
		{"population", "[{\"id\": 1, \"fitness\": 1}]", ERR_INVALID,
			"/population/0/genome"},
		{"population", "[{\"id\": 1, \"name\": 1}]", ERR_INVALID,
			"/population/0/name"},
		{"population", "[{\"id\": 1, \"species\": 0}]", ERR_RANGE,
			"/population/0/species"},
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
	struct generation_request q = request(*state, 1), back;
	json_t *v = generation_request_write(&q);
	json_t *list = json_object_get(v, "population");
	struct err e = {0};

	for (int i = 0; i < POPULATION_MAX; i++)
		json_array_append(list, json_array_get(list, 0));
	assert_int_equal(
		generation_request_read(*state, v, &back, &e), ERR_RANGE);
	assert_string_equal(e.where, "/population");
	json_decref(v);
}

#define HEAD "{\"algorithm\": \"truncation\", \"generation\": 1, \"next_id\": 1"

static void a_broken_answer_is_refused(void **state)
{
	static const char *const table[] = {
		HEAD "}",
		HEAD ", \"population\": []}",
		HEAD ", \"population\": [{\"id\": 0, \"parents\": [1, 2, 3]}]}",
		HEAD ", \"population\": [{\"id\": 0, \"parents\": [-1]}]}",
		HEAD ", \"population\": [{\"id\": 0, \"parents\": []}]}",
		HEAD ", \"population\": 7}",
		HEAD ", \"population\": [7]}",
		HEAD ", \"population\": [,]}",
		HEAD ", \"population\": [",
		HEAD ", \"population\": [{\"id\": 0, ",
		HEAD ", \"population\": []}}",
		HEAD ", \"population\": [], \"population\": []}",
		HEAD ", \"state\": {}, \"population\": []}",
		"{\"error\": \"no\"}",
	};
	struct generation_request q = request(*state, 20);

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct population p = {.next_id = -1};
		struct err e = {0};

		assert_true(read_answer(*state, table[i], &q, &p, &e) < 0);
		assert_null(p.members);
		assert_int_equal(p.next_id, -1);
	}
}

static void an_answer_to_another_question_is_refused(void **state)
{
	struct generation_request q = request(*state, 20), other = q;
	struct population p = served(*state, &q);
	char *text = answer_text(&q, &p);
	struct err e = {0};

	other.data.height++;
	assert_int_equal(read_answer(*state, text, &other, &p, &e), ERR_RANGE);
	assert_string_equal(e.where, "/population/0/genome");
	other = q;
	other.algorithm = !q.algorithm;
	assert_int_equal(
		read_answer(*state, text, &other, &p, &e), ERR_INVALID);
	free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_request_reads_back_as_it_was_written),
		TEST(the_text_of_a_request_is_that_of_its_tree),
		TEST(a_request_is_read_from_text_as_from_its_tree),
		TEST(limits_are_written_where_there_are_any),
		TEST(known_genomes_pass_in_the_first_question),
		TEST(the_first_generation_needs_no_population),
		TEST(an_answer_reads_back_as_it_was_written),
		TEST(the_same_request_has_the_same_bytes),
		TEST(an_answer_that_has_no_room_is_too_big),
		TEST(the_wire_changes_no_child),
		TEST(hostile_requests_are_refused_at_their_place),
		TEST(more_than_10000_members_are_refused),
		TEST(a_broken_answer_is_refused),
		TEST(an_answer_to_another_question_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
