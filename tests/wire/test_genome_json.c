/* test_genome_json.c -- a genome's two forms are read into one, the graph, and
 * come out as they went in.
 *
 * The digests of truncation runs rest on the flat form's bytes: what evolution
 * draws and breeds must say after its way through a graph what it said before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "neat/chain.h"
#include "neat/flat_breed.h"
#include "wire/flat_json.h"
#include "wire/genome_json.h"
#include "wire/layer_json.h"

#define MEMORY ((size_t)1 << 24)
#define GENOMES 5000

static const struct data_shape cifar = {3, 32, 32, 100};

static int set_up(void **state)
{
	static struct arena mem;

	arena_init(&mem, MEMORY);
	*state = &mem;
	return 0;
}

static int tear_down(void **state)
{
	arena_release(*state);
	return 0;
}

static struct genome_doc must_read(struct arena *mem, const json_t *v)
{
	struct genome_doc doc;
	struct err e = {0};

	if (genome_doc_read(v, "", mem, &doc, &e))
		fail_msg("%s: %s", e.where, e.text);
	assert_true(genome_doc_valid(&doc));
	return doc;
}

/* The JSON of `g` and that of its chain are the same bytes. */
static void assert_survives(struct arena *mem, const struct flat *g)
{
	json_t *v = flat_write(g);
	char *before = canonical_text(v, NULL), *after;
	struct genome_doc doc = must_read(mem, v);

	assert_int_equal(doc.form, GENOME_FLAT);
	assert_int_equal(genome_check(doc.graph, NULL), 0);
	after = genome_doc_text(&doc);
	assert_string_equal(before, after);
	free(before);
	free(after);
	json_decref(v);
}

static void random_and_bred_flat_genomes_keep_their_bytes(void **state)
{
	struct arena *mem = *state;
	struct flat a, b, child;
	struct rng r;

	rng_stream(&r, 1, 2, 3);
	flat_random(&a, &cifar, 64, space_default(), &r);
	for (int i = 0; i < GENOMES; i++) {
		flat_random(&b, &cifar, 1 + (int)rng_below(&r, 4096),
			space_default(), &r);
		assert_survives(mem, &b);
		assert_int_equal(
			flat_child(&child, &a, &b,
				&(struct flat_mutation){0.3, space_default()},
				&r, NULL),
			0);
		assert_survives(mem, &child);
		a = child;
		arena_release(mem);
	}
}

/* A client may name more or fewer activations than bred genomes have; what it
 * sent is written as flat_normalize leaves it. */
static void a_clients_flat_genome_is_written_normalized(void **state)
{
	struct arena *mem = *state;
	struct rng r;

	rng_stream(&r, 4, 5, 6);
	for (int i = 0; i < GENOMES; i++) {
		struct genome_doc doc;
		struct flat g;
		json_t *sent, *written, *normal;

		flat_random(&g, &cifar, 64, space_default(), &r);
		g.n_activations = 1 + (int)rng_below(&r, FLAT_LAYERS_MAX);
		for (int k = 0; k < g.n_activations; k++)
			g.activations[k] = (enum activation)rng_below(&r, 5);
		sent = flat_write(&g);
		doc = must_read(mem, sent);
		written = genome_doc_write(&doc);
		flat_normalize(&g);
		normal = flat_write(&g);
		assert_true(json_equal(written, normal));
		assert_survives(mem, &g);
		json_decref(sent);
		json_decref(written);
		json_decref(normal);
		arena_release(mem);
	}
}

static void a_graph_comes_back_as_it_was(void **state)
{
	struct arena *mem = *state;
	struct genome_doc doc = {.data = cifar, .form = GENOME_GRAPH}, again;
	struct rng r;
	json_t *v, *more;

	rng_stream(&r, 7, 8, 9);
	doc.graph = chain_minimal(mem, 64, space_default(), &r);
	v = genome_doc_write(&doc);
	assert_true(layer_json_is(v));
	again = must_read(mem, v);
	assert_int_equal(again.form, GENOME_GRAPH);
	assert_true(genome_equal(again.graph, doc.graph));
	assert_true(data_shape_equal(&again.data, &cifar));
	more = genome_doc_write(&again);
	assert_true(json_equal(v, more));
	json_decref(v);
	json_decref(more);
}

static void a_graph_that_is_no_chain_has_no_flat_form(void **state)
{
	struct arena *mem = *state;
	struct genome_doc doc = {.data = cifar, .form = GENOME_GRAPH};
	struct rng r;

	rng_stream(&r, 7, 8, 9);
	doc.graph = chain_minimal(
		mem, 64, space_default(), &r); /* without a dense layer */
	assert_true(genome_doc_valid(&doc));
	doc.form = GENOME_FLAT;
	assert_false(genome_doc_valid(&doc));
	doc.form = GENOME_GRAPH;
	doc.data.classes = 1;
	assert_false(genome_doc_valid(&doc));
}

static void neither_form_is_refused_and_leaves_its_target(void **state)
{
	static const char *const bad[] = {"{}", "[]", "7", "{\"nodes\":[]}",
		"{\"nodes\":[],\"filters\":[1]}"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		json_t *v = json_loads(bad[i], JSON_DECODE_ANY, NULL);
		struct genome_doc doc = {.form = GENOME_FLAT};
		struct err e = {0};

		assert_true(genome_doc_read(v, "/g", *state, &doc, &e) < 0);
		assert_int_equal(strncmp(e.where, "/g", 2), 0);
		assert_null(doc.graph);
		json_decref(v);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(random_and_bred_flat_genomes_keep_their_bytes),
		TEST(a_clients_flat_genome_is_written_normalized),
		TEST(a_graph_comes_back_as_it_was),
		TEST(a_graph_that_is_no_chain_has_no_flat_form),
		TEST(neither_form_is_refused_and_leaves_its_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
