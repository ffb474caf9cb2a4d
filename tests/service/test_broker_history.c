/* test_broker_history.c -- what a run has made, a page at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker_bench.h"

#define RUN "/v1/runs/" BENCH_UUID

static int set_up(void **state)
{
	int rc = broker_bench_set_up(state);

	if (rc == 0)
		broker_bench_store_run(*state);
	return rc;
}

static json_t *get(struct broker_bench *b, const char *target)
{
	return broker_bench_ask(b, "GET", target, NULL, 200);
}

static void refuse(struct broker_bench *b, const char *target, int status)
{
	json_t *v = broker_bench_ask(b, "GET", target, NULL, status);

	assert_true(json_is_string(json_object_get(v, "error")));
	json_decref(v);
}

/* The `key` of all items, "1,2"; then ";" and the next key or "-". */
static const char *page(
	struct broker_bench *b, const char *target, const char *key)
{
	static char text[500];
	json_t *v = get(b, target), *items = json_object_get(v, "items");
	const json_t *next = json_object_get(v, "next");
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < json_array_size(items); i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%d",
			i ? "," : "",
			(int)json_integer_value(json_object_get(
				json_array_get(items, i), key)));
	if (json_is_integer(next))
		snprintf(text + n, sizeof text - n, ";%d",
			(int)json_integer_value(next));
	else
		strcat(text, ";-");
	json_decref(v);
	return text;
}

static void a_page_says_where_the_next_begins(void **state)
{
	struct broker_bench *b = *state;

	assert_string_equal(page(b, RUN "/genomes?limit=3", "id"), "0,1,2;2");
	assert_string_equal(
		page(b, RUN "/genomes?limit=3&after=2", "id"), "3;-");
	assert_string_equal(page(b, RUN "/genomes", "id"), "0,1,2,3;-");
}

static void a_full_last_page_has_none_after_it(void **state)
{
	struct broker_bench *b = *state;

	assert_string_equal(page(b, RUN "/genomes?limit=4", "id"), "0,1,2,3;-");
	assert_string_equal(
		page(b, RUN "/genomes?limit=2&after=1", "id"), "2,3;-");
	assert_string_equal(
		page(b, RUN "/generations?limit=1", "generation"), "0;-");
	assert_string_equal(page(b, RUN "/lineage/2?limit=1", "id"), "2;-");
}

static void genomes_of_one_generation_are_listed(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_edit(b, "UPDATE roster SET born = 1 WHERE id = 2");
	assert_string_equal(page(b, RUN "/genomes?generation=1", "id"), "2;-");
	assert_string_equal(
		page(b, RUN "/genomes?generation=0&limit=2", "id"), "0,1;1");
}

static void genomes_are_sorted_filtered_and_counted(void **state)
{
	struct broker_bench *b = *state;
	json_t *v;

	broker_bench_edit(b,
		"UPDATE roster SET cpu_s = id % 3, species = id / 2;"
		"UPDATE roster SET failure = 'memory', scored = 1 WHERE id = "
		"3");
	assert_string_equal(
		page(b, RUN "/genomes?sort=cpu_s", "id"), "0,3,1,2;-");
	assert_string_equal(
		page(b, RUN "/genomes?sort=cpu_s&order=desc&limit=2", "id"),
		"2,1;1");
	assert_string_equal(
		page(b, RUN "/genomes?sort=cpu_s&order=desc&after=1", "id"),
		"3,0;-");
	assert_string_equal(page(b, RUN "/genomes?offset=3", "id"), "3;-");
	assert_string_equal(
		page(b, RUN "/genomes?filter=species:1,state:failed", "id"),
		"3;-");
	assert_string_equal(
		page(b, RUN "/genomes?filter=failure:memory", "id"), "3;-");
	v = get(b, RUN "/genomes?filter=species:0&limit=1");
	assert_int_equal(json_integer_value(json_object_get(v, "total")), 2);
	json_decref(v);
	refuse(b, RUN "/genomes?sort=name", 422);
	refuse(b, RUN "/genomes?order=up", 422);
	refuse(b, RUN "/genomes?limit=501", 422);
	refuse(b, RUN "/genomes?offset=-1", 422);
	refuse(b, RUN "/genomes?filter=state:late", 422);
	refuse(b, RUN "/genomes?filter=species", 422);
	refuse(b, RUN "/genomes?filter=species:x", 422);
}

