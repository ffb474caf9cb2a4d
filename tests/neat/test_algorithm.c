/* test_algorithm.c -- what holds of every algorithm, and random search, which
 * is the control of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "neat/algorithm.h"

#define SIZE 12
#define GENERATIONS 4

static const struct data_shape mnist = {1, 28, 28, 10};

static int set_up(void **state)
{
	static struct arena mem;

	arena_init(&mem, REPRODUCE_BYTES_MAX);
	*state = &mem;
	return 0;
}

static int tear_down(void **state)
{
	arena_release(*state);
	return 0;
}

static int number_of(const struct algorithm *a)
{
	int i = 0;

	while (algorithm_at(i) != a)
		i++;
	return i;
}

/* The question for generation 0, with the algorithm's default settings. */
static struct generation_request first_question(const struct algorithm *a)
{
	struct generation_request q = {.algorithm = number_of(a),
		.seed = 7,
		.size = SIZE,
		.space = *space_default(),
		.batch_size = 64,
		.data = mnist};

	fields_default(a->settings, FIELD_REQUEST, q.own);
	return q;
}

static struct population ask(
	struct arena *mem, const struct generation_request *q)
{
	const struct algorithm *a = algorithm_at(q->algorithm);
	struct population p;
	struct err e = {0};

	if (algorithm_next(mem, q, &p, &e))
		fail_msg("%s: %s", a->name, e.text);
	return p;
}

/* The question after the answer `p`, whose members score by their id. */
static struct generation_request question_after(
	const struct generation_request *q, const struct population *p)
{
	struct generation_request next = *q;

	next.generation++;
	next.now = *p;
	for (size_t i = 0; i < p->n; i++)
		p->members[i].fitness = (double)(p->members[i].id * 7 % 11) /
					11;
	return next;
}

static void assert_same(const struct population *a, const struct population *b)
{
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->next_id, b->next_id);
	for (size_t i = 0; i < a->n; i++) {
		assert_int_equal(a->members[i].id, b->members[i].id);
		assert_true(genome_equal(
			a->members[i].genome, b->members[i].genome));
	}
}

/* -- the rows -- */

static void each_has_a_name_of_its_own(void **state)
{
	int n = 0;

	(void)state;
	for (; algorithm_at(n); n++) {
		assert_ptr_equal(algorithm_name(n), algorithm_at(n)->name);
		assert_non_null(algorithm_at(n)->help);
		for (int i = 0; i < n; i++)
			assert_string_not_equal(
				algorithm_name(i), algorithm_name(n));
	}
	assert_true(n > 0);
	assert_null(algorithm_at(-1));
	assert_null(algorithm_name(n));
	assert_null(algorithm_fields(n));
}

/* Calls `check` for each row, those of included tables among them. */
static void each_row(
	const struct fields *t, void (*check)(const struct field *))
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].type == FIELD_INCLUDE)
			each_row(t->rows[i].of, check);
		else
			check(&t->rows[i]);
}

static void is_one_row_everywhere(const struct field *f)
{
	for (int i = 0; algorithm_at(i); i++) {
		const struct field *other = fields_find(
			algorithm_fields(i), NULL, f->key);

		assert_true(!other || other == f);
	}
}

/* So that a setting means one thing, and one option. */
static void settings_of_the_same_name_are_the_same_row(void **state)
{
	(void)state;
	for (int i = 0; algorithm_at(i); i++)
		each_row(algorithm_fields(i), is_one_row_everywhere);
}

static void has_help_and_a_before(const struct field *f)
{
	assert_non_null(f->help);
	assert_true(!f->since || f->before);
}

static void settings_have_room_and_sound_defaults(void **state)
{
	(void)state;
	for (int i = 0; algorithm_at(i); i++) {
		const struct algorithm *a = algorithm_at(i);
		_Alignas(8) unsigned char own[ALGORITHM_SETTINGS_BYTES];
		struct err e = {0};

		assert_ptr_equal(a->settings, algorithm_fields(i));
		assert_true(a->settings->size <= sizeof own);
		fields_default(a->settings, FIELD_REQUEST, own);
		if (fields_in_bounds(a->settings, own, &e) ||
			(a->check && a->check(own, SIZE, &e)))
			fail_msg("%s: %s", a->name, e.text);
		each_row(a->settings, has_help_and_a_before);
	}
}

