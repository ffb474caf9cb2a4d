/* test_flat_json.c -- what is written reads back; what is hostile is refused
 * with a code and the place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/doc.h"
#include "neat/flat_breed.h"
#include "wire/flat_json.h"

/* The genome of the contract, member by member, so that a test can put
 * another value in a member's place. */
static const char *const good[][2] = {
	{"Number of Convolutional Layers", "2"},
	{"Number of Fully Connected Layers", "2"},
	{"Number of Nodes in Each Layer", "[128, 16]"},
	{"Activation Functions", "[\"tanh\", \"relu\"]"},
	{"Dropout Rate", "0.28"},
	{"Learning Rate", "0.001"},
	{"Batch Size", "32"},
	{"Optimizer", "\"adamw\""},
	{"filters", "[64, 32]"},
	{"kernel_sizes", "[3, 5]"},
	{"num_channels", "1"},
	{"px_h", "28"},
	{"px_w", "28"},
	{"num_classes", "10"},
};
#define KEYS (sizeof good / sizeof *good)

/* The good genome with `key` set to `value`; NULL leaves the key out. */
static void write_with(
	char *out, size_t max, const char *key, const char *value)
{
	size_t n = 0;
	int known = 0;

	out[n++] = '{';
	for (size_t i = 0; i < KEYS; i++) {
		int this = key && strcmp(key, good[i][0]) == 0;
		const char *v = this ? value : good[i][1];

		known |= this;
		if (v)
			n += (size_t)snprintf(out + n, max - n, "%s\"%s\": %s",
				n > 1 ? ", " : "", good[i][0], v);
	}
	if (key && !known)
		n += (size_t)snprintf(
			out + n, max - n, ", \"%s\": %s", key, value);
	snprintf(out + n, max - n, "}");
}

/* Reads the good genome with one member replaced, as it would arrive. */
static int read_with(
	const char *key, const char *value, struct flat *g, struct err *e)
{
	char text[4096];
	json_t *v;
	int rc;

	write_with(text, sizeof text, key, value);
	v = doc_parse(text, strlen(text), e);
	if (!v)
		return e->code;
	rc = flat_read(v, "/models/0", g, e);
	json_decref(v);
	return rc;
}

static struct flat must_read(const char *key, const char *value)
{
	struct flat g;
	struct err e = {0};

	if (read_with(key, value, &g, &e))
		fail_msg("%s = %s: %s", key, value, e.text);
	assert_true(flat_valid(&g));
	return g;
}

static void the_contracts_genome_is_read(void **state)
{
	struct flat g = must_read(NULL, NULL);

	(void)state;
	assert_int_equal(g.n_conv, 2);
	assert_int_equal(g.n_dense, 2);
	assert_int_equal(g.nodes[0], 128);
	assert_int_equal(g.nodes[1], 16);
	assert_int_equal(g.n_activations, 2);
	assert_int_equal(g.activations[0], ACT_TANH);
	assert_int_equal(g.activations[1], ACT_RELU);
	assert_true(g.dropout == 0.28);
	assert_true(g.learning_rate == 0.001);
	assert_int_equal(g.batch_size, 32);
	assert_int_equal(g.optimizer, OPT_ADAMW);
	assert_int_equal(g.filters[1], 32);
	assert_int_equal(g.kernels[1], 5);
	assert_int_equal(g.data.channels, 1);
	assert_int_equal(g.data.height, 28);
	assert_int_equal(g.data.width, 28);
	assert_int_equal(g.data.classes, 10);
}

static void a_short_list_goes_round(void **state)
{
	struct flat g;

	(void)state;
	g = must_read("Number of Nodes in Each Layer", "[32]");
	assert_int_equal(g.nodes[0], 32);
	assert_int_equal(g.nodes[1], 32);
	g = must_read("Number of Convolutional Layers", "5");
	assert_int_equal(g.filters[2], 64);
	assert_int_equal(g.filters[3], 32);
	assert_int_equal(g.filters[4], 64);
	assert_int_equal(g.kernels[4], 3);
}

static void surplus_entries_are_ignored_whatever_they_are(void **state)
{
	struct flat plain = must_read(NULL, NULL), g;

	(void)state;
	g = must_read("filters", "[64, 32, 100000, \"x\", null]");
	assert_true(flat_equal(&g, &plain));
}

static void activations_keep_their_own_length_up_to_16(void **state)
{
	struct flat g;

	(void)state;
	g = must_read("Activation Functions", "[\"selu\"]");
	assert_int_equal(g.n_activations, 1);
	g = must_read("Activation Functions",
		"[\"selu\",\"relu\",\"relu\",\"relu\",\"relu\",\"relu\","
		"\"relu\",\"relu\",\"relu\",\"relu\",\"relu\",\"relu\","
		"\"relu\",\"relu\",\"relu\",\"tanh\",\"no\",7]");
	assert_int_equal(g.n_activations, 16);
	assert_int_equal(g.activations[15], ACT_TANH);
}