static void points_are_those_that_are_scored(void **state)
{
	struct broker_bench *b = *state;
	json_t *v;

	broker_bench_edit(b,
		"UPDATE roster SET scored = 1, fitness = 0.5 WHERE id < 3;"
		"UPDATE roster SET failure = 'crash' WHERE id = 1");
	v = get(b, RUN "/points");
	assert_int_equal(json_integer_value(json_object_get(v, "total")), 2);
	assert_int_equal(json_integer_value(json_object_get(v, "step")), 1);
	assert_int_equal(
		json_integer_value(json_array_get(json_object_get(v, "id"), 1)),
		2);
	json_decref(v);
}

static void genes_stand_beside_the_fitness_of_those_that_are_scored(
	void **state)
{
	struct broker_bench *b = *state;
	const json_t *genes, *gene;
	json_t *v;

	broker_bench_edit(b,
		"UPDATE roster SET scored = 1, fitness = 0.5 WHERE id < 3;"
		"UPDATE roster SET failure = 'crash' WHERE id = 1");
	v = get(b, RUN "/genes");
	genes = json_object_get(v, "genes");
	assert_int_equal(json_integer_value(json_object_get(v, "total")), 2);
	assert_int_equal(json_array_size(json_object_get(v, "id")), 2);
	assert_true(json_array_size(genes) > 10);
	gene = json_array_get(genes, 0);
	assert_string_equal(json_string_value(json_object_get(gene, "name")),
		"conv layers");
	assert_int_equal(json_array_size(json_object_get(gene, "values")), 2);
	json_decref(v);
}

static void generations_say_where_their_members_lie(void **state)
{
	struct broker_bench *b = *state;
	const json_t *g, *q;
	json_t *v;

	broker_bench_edit(b,
		"UPDATE roster SET scored = 1, fitness = id * 0.1, cpu_s = 2,"
		" trainings = 1; UPDATE generation SET scored = 1");
	v = get(b, RUN "/generations");
	g = json_array_get(json_object_get(v, "items"), 0);
	q = json_object_get(g, "quartiles");
	assert_float_equal(json_real_value(json_array_get(q, 1)), 0.15, 1e-12);
	assert_float_equal(json_real_value(json_array_get(q, 2)), 0.225, 1e-12);
	g = json_object_get(g, "spent");
	assert_int_equal(
		json_integer_value(json_object_get(g, "trainings")), 4);
	assert_float_equal(
		json_number_value(json_object_get(g, "cpu_s")), 8, 1e-12);
	json_decref(v);
}

static void lineage_goes_down_and_pages_go_on_below(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_edit(b,
		"UPDATE genome SET parent_a = 2, parent_b = 1 WHERE id = 3;"
		"UPDATE genome SET parent_a = 0 WHERE id = 2");
	assert_string_equal(page(b, RUN "/lineage/3", "id"), "3,2,1,0;-");
	assert_string_equal(page(b, RUN "/lineage/3?limit=2", "id"), "3,2;2");
	assert_string_equal(
		page(b, RUN "/lineage/3?limit=2&after=2", "id"), "1,0;-");
}

static void species_of_a_generation_are_listed(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_edit(b, "INSERT INTO species VALUES "
			     "(1, 0, 1, 0, 0, 3, 0.5, 0.25, 2, ''),"
			     "(1, 0, 2, 0, 0, 1, 0.1, 0.1, 3, '')");
	assert_string_equal(page(b, RUN "/species?limit=1", "champion"), "2;1");
	assert_string_equal(
		page(b, RUN "/species?limit=1&after=1", "champion"), "3;-");
}

static void page_parameters_are_checked(void **state)
{
	struct broker_bench *b = *state;

	refuse(b, RUN "/genomes?limit=0", 422);
	refuse(b, RUN "/genomes?limit=1001", 422);
	refuse(b, RUN "/genomes?after=one", 400);
	refuse(b, RUN "/generations?after=-2", 422);
}

static void a_genome_is_shown_with_its_parts(void **state)
{
	struct broker_bench *b = *state;
	json_t *v = get(b, RUN "/genomes/1");

	assert_int_equal(json_integer_value(json_object_get(v, "id")), 1);
	assert_string_equal(
		json_string_value(json_object_get(v, "state")), "open");
	assert_true(json_is_object(json_object_get(v, "genome")));
	assert_true(json_is_null(json_object_get(v, "result")));
	assert_true(json_is_null(json_object_get(v, "fitness")));
	json_decref(v);
	refuse(b, RUN "/genomes/4", 404);
	refuse(b, RUN "/genomes/one", 400);
	refuse(b, RUN "/lineage/4", 404);
}

