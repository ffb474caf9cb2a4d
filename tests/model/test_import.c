/* test_import.c -- what export wrote comes back whole; what was tampered with
 * is refused by a sentence. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "model/architecture.h"
#include "model/export.h"
#include "model/import.h"
#include "model/predict.h"
#include "nn/kernels/kernels.h"

#define BATCH 3
#define IMAGE_BYTES (2 * 13 * 11)
#define CLASSES 3

static struct import_options options = {
	.batch = BATCH, .max_bytes = (int64_t)1 << 28};

static struct spec spec;
static struct net *net;
static struct dataset_info info;
static const struct normalization normalization = {
	.mean = {0.25, 1.0 / 3}, .std = {0.125, 0.1}};
static struct buf file;

static int add(struct spec_node node, int input)
{
	node.inputs[0] = input;
	node.n_inputs = 1;
	return spec_add(&spec, &node, NULL);
}

/* Every op there is: two branches of other sizes, concatenated and summed. */
static void build_spec(void)
{
	int a, b, joined[2];

	spec_init(&spec, (struct shape){2, 13, 11}, CLASSES);
	a = add((struct spec_node){.op = OP_CONV, .filters = 5, .kernel = 3},
		0);
	a = add((struct spec_node){.op = OP_BATCHNORM}, a);
	a = add((struct spec_node){.op = OP_ACTIVATION, .activation = ACT_RELU},
		a);
	b = add((struct spec_node){.op = OP_MAXPOOL}, a);
	joined[0] = a;
	joined[1] = b;
	a = spec_merge(&spec, OP_CONCAT, joined, 2, NULL);
	b = add(
		(struct spec_node){
			.op = OP_CONV, .filters = 4, .kernel = 2, .stride = 2},
		b);
	b = add((struct spec_node){.op = OP_LAYERNORM}, b);
	joined[0] = a;
	joined[1] = b;
	a = spec_merge(&spec, OP_SUM, joined, 2, NULL);
	a = add((struct spec_node){.op = OP_AVGPOOL}, a);
	a = add((struct spec_node){.op = OP_DENSE, .units = 7}, a);
	a = add((struct spec_node){.op = OP_ACTIVATION, .activation = ACT_SELU},
		a);
	a = add((struct spec_node){.op = OP_DROPOUT, .rate = 0.3}, a);
	add((struct spec_node){.op = OP_DENSE, .units = CLASSES}, a);
}

static void write_file(struct buf *out, const char *genome_json)
{
	struct export x = {net, &spec, &info, &normalization, genome_json, 0};

	buf_init(out, 1 << 20);
	assert_int_equal(export_write(&x, out, NULL), 0);
}

/* One step, so that running statistics are not what every net starts with. */
static void train_a_little(struct rng *r)
{
	static const int32_t labels[BATCH] = {0, 1, 2};
	size_t pixel, correct = 0;
	float *x = net_input(net, &pixel);
	struct net_step step = {.n = BATCH, .labels = labels, .dropout = r};

	for (size_t i = 0; i < BATCH * 13 * 11; i++)
		for (size_t c = 0; c < 2; c++)
			x[i * pixel + c] = (float)rng_unit(r);
	net_backward(net, &step, &correct);
}

static int make_file(void **state)
{
	static const char names[CLASSES][DATASET_NAME_BYTES] = {
		"a \"b\"", "\xc3\xa9", "c"};
	struct rng r;

	(void)state;
	options.kernels = kernels_best();
	rng_stream(&r, 1, 2, 3);
	build_spec();
	if (spec_check(&spec, NULL))
		return -1;
	net = net_new(&spec, BATCH, options.kernels, &r, NULL);
	if (!net)
		return -1;
	train_a_little(&r);
	info = (struct dataset_info){.channels = 2,
		.height = 13,
		.width = 11,
		.classes = CLASSES,
		.hash = "0123abcd",
		.class_names = names};
	write_file(&file, "{\"px_h\":13}");
	return 0;
}

static int free_file(void **state)
{
	(void)state;
	net_free(net);
	buf_release(&file);
	return 0;
}

static struct import *import(const struct buf *b)
{
	struct err e = {0};
	struct import *m = import_read(b->data, b->len, &options, &e);

	if (!m)
		fail_msg("refused: %s", e.text);
	return m;
}

static void forward(struct net *n, float *logits)
{
	size_t pixel;
	float *x = net_input(n, &pixel);
	struct rng r;

	rng_stream(&r, 7, 0, 0);
	for (size_t i = 0; i < BATCH * 13 * 11; i++)
		for (size_t c = 0; c < 2; c++)
			x[i * pixel + c] = (float)rng_unit(&r) * 4 - 2;
	net_forward(n, BATCH, logits);
}