/* -- what each does -- */

static void check_generation(const struct algorithm *a,
	const struct generation_request *q, const struct population *p)
{
	size_t elites = 0;

	assert_int_equal(p->n, SIZE);
	assert_int_equal(p->generation, q->generation);
	assert_int_equal(p->n_species > 0, a->species != 0);
	for (size_t i = 0; i < p->n; i++) {
		const struct individual *m = &p->members[i];

		assert_int_equal(genome_check(m->genome, NULL), 0);
		assert_int_equal(m->species >= 0, a->species != 0);
		assert_true(m->elite ? m->id < q->now.next_id
				     : m->id >= q->now.next_id);
		assert_true(m->id < p->next_id);
		elites += m->elite != 0;
	}
	if (a->elites && q->generation > 0)
		assert_int_equal(elites, a->elites(q->own));
}

static void generations_are_whole_and_new_members_have_new_ids(void **state)
{
	for (int i = 0; algorithm_at(i); i++) {
		const struct algorithm *a = algorithm_at(i);
		struct generation_request q = first_question(a);

		for (int g = 0; g < GENERATIONS; g++) {
			struct population p = ask(*state, &q);

			check_generation(a, &q, &p);
			q = question_after(&q, &p);
		}
	}
}

static void the_same_question_has_the_same_answer(void **state)
{
	for (int i = 0; algorithm_at(i); i++) {
		struct generation_request q = first_question(algorithm_at(i));

		for (int g = 0; g < GENERATIONS; g++) {
			struct population p = ask(*state, &q);
			struct population again = ask(*state, &q);

			assert_same(&p, &again);
			q = question_after(&q, &p);
		}
	}
}

/* -- random search -- */

static void random_search_starts_from_neats_own_genomes(void **state)
{
	const struct generation_request neat = first_question(&algorithm_neat);
	const struct generation_request q = first_question(&algorithm_random);
	const struct population a = ask(*state, &neat), b = ask(*state, &q);

	assert_same(&a, &b);
}

static void random_search_draws_every_member_anew(void **state)
{
	const struct generation_request q = first_question(&algorithm_random);
	const struct population first = ask(*state, &q);
	const struct generation_request after = question_after(&q, &first);
	const struct population next = ask(*state, &after);

	assert_int_equal(next.next_id, 2 * SIZE);
	for (size_t i = 0; i < next.n; i++) {
		const struct individual *m = &next.members[i];

		assert_int_equal(m->id, SIZE + (int64_t)i);
		assert_false(m->elite);
		assert_int_equal(m->parents[0], -1);
		for (size_t k = 0; k < first.n; k++)
			assert_false(genome_equal(
				m->genome, first.members[k].genome));
	}
}

/* Nothing is bred: what was found changes nothing. */
static void random_search_does_not_look_at_the_scores(void **state)
{
	struct generation_request q = first_question(&algorithm_random);
	struct population p = ask(*state, &q), a, b;

	q = question_after(&q, &p);
	a = ask(*state, &q);
	for (size_t i = 0; i < p.n; i++)
		p.members[i].fitness = 1 - p.members[i].fitness;
	b = ask(*state, &q);
	assert_same(&a, &b);
}

static void random_search_ends_with_the_ids(void **state)
{
	struct generation_request q = first_question(&algorithm_random);
	struct population p;
	struct err e = {0};

	q.now.next_id = GENE_NUMBER_MAX - SIZE + 1;
	assert_int_equal(algorithm_next(*state, &q, &p, &e), ERR_RANGE);
	assert_string_equal(e.text, "there are no ids left");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(each_has_a_name_of_its_own),
		TEST(settings_of_the_same_name_are_the_same_row),
		TEST(settings_have_room_and_sound_defaults),
		TEST(generations_are_whole_and_new_members_have_new_ids),
		TEST(the_same_question_has_the_same_answer),
		TEST(random_search_starts_from_neats_own_genomes),
		TEST(random_search_draws_every_member_anew),
		TEST(random_search_does_not_look_at_the_scores),
		TEST(random_search_ends_with_the_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
