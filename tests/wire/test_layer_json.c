/* test_layer_json.c -- what is written reads back; what is hostile is refused
 * with a code and the place; the schema says what the reader does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/doc.h"
#include "neat/chain.h"
#include "neat/layer_kind.h"
#include "neat/mutate.h"
#include "wire/layer_json.h"

#define MEMORY ((size_t)1 << 28)
#define OPERATIONS 100000
#define GENERATION 2000

static const struct data_shape cifar = {3, 32, 24, 100};

/* Through text, as a genome travels. */
static void assert_round_trip(const struct genome *g, struct arena *mem)
{
	json_t *v = layer_json_write(g, &cifar), *back;
	char *text = canonical_text(v, NULL);
	struct data_shape data;
	struct genome h;
	struct err e = {0};

	assert_non_null(text);
	back = doc_parse(text, strlen(text), &e);
	assert_true(layer_json_is(back));
	if (layer_json_read(back, "", mem, &h, &data, &e))
		fail_msg("%s: %s", e.text, text);
	if (!genome_equal(g, &h) || !data_shape_equal(&data, &cifar))
		fail_msg("changed on its way: %s", text);
	json_decref(v);
	json_decref(back);
	free(text);
}

/* A file may hold any value within the bounds, not only what evolution draws.
 */
static void scatter(struct node_gene *n, struct rng *r)
{
	size_t count;
	const struct attribute *a = attributes_of(n->kind, &count);

	for (size_t i = 0; i < count; i++) {
		double span = a[i].hi - a[i].lo;
		double x = a[i].type == ATTRIBUTE_REAL
				   ? span * rng_unit(r)
				   : (double)rng_below(r, (uint64_t)span + 1);

		attribute_set(&a[i], n, a[i].lo + x);
	}
}

static void every_genome_survives_its_text(void **state)
{
	struct innovation_book b;
	struct params p;
	struct arena mem;
	struct genome *g = NULL;
	struct rng r;

	(void)state;
	assert_int_equal(params_preset(&p, "cnn", NULL), 0);
	rng_stream(&r, 1, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < OPERATIONS; i++) {
		if (i % GENERATION == 0) {
			arena_release(&mem);
			innovation_open(&b, &mem, &chain_counters);
		}
		if (i % (i < GENERATION ? 50 : 8) == 0)
			g = chain_minimal(&mem, 64, space_default(), &r);
		mutate(&(struct mutator){&mem, &b, &p, space_default()}, g, &r);
		scatter(genome_own_nodes(&mem, g) + rng_below(&r, g->n_nodes),
			&r);
		if (i % 4 == 0)
			assert_round_trip(g, &mem);
	}
	arena_release(&mem);
}

/* -- refusals: a good document with one value replaced -- */