static void a_genome_is_shown_with_what_each_rung_gave(void **state)
{
	struct broker_bench *b = *state;
	json_t *v = get(b, RUN "/genomes/1");

	assert_int_equal(json_array_size(json_object_get(v, "rungs")), 0);
	json_decref(v);
	broker_bench_edit(b, "INSERT INTO rung VALUES (1, 1, 0, 0.5, 0.75, "
			     "'{\"loss\":0.75}', ''),"
			     "(1, 1, 1, 0.6, 0.5, '{\"loss\":0.5}', '')");
	v = get(b, RUN "/genomes/1");
	assert_int_equal(json_array_size(json_object_get(v, "rungs")), 2);
	assert_true(json_real_value(json_object_get(
			    json_object_get(v, "result"), "loss")) == 0.5);
	json_decref(v);
	broker_bench_edit(b, "UPDATE genome SET scored = 1, failure = 'memory',"
			     "result = '{\"failure\":{}}' WHERE id = 1");
	v = get(b, RUN "/genomes/1");
	assert_int_equal(json_array_size(json_object_get(v, "rungs")), 2);
	assert_true(json_is_object(
		json_object_get(json_object_get(v, "result"), "failure")));
	json_decref(v);
}

static void a_genome_is_drawn(void **state)
{
	struct broker_bench *b = *state;
	struct http_options o = {.service = "broker", .ctx = &b->broker};
	struct http_local a;

	o.routes = broker_routes(&o.n_routes);
	http_local_ask(&o, "GET", RUN "/genomes/1.svg", NULL, &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.body, "<svg"));
	http_local_release(&a);
}

static void there_is_no_champion_before_a_score(void **state)
{
	struct broker_bench *b = *state;

	refuse(b, RUN "/champion", 404);
	refuse(b, RUN "/champion.safetensors", 409);
}

static void a_store_that_is_broken_is_not_the_clients_fault(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_edit(b, "UPDATE run SET settings = '{}'");
	refuse(b, RUN "/champion", 503);
}

/* The sentence goes to who asks: nobody else can put a backup in place. */
static void a_row_that_is_not_as_it_was_written_is_a_500(void **state)
{
	struct broker_bench *b = *state;
	json_t *v;

	broker_bench_sql(b, "UPDATE genome SET fitness = 1 WHERE id = 1");
	v = broker_bench_ask(b, "GET", RUN "/genomes/1", NULL, 500);
	assert_string_equal(json_string_value(json_object_get(v, "detail")),
		"the store is damaged: genome 1 of run " BENCH_UUID
		" is not as it was written; put a backup of the store in its "
		"place");
	json_decref(v);
	refuse(b, RUN "/genomes?limit=3", 500);
	json_decref(get(b, RUN "/genomes/0"));
	broker_bench_sql(b, "UPDATE run SET state = 'paused'");
	refuse(b, RUN, 500);
	/* The list has what can be listed. */
	v = get(b, "/v1/runs");
	assert_int_equal(json_array_size(json_object_get(v, "items")), 0);
	assert_int_equal(json_array_size(json_object_get(v, "damaged")), 1);
	json_decref(v);
}

#define RULE(f) \
	cmocka_unit_test_setup_teardown(f, set_up, broker_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_page_says_where_the_next_begins),
		RULE(a_full_last_page_has_none_after_it),
		RULE(genomes_of_one_generation_are_listed),
		RULE(genomes_are_sorted_filtered_and_counted),
		RULE(points_are_those_that_are_scored),
		RULE(genes_stand_beside_the_fitness_of_those_that_are_scored),
		RULE(generations_say_where_their_members_lie),
		RULE(lineage_goes_down_and_pages_go_on_below),
		RULE(species_of_a_generation_are_listed),
		RULE(page_parameters_are_checked),
		RULE(a_genome_is_shown_with_its_parts),
		RULE(a_genome_is_shown_with_what_each_rung_gave),
		RULE(a_genome_is_drawn),
		RULE(there_is_no_champion_before_a_score),
		RULE(a_store_that_is_broken_is_not_the_clients_fault),
		RULE(a_row_that_is_not_as_it_was_written_is_a_500),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