static void names_are_read_in_any_letter_case(void **state)
{
	(void)state;
	assert_int_equal(
		must_read("Optimizer", "\"AdamW\"").optimizer, OPT_ADAMW);
	assert_int_equal(must_read("Optimizer", "\"SGD\"").optimizer, OPT_SGD);
	assert_int_equal(
		must_read("Optimizer", "\"RMSprop\"").optimizer, OPT_RMSPROP);
	assert_int_equal(must_read("Activation Functions", "[\"LeakyReLU\"]")
				 .activations[0],
		ACT_LEAKYRELU);
}

static void the_ends_of_every_bound_are_accepted(void **state)
{
	(void)state;
	must_read("Number of Convolutional Layers", "16");
	must_read("Number of Fully Connected Layers", "1");
	must_read("filters", "[1, 512]");
	must_read("kernel_sizes", "[1, 11]");
	must_read("Number of Nodes in Each Layer", "[1, 4096]");
	must_read("Dropout Rate", "0");
	must_read("Dropout Rate", "0.9");
	must_read("Learning Rate", "0");
	must_read("Learning Rate", "1");
	must_read("Batch Size", "4096");
	must_read("kernel_sizes", "[2, 4]");
}

static void hostile_values_are_refused_at_their_place(void **state)
{
	static const struct {
		const char *key, *value;
		int code;
		const char *where;
	} table[] = {
		{"Number of Convolutional Layers", "0", ERR_RANGE,
			"/models/0/Number of Convolutional Layers"},
		{"Number of Convolutional Layers", "1000000000", ERR_RANGE,
			"/models/0/Number of Convolutional Layers"},
		{"Number of Convolutional Layers", "-9223372036854775808",
			ERR_RANGE, "/models/0/Number of Convolutional Layers"},
		{"Number of Convolutional Layers", "9223372036854775808",
			ERR_INVALID, ""},
		{"Number of Convolutional Layers", "\"32\"", ERR_INVALID,
			"/models/0/Number of Convolutional Layers"},
		{"Number of Convolutional Layers", "true", ERR_INVALID,
			"/models/0/Number of Convolutional Layers"},
		{"Number of Convolutional Layers", "null", ERR_INVALID,
			"/models/0/Number of Convolutional Layers"},
		{"Number of Fully Connected Layers", "17", ERR_RANGE,
			"/models/0/Number of Fully Connected Layers"},
		{"filters", "[]", ERR_RANGE, "/models/0/filters"},
		{"filters", "64", ERR_INVALID, "/models/0/filters"},
		{"filters", "{}", ERR_INVALID, "/models/0/filters"},
		{"filters", "[64, 0]", ERR_RANGE, "/models/0/filters/1"},
		{"filters", "[513]", ERR_RANGE, "/models/0/filters/0"},
		{"filters", "[64, \"32\"]", ERR_INVALID, "/models/0/filters/1"},
		{"filters", "[[64]]", ERR_INVALID, "/models/0/filters/0"},
		{"filters", "[64.5]", ERR_INVALID, "/models/0/filters/0"},
		{"kernel_sizes", "[12]", ERR_RANGE, "/models/0/kernel_sizes/0"},
		{"Number of Nodes in Each Layer", "[4097]", ERR_RANGE,
			"/models/0/Number of Nodes in Each Layer/0"},
		{"Activation Functions", "[]", ERR_RANGE,
			"/models/0/Activation Functions"},
		{"Activation Functions", "\"relu\"", ERR_INVALID,
			"/models/0/Activation Functions"},
		{"Activation Functions", "[\"relu\", \"swish\"]", ERR_RANGE,
			"/models/0/Activation Functions/1"},
		{"Activation Functions", "[7]", ERR_INVALID,
			"/models/0/Activation Functions/0"},
		{"Activation Functions", "[\"\"]", ERR_RANGE,
			"/models/0/Activation Functions/0"},
		{"Dropout Rate", "0.91", ERR_RANGE, "/models/0/Dropout Rate"},
		{"Dropout Rate", "-1e-9", ERR_RANGE, "/models/0/Dropout Rate"},
		{"Dropout Rate", "NaN", ERR_INVALID, ""},
		{"Dropout Rate", "\"NaN\"", ERR_INVALID,
			"/models/0/Dropout Rate"},
		{"Learning Rate", "1e400", ERR_INVALID, ""},
		{"Learning Rate", "1e300", ERR_RANGE,
			"/models/0/Learning Rate"},
		{"Learning Rate", "Infinity", ERR_INVALID, ""},
		{"Learning Rate", "1.0001", ERR_RANGE,
			"/models/0/Learning Rate"},
		{"Batch Size", "0", ERR_RANGE, "/models/0/Batch Size"},
		{"Batch Size", "4097", ERR_RANGE, "/models/0/Batch Size"},
		{"Optimizer", "\"adamax\"", ERR_RANGE, "/models/0/Optimizer"},
		{"Optimizer", "\"\"", ERR_RANGE, "/models/0/Optimizer"},
		{"Optimizer", "3", ERR_INVALID, "/models/0/Optimizer"},
		{"num_channels", "65", ERR_RANGE, "/models/0/num_channels"},
		{"px_h", "1025", ERR_RANGE, "/models/0/px_h"},
		{"px_w", "0", ERR_RANGE, "/models/0/px_w"},
		{"num_classes", "1", ERR_RANGE, "/models/0/num_classes"},
		{"num_classes", "65536", ERR_RANGE, "/models/0/num_classes"},
		{"dropout", "0.1", ERR_INVALID, "/models/0/dropout"},
		{"__proto__", "{}", ERR_INVALID, "/models/0/__proto__"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct flat g = {.n_conv = -7};
		struct err e = {0};
		int rc = read_with(table[i].key, table[i].value, &g, &e);

		if (rc != table[i].code || strcmp(e.where, table[i].where) != 0)
			fail_msg("%s = %s: code %d at \"%s\": %s", table[i].key,
				table[i].value, rc, e.where, e.text);
		assert_true(e.text[0] != '\0');
		assert_int_equal(g.n_conv, -7);
	}
}

static void every_key_is_required(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++) {
		struct flat g;
		struct err e = {0};

		assert_int_equal(
			read_with(good[i][0], NULL, &g, &e), ERR_INVALID);
		assert_non_null(strstr(e.text, good[i][0]));
		assert_non_null(strstr(e.where, good[i][0]));
	}
}