static void a_net_read_back_gives_the_same_logits_bit_for_bit(void **state)
{
	float was[BATCH * CLASSES], is[BATCH * CLASSES];
	struct import *m = import(&file);

	(void)state;
	forward(net, was);
	forward(m->net, is);
	assert_memory_equal(is, was, sizeof is);
	import_free(m);
}

static void a_net_read_back_is_written_as_the_same_bytes(void **state)
{
	struct import *m = import(&file);
	struct export x = {m->net, &m->spec, &m->data, &m->normalization,
		m->genome_json, m->flip_test};
	struct buf again;

	(void)state;
	buf_init(&again, 1 << 20);
	assert_int_equal(export_write(&x, &again, NULL), 0);
	assert_int_equal(again.len, file.len);
	assert_memory_equal(again.data, file.data, file.len);
	buf_release(&again);
	import_free(m);
}

/* Compared as JSON, since structs have padding. */
static void assert_same_spec(const struct spec *is, const struct spec *was)
{
	json_t *a = architecture_write(is), *b = architecture_write(was);

	assert_int_equal(is->classes, was->classes);
	assert_int_equal(is->n, was->n);
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
}

static void everything_in_the_notes_comes_back(void **state)
{
	struct import *m = import(&file);

	(void)state;
	assert_same_spec(&m->spec, &spec);
	assert_string_equal(m->data.hash, info.hash);
	assert_int_equal(m->data.channels, 2);
	assert_int_equal(m->data.height, 13);
	assert_int_equal(m->data.width, 11);
	assert_int_equal(m->data.classes, CLASSES);
	for (int k = 0; k < CLASSES; k++)
		assert_string_equal(
			m->data.class_names[k], info.class_names[k]);
	for (int c = 0; c < 2; c++) {
		assert_true(m->normalization.mean[c] == normalization.mean[c]);
		assert_true(m->normalization.std[c] == normalization.std[c]);
	}
	assert_string_equal(m->genome_json, "{\"px_h\":13}");
	assert_int_equal(m->batch, BATCH);
	import_free(m);
}

static void a_file_without_a_genome_is_read(void **state)
{
	struct import *m;
	struct buf b;

	(void)state;
	write_file(&b, NULL);
	m = import(&b);
	assert_null(m->genome_json);
	import_free(m);
	buf_release(&b);
}

/* What the file says of views the net does: here, mirrors change the answer. */
static void mirrored_views_come_back_and_are_taken(void **state)
{
	struct export x = {.net = net,
		.spec = &spec,
		.data = &info,
		.normalization = &normalization,
		.flip_test = 1};
	float was[BATCH * CLASSES], is[BATCH * CLASSES];
	struct import *m;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_int_equal(export_write(&x, &b, NULL), 0);
	m = import(&b);
	assert_int_equal(m->flip_test, 1);
	forward(net, was);
	forward(m->net, is);
	assert_memory_not_equal(is, was, sizeof is);
	net_flip_test(net, 1);
	forward(net, was);
	net_flip_test(net, 0);
	assert_memory_equal(is, was, sizeof is);
	import_free(m);
	buf_release(&b);
}

static void the_batch_is_halved_until_the_memory_is_enough(void **state)
{
	struct import_options tight = {kernels_best(), 64, 0};
	struct spec_cost cost;
	struct import *m;
	struct err e = {0};

	(void)state;
	spec_cost(&spec, 16, &cost);
	tight.max_bytes = cost.train_bytes;
	m = import_read(file.data, file.len, &tight, NULL);
	assert_non_null(m);
	assert_int_equal(m->batch, 16);
	import_free(m);
	spec_cost(&spec, 1, &cost);
	tight.max_bytes = cost.train_bytes - 1;
	assert_null(import_read(file.data, file.len, &tight, &e));
	assert_int_equal(e.code, ERR_RANGE);
	assert_non_null(strstr(e.text, "MB"));
}

