/* test_population_json.c -- NEAT's requests and answers come back as they were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/doc.h"
#include "neat/algorithm_neat.h"
#include "wire/generation_json.h"

#define SIZE 12

static const struct data_shape mnist = {1, 28, 28, 10};
static struct arena mem;

static int start(void **state)
{
	(void)state;
	arena_init(&mem, (size_t)64 << 20);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

static json_t *answer_of(
	const struct generation_request *q, const struct population *p)
{
	struct buf text;
	json_t *v;

	buf_init(&text, (size_t)16 << 20);
	assert_int_equal(generation_answer_write(q, p, &text, NULL), 0);
	v = doc_parse(text.data, text.len, NULL);
	buf_release(&text);
	assert_non_null(v);
	return v;
}

static int read_answer(const json_t *v, const struct generation_request *q,
	struct population *out, struct err *e)
{
	char *text = json_dumps(v, JSON_COMPACT);
	int rc = generation_answer_read(&mem, text, strlen(text), q, out, e);

	free(text);
	return rc;
}

static struct population served(const struct generation_request *q)
{
	struct population p;
	struct err e = {0};

	if (algorithm_next(&mem, q, &p, &e))
		fail_msg("%s", e.text);
	return p;
}

/* The question for a generation after some others, whose members scored by
 * their id. */
static struct generation_request grown(int64_t generations)
{
	struct generation_request q = {.seed = 7,
		.size = SIZE,
		.space = *space_default(),
		.batch_size = 64,
		.data = mnist};
	struct neat_settings *own = (void *)q.own;

	assert_ptr_equal(algorithm_at(q.algorithm), &algorithm_neat);
	assert_int_equal(params_preset(&own->params, "cnn", NULL), 0);
	own->start.convolutions = 1;
	while (q.generation <= generations) {
		struct population p = served(&q);

		for (size_t i = 0; i < p.n; i++)
			p.members[i].fitness = (double)(p.members[i].id * 7 %
							11) /
					       11;
		q.now = p;
		q.generation++;
	}
	return q;
}

static void a_request_comes_back_whole(void **state)
{
	struct generation_request q = grown(4), again;
	json_t *v = generation_request_write(&q), *more;
	struct err e = {0};

	(void)state;
	if (generation_request_read(&mem, v, &again, &e))
		fail_msg("%s at %s", e.text, e.where);
	more = generation_request_write(&again);
	assert_true(json_equal(v, more));
	json_decref(v);
	json_decref(more);
}

static void an_answer_comes_back_whole(void **state)
{
	struct generation_request q = grown(4);
	struct population next = served(&q), again;
	struct err e = {0};
	json_t *v = answer_of(&q, &next), *more;

	(void)state;
	if (read_answer(v, &q, &again, &e))
		fail_msg("%s at %s", e.text, e.where);
	assert_int_equal(again.generation, 5);
	more = answer_of(&q, &again);
	assert_true(json_equal(v, more));
	json_decref(v);
	json_decref(more);
}

/* What passes the wire breeds the very children that it would have bred. */
static void the_wire_changes_no_child(void **state)
{
	struct generation_request q = grown(6), again;
	json_t *v = generation_request_write(&q), *a, *b;
	struct population here, there;

	(void)state;
	assert_int_equal(generation_request_read(&mem, v, &again, NULL), 0);
	here = served(&q);
	there = served(&again);
	a = answer_of(&q, &here);
	b = answer_of(&again, &there);
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
	json_decref(v);
}

static void genomes_of_other_data_are_refused(void **state)
{
	struct generation_request q = grown(1);
	struct population out;
	json_t *v = answer_of(&q, &q.now);

	(void)state;
	q.data = (struct data_shape){3, 32, 32, 10};
	assert_int_equal(read_answer(v, &q, &out, NULL), ERR_RANGE);
	json_decref(v);
}

/* The member at a path of keys and indices, to be changed. */
static json_t *at(json_t *v, const char *path)
{
	char copy[96], *save = NULL;

	strcpy(copy, path);
	for (char *s = strtok_r(copy, "/", &save); s;
		s = strtok_r(NULL, "/", &save))
		v = json_is_array(v) ? json_array_get(v, (size_t)(*s - '0'))
				     : json_object_get(v, s);
	assert_non_null(v);
	return v;
}

static void bad_requests_are_refused_at_their_place(void **state)
{
	static const struct {
		const char *of, *key, *value; /* no value: the key is lost */
		int code;
		const char *where;
	} bad[] = {
		{"", "seed", "-1", ERR_RANGE, "/seed"},
		{"", "size", "10001", ERR_RANGE, "/size"},
		{"", "state", NULL, ERR_INVALID, "/state"},
		{"", "population", "[]", ERR_RANGE, "/population"},
		{"", "generation", "0", ERR_RANGE, "/state"},
		{"", "elite", "1", ERR_INVALID, "/elite"},
		{"", "neat", "{\"magic\":1}", ERR_INVALID, "/neat/magic"},
		{"state", "best", "1.5", ERR_RANGE, "/state/best"},
		{"state", "more", "1", ERR_INVALID, "/state/more"},
		{"state/innovations", "node", "-1", ERR_RANGE,
			"/state/innovations/node"},
		{"state/species/0", "born", "null", ERR_INVALID,
			"/state/species/0/born"},
		{"population/1", "fitness", "1.01", ERR_RANGE,
			"/population/1/fitness"},
		{"population/1", "species", NULL, ERR_INVALID,
			"/population/1/species"},
		{"population/2/genome", "px_h", "32", ERR_RANGE,
			"/population/2/genome"},
		{"population/2/genome/nodes/2", "kernel", "99", ERR_RANGE,
			"/population/2/genome/nodes/2/kernel"},
	};
	struct generation_request q = grown(2), out;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		json_t *v = generation_request_write(&q);
		struct err e = {0};

		if (bad[i].value)
			json_object_set_new(at(v, bad[i].of), bad[i].key,
				json_loads(
					bad[i].value, JSON_DECODE_ANY, NULL));
		else
			json_object_del(at(v, bad[i].of), bad[i].key);
		if (generation_request_read(&mem, v, &out, &e) != bad[i].code ||
			strcmp(e.where, bad[i].where) != 0)
			fail_msg("%s/%s: %d at %s", bad[i].of, bad[i].key,
				e.code, e.where);
		json_decref(v);
	}
}

/* Crossover leans on it: the same number is the same kind of layer. */
static void a_number_that_means_two_layers_is_refused(void **state)
{
	struct generation_request q = grown(0), out;
	json_t *v = generation_request_write(&q);
	json_t *node = at(v, "population/3/genome/nodes/2");
	struct err e = {0};

	(void)state;
	json_object_clear(node);
	json_object_update_new(
		node, json_loads("{\"number\":2,\"kind\":\"dense\",\"units\":8,"
				 "\"merge\":\"sum\",\"activation\":\"relu\","
				 "\"dropout\":0}",
			      0, NULL));
	assert_int_equal(generation_request_read(&mem, v, &out, &e), ERR_RANGE);
	assert_string_equal(e.where, "/population");
	assert_non_null(strstr(e.text, "node 2"));
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_comes_back_whole),
		cmocka_unit_test(an_answer_comes_back_whole),
		cmocka_unit_test(the_wire_changes_no_child),
		cmocka_unit_test(genomes_of_other_data_are_refused),
		cmocka_unit_test(bad_requests_are_refused_at_their_place),
		cmocka_unit_test(a_number_that_means_two_layers_is_refused),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