static void a_list_over_1024_entries_is_refused(void **state)
{
	json_t *v, *list = json_array();
	struct flat g = must_read(NULL, NULL);
	struct err e = {0};

	(void)state;
	v = flat_write(&g);
	for (int i = 0; i < 1024; i++)
		json_array_append_new(list, json_integer(16));
	json_object_set_new(v, "filters", list);
	assert_int_equal(flat_read(v, "", &g, &e), 0);
	json_array_append_new(list, json_integer(16));
	assert_int_equal(flat_read(v, "", &g, &e), ERR_RANGE);
	assert_string_equal(e.where, "/filters");
	json_decref(v);
}

static void what_is_no_object_is_refused(void **state)
{
	struct flat g;
	struct err e = {0};
	json_t *v = json_array();

	(void)state;
	assert_int_equal(flat_read(v, "/1", &g, &e), ERR_INVALID);
	assert_string_equal(e.where, "/1");
	assert_int_equal(flat_read(NULL, "/1", &g, &e), ERR_INVALID);
	json_decref(v);
}

/* Through text, as a genome travels. */
static void assert_round_trip(const struct flat *g)
{
	json_t *v = flat_write(g), *back;
	char *text = canonical_text(v, NULL);
	struct flat h;
	struct err e = {0};

	assert_non_null(text);
	back = doc_parse(text, strlen(text), &e);
	assert_non_null(back);
	if (flat_read(back, "", &h, &e))
		fail_msg("%s: %s", e.text, text);
	if (!flat_equal(g, &h))
		fail_msg("changed on its way: %s", text);
	json_decref(v);
	json_decref(back);
	free(text);
}

static void every_genome_survives_its_text(void **state)
{
	const struct data_shape data = {3, 32, 32, 100};
	struct flat a, b;
	struct rng r;

	(void)state;
	rng_stream(&r, 1, 2, 3);
	flat_random(&a, &data, 64, space_default(), &r);
	for (int i = 0; i < 5000; i++) {
		assert_round_trip(&a);
		flat_random(&b, &data, 1 + (int)rng_below(&r, 4096),
			space_default(), &r);
		assert_round_trip(&b);
		b.dropout = LAYER_DROPOUT_MAX * rng_unit(&r);
		b.learning_rate = rng_unit(&r);
		assert_int_equal(
			flat_child(&a, &a, &b,
				&(struct flat_mutation){0.5, space_default()},
				&r, NULL),
			0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_contracts_genome_is_read),
		cmocka_unit_test(a_short_list_goes_round),
		cmocka_unit_test(surplus_entries_are_ignored_whatever_they_are),
		cmocka_unit_test(activations_keep_their_own_length_up_to_16),
		cmocka_unit_test(names_are_read_in_any_letter_case),
		cmocka_unit_test(the_ends_of_every_bound_are_accepted),
		cmocka_unit_test(hostile_values_are_refused_at_their_place),
		cmocka_unit_test(every_key_is_required),
		cmocka_unit_test(a_list_over_1024_entries_is_refused),
		cmocka_unit_test(what_is_no_object_is_refused),
		cmocka_unit_test(every_genome_survives_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