static void probabilities_are_the_softmax_of_normalized_pixels(void **state)
{
	struct import *m = import(&file);
	uint8_t pixels[2 * IMAGE_BYTES];
	double p[2 * CLASSES];
	float logits[2 * CLASSES];
	size_t pixel;
	float *x;

	(void)state;
	for (int i = 0; i < 2 * IMAGE_BYTES; i++)
		pixels[i] = (uint8_t)(i * 31);
	assert_int_equal(predict(m, pixels, 2, p, NULL), 0);
	x = net_input(net, &pixel);
	for (size_t i = 0; i < 2; i++)
		for (size_t c = 0; c < 2; c++)
			for (size_t k = 0; k < 143; k++)
				x[(i * 143 + k) * pixel + c] =
					(float)((pixels[(i * 2 + c) * 143 + k] /
								255.0 -
							normalization.mean[c]) /
						normalization.std[c]);
	net_forward(net, 2, logits);
	for (int i = 0; i < 2; i++) {
		const float *l = logits + i * CLASSES;
		double sum = exp(l[0]) + exp(l[1]) + exp(l[2]);

		for (int k = 0; k < CLASSES; k++)
			assert_true(fabs(p[i * CLASSES + k] - exp(l[k]) / sum) <
				    1e-12);
	}
	import_free(m);
}

/* -- tampering -- */

/* Puts `with` in place of the first `what` in the header, the length mended. */
static void replace(struct buf *out, const char *what, const char *with)
{
	const char *at = memmem(file.data, file.len, what, strlen(what));
	size_t head = (size_t)(at - file.data);
	uint64_t length;

	assert_non_null(at);
	memcpy(&length, file.data, 8);
	length += strlen(with) - strlen(what);
	buf_init(out, 1 << 20);
	buf_add(out, &length, 8, NULL);
	buf_add(out, file.data + 8, head - 8, NULL);
	buf_puts(out, with, NULL);
	buf_add(out, at + strlen(what), file.len - head - strlen(what), NULL);
}