static json_t *good(void)
{
	static const char text[] =
		"{'num_channels': 1, 'px_h': 28, 'px_w': 28,"
		" 'num_classes': 10, 'nodes': ["
		"{'number': 0, 'kind': 'input'},"
		"{'number': 1, 'kind': 'output', 'merge': 'sum'},"
		"{'number': 2, 'kind': 'conv', 'merge': 'sum', 'filters': 16,"
		" 'kernel': 3, 'stride': 1, 'normalization': 'batch',"
		" 'activation': 'ReLU', 'pooling': 'max', 'dropout': 0},"
		"{'number': 7, 'kind': 'dense', 'merge': 'concat',"
		" 'units': 32, 'activation': 'tanh', 'dropout': 0.25}],"
		"'edges': ["
		"{'number': 3, 'from': 0, 'to': 2, 'enabled': true},"
		"{'number': 4, 'from': 2, 'to': 7, 'enabled': true},"
		"{'number': 5, 'from': 7, 'to': 1, 'enabled': true},"
		"{'number': 6, 'from': 2, 'to': 1, 'enabled': false}],"
		"'training': {'optimizer': 'AdamW', 'learning_rate': 0.001,"
		" 'batch_size': 32, 'dropout': 0.5}}";
	char copy[sizeof text];

	memcpy(copy, text, sizeof text);
	for (char *c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	return doc_parse(copy, strlen(copy), NULL);
}

/* The object or list at a pointer like "nodes/2". */
static json_t *at(json_t *v, const char *pointer)
{
	char copy[64], *rest = copy, *word;

	strcpy(copy, pointer);
	while (v && (word = strtok_r(rest, "/", &rest)))
		v = json_is_array(v) ? json_array_get(v, (size_t)atoi(word))
				     : json_object_get(v, word);
	return v;
}

static int read(json_t *v, struct err *e)
{
	struct data_shape data;
	struct genome g;
	struct arena mem;
	int rc;

	arena_init(&mem, MEMORY);
	rc = layer_json_read(v, "/g", &mem, &g, &data, e);
	arena_release(&mem);
	json_decref(v);
	return rc;
}

static void the_good_document_is_read(void **state)
{
	struct err e = {0};

	(void)state;
	if (read(good(), &e))
		fail_msg("%s: %s", e.where, e.text);
}

static void hostile_values_are_refused_at_their_place(void **state)
{
	static const struct {
		const char *parent, *key, *value;
		int code;
		const char *where, *why;
	} table[] = {
		{"", "px_h", "1025", ERR_RANGE, "/g/px_h", "1024"},
		{"", "nodes", "{}", ERR_INVALID, "/g/nodes", "a list"},
		{"", "nodes", "[]", ERR_RANGE, "/g/nodes", "2 to 512"},
		{"", "edges", "[]", ERR_RANGE, "/g/edges", "from 1 to 2048"},
		{"", "training", "[]", ERR_INVALID, "/g/training", "object"},
		{"", "weights", "[]", ERR_INVALID, "/g/weights", "not known"},
		{"nodes/0", "merge", "\"sum\"", ERR_INVALID, "/g/nodes/0/merge",
			"not known"},
		{"nodes/0", "kind", "\"output\"", ERR_INVALID,
			"/g/nodes/0/merge", "required"},
		{"nodes/0", "number", "-1", ERR_RANGE, "/g/nodes/0/number",
			"from 0"},
		{"nodes/0", "number", "9007199254740992", ERR_RANGE,
			"/g/nodes/0/number", "to 9007199254740991"},
		{"nodes/2", "kind", "\"neuron\"", ERR_RANGE, "/g/nodes/2/kind",
			"\"input\", \"output\", \"conv\" or \"dense\""},
		{"nodes/2", "kind", "7", ERR_INVALID, "/g/nodes/2/kind",
			"a string"},
		{"nodes/2", "filters", "513", ERR_RANGE, "/g/nodes/2/filters",
			"from 1 to 512"},
		{"nodes/2", "filters", "16.5", ERR_INVALID,
			"/g/nodes/2/filters", "an integer"},
		{"nodes/2", "stride", "5", ERR_RANGE, "/g/nodes/2/stride",
			"from 1 to 4"},
		{"nodes/2", "pooling", "\"min\"", ERR_RANGE,
			"/g/nodes/2/pooling",
			"must be \"none\", \"max\" or \"average\""},
		{"nodes/2", "units", "8", ERR_INVALID, "/g/nodes/2/units",
			"not known"},
		{"nodes/2", "dropout", "0.91", ERR_RANGE, "/g/nodes/2/dropout",
			"to 0.9"},
		{"nodes/3", "activation", "\"\"", ERR_RANGE,
			"/g/nodes/3/activation", "must be \"relu\""},
		{"nodes/3", "number", "2", ERR_RANGE, "/g", "sorted by number"},
		{"nodes/3", "number", "8", ERR_RANGE, "/g",
			"one of them is missing"},
		{"edges/0", "enabled", "1", ERR_INVALID, "/g/edges/0/enabled",
			"true or false"},
		{"edges/0", "enabled", "null", ERR_INVALID,
			"/g/edges/0/enabled", "true or false"},
		{"edges/0", "enabled", "false", ERR_RANGE, "/g",
			"no enabled edges lead from an input to an output"},
		{"edges/0", "weight", "1", ERR_INVALID, "/g/edges/0/weight",
			"not known"},
		{"edges/0", "to", "0", ERR_RANGE, "/g", "must not lead"},
		{"edges/1", "to", "2", ERR_RANGE, "/g", "cycle"},
		{"edges/2", "to", "2", ERR_RANGE, "/g", "must not lead"},
		{"edges/3", "to", "7", ERR_RANGE, "/g", "a second one"},
		{"training", "optimizer", "\"lion\"", ERR_RANGE,
			"/g/training/optimizer", "must be \"adam\", "},
		{"training", "learning_rate", "1.1", ERR_RANGE,
			"/g/training/learning_rate", "from 0 to 1"},
		{"training", "batch_size", "0", ERR_RANGE,
			"/g/training/batch_size", "from 1 to 4096"},
		{"training", "epochs", "3", ERR_INVALID, "/g/training/epochs",
			"not known"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		json_t *v = good();
		struct err e = {0};

		json_object_set_new(at(v, table[i].parent), table[i].key,
			json_loads(table[i].value, JSON_DECODE_ANY, NULL));
		if (read(v, &e) != table[i].code ||
			strcmp(e.where, table[i].where) != 0 ||
			!strstr(e.text, table[i].why))
			fail_msg("%s %s = %s: code %d at \"%s\": %s",
				table[i].parent, table[i].key, table[i].value,
				e.code, e.where, e.text);
	}
}

static void every_key_is_required(void **state)
{
	static const char *const objects[] = {"", "nodes/0", "nodes/1",
		"nodes/2", "nodes/3", "edges/0", "training"};
	json_t *doc = good(), *member;
	const char *key;

	(void)state;
	for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
		json_object_foreach(at(doc, objects[i]), key, member) {
			json_t *v = good();
			struct err e = {0};

			json_object_del(at(v, objects[i]), key);
			assert_int_equal(read(v, &e), ERR_INVALID);
			assert_non_null(strstr(e.text, key));
			assert_non_null(strstr(e.where, key));
		}
	}
	json_decref(doc);
}

static void what_is_no_object_is_refused(void **state)
{
	static const char *const places[] = {"/g", "/g/nodes/0", "/g/edges/0"};
	struct err e = {0};
	json_t *v;

	(void)state;
	for (int i = 0; i < 3; i++) {
		v = good();
		if (i == 1)
			json_array_set_new(at(v, "nodes"), 0, json_true());
		if (i == 2)
			json_array_set_new(at(v, "edges"), 0, json_array());
		if (i == 0) {
			json_decref(v);
			v = json_array();
		}
		assert_int_equal(read(v, &e), ERR_INVALID);
		assert_string_equal(e.where, places[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_good_document_is_read),
		cmocka_unit_test(hostile_values_are_refused_at_their_place),
		cmocka_unit_test(every_key_is_required),
		cmocka_unit_test(what_is_no_object_is_refused),
		cmocka_unit_test(every_genome_survives_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