static void assert_refused(const struct buf *b, const char *sentence)
{
	struct err e = {0};

	if (import_read(b->data, b->len, &options, &e))
		fail_msg("accepted what must be refused with: %s", sentence);
	if (!strstr(e.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", e.text, sentence);
	assert_true(e.code == ERR_INVALID || e.code == ERR_RANGE);
	assert_null(import_read(b->data, b->len, &options, NULL));
}

static void what_was_tampered_with_is_refused_by_a_sentence(void **state)
{
	static const struct {
		const char *what, *with, *sentence;
	} table[] = {
		{"\"architecture\"", "\"architectur\"",
			"the note \"architecture\" is missing"},
		{"[{\\\"inputs\\\":[]", "{\\\"inputs\\\":[]",
			"the note \"architecture\": this is not JSON"},
		{"\\\"op\\\":\\\"conv\\\"", "\\\"op\\\":\\\"warp\\\"",
			"node 1: there is no op \"warp\""},
		{"\\\"filters\\\"", "\\\"filter\\\"",
			"node 1: the key \"filter\" is not known"},
		{"\\\"filters\\\":5", "\\\"filters\\\":\\\"5\\\"",
			"\"filters\" must be an integer, not a string"},
		{"\\\"filters\\\":5", "\\\"filters\\\":0",
			"the network cannot be built: node 1 (conv)"},
		{"\\\"filters\\\":5", "\\\"filters\\\":2147483647",
			"the network cannot be built: node 1 (conv)"},
		{"\\\"stride\\\":2", "\\\"stride\\\":5",
			"a stride of 5, which must be 1 to 4"},
		{"\\\"shape\\\":[5,13,11]", "\\\"shape\\\":[5,13,12]",
			"node 1 (conv) gives a map of 5x13x11, but its "
			"\"shape\" says 5x13x12"},
		{"\\\"kernel\\\":3", "\\\"kernel\\\":5",
			"the tensor \"node1.weight\" is 5x2x3x3, which the "
			"network needs as 5x2x5x5"},
		{"\\\"relu\\\"", "\\\"rely\\\"",
			"there is no activation \"rely\""},
		{"\\\"rate\\\":0.3", "\\\"rate\\\":1.5",
			"the network cannot be built"},
		{"\\\"rate\\\":0.3", "\\\"rate\\\":1e999",
			"the note \"architecture\": this is not JSON"},
		{"\\\"inputs\\\":[0]", "\\\"inputs\\\":[1]",
			"node 1 as an input, which is not an earlier one"},
		{"\\\"inputs\\\":[0]", "\\\"inputs\\\":[-1]",
			"entry 0 of \"inputs\" must be an integer from 0"},
		{"\\\"shape\\\":[2,13,11]", "\\\"shape\\\":[2,13]",
			"\"shape\" has 2 entries"},
		{"\\\"shape\\\":[2,13,11]", "\\\"shape\\\":[65,13,11]",
			"the limit is 64x1024x1024"},
		{"\\\"shape\\\":[2,13,11]", "\\\"shape\\\":[0,13,11]",
			"the network cannot be built: node 0"},
		{"\\\"c\\\"]", "\\\"c\\\",\\\"d\\\"]",
			"the output is 3x1x1, which must be 4 logits"},
		{"\\\"c\\\"]", "7]", "class name 2 must be a string"},
		{"\\\"c\\\"]", "\\\"\\\"]", "class name 2 must be a string"},
		{"\\\"c\\\"]", "\\\"\\\\u001b\\\"]",
			"without control characters"},
		{"\\\"mean\\\":[0.25,", "\\\"mean\\\":[",
			"the note \"normalization\": \"mean\" has 1 entries"},
		{"\\\"std\\\":[0.125", "\\\"std\\\":[0",
			"entry 0 of \"std\" must be a number from 1e-12 to 1"},
		{"\\\"std\\\":[0.125", "\\\"std\\\":[\\\"x\\\"",
			"entry 0 of \"std\" must be a number"},
		{"\"0123abcd\"", "\"0123abcg\"",
			"\"dataset_hash\" must be at most 64 hexadecimal"},
		{"\"dataset_hash\"", "\"flip_test\":\"1\",\"dataset_hash\"",
			"the note \"flip_test\" must be \"true\" or left out"},
		{"{\\\"px_h\\\":13}", "[]",
			"the note \"genome\": the JSON must be an object"},
		{"\"node1.bias\"", "\"node1.bia\"",
			"the tensor \"node1.bias\" is missing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf b;

		replace(&b, table[i].what, table[i].with);
		assert_refused(&b, table[i].sentence);
		buf_release(&b);
	}
}

/* Declared and true as far as the file goes, but not the network's. */
static void a_surplus_tensor_is_refused(void **state)
{
	char with[128];
	struct buf b;
	uint64_t length;

	(void)state;
	memcpy(&length, file.data, 8);
	snprintf(with, sizeof with,
		"{\"more\":{\"dtype\":\"F32\",\"shape\":[1],"
		"\"data_offsets\":[%zu,%zu]},",
		file.len - 8 - (size_t)length,
		file.len - 8 - (size_t)length + 4);
	replace(&b, "{", with);
	buf_add(&b, "\0\0\0\0", 4, NULL);
	assert_refused(&b, "the tensor \"more\" belongs to no node");
	buf_release(&b);
}

static void a_tensor_with_a_number_that_is_not_finite_is_refused(void **state)
{
	static const float bad[] = {NAN, INFINITY, -INFINITY};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct buf b;

		buf_init(&b, 1 << 20);
		buf_add(&b, file.data, file.len, NULL);
		memcpy(b.data + b.len - 4, &bad[i], 4);
		assert_refused(&b, "number 2 of the tensor \"node");
		assert_refused(&b, "is not finite");
		buf_release(&b);
	}
}

static void fill(struct net *n, size_t i, float value)
{
	struct net_tensor t;
	float *values;

	net_tensor(n, i, &t);
	values = malloc(t.count * sizeof *values);
	for (size_t k = 0; k < t.count; k++)
		values[k] = value;
	net_tensor_write(n, i, values);
	free(values);
}

static void values_that_overflow_give_no_probabilities(void **state)
{
	struct import *m = import(&file);
	const size_t n = net_tensor_count(m->net);
	uint8_t pixels[IMAGE_BYTES] = {0};
	double p[CLASSES] = {-1};
	struct err e = {0};

	(void)state;
	fill(m->net, n - 4, 3e38f); /* the weights of both dense layers */
	fill(m->net, n - 2, 3e38f);
	assert_int_equal(predict(m, pixels, 1, p, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "not a finite number"));
	assert_true(p[0] == -1);
	import_free(m);
}

static void a_file_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < file.len; n += 1 + n / 100)
		assert_null(import_read(file.data, n, &options, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_net_read_back_gives_the_same_logits_bit_for_bit),
		cmocka_unit_test(a_net_read_back_is_written_as_the_same_bytes),
		cmocka_unit_test(everything_in_the_notes_comes_back),
		cmocka_unit_test(a_file_without_a_genome_is_read),
		cmocka_unit_test(mirrored_views_come_back_and_are_taken),
		cmocka_unit_test(
			the_batch_is_halved_until_the_memory_is_enough),
		cmocka_unit_test(
			probabilities_are_the_softmax_of_normalized_pixels),
		cmocka_unit_test(
			what_was_tampered_with_is_refused_by_a_sentence),
		cmocka_unit_test(a_surplus_tensor_is_refused),
		cmocka_unit_test(
			a_tensor_with_a_number_that_is_not_finite_is_refused),
		cmocka_unit_test(values_that_overflow_give_no_probabilities),
		cmocka_unit_test(a_file_cut_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, make_file, free_file);
}
