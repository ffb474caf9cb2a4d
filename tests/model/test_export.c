/* test_export.c -- the exported file holds the net, tensor for tensor, and what
 * it takes to build it again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "model/decode.h"
#include "chains.h"
#include "model/export.h"
#include "model/safetensors.h"
#include "nn/kernels/kernels.h"

static const struct flat genome = {
	.data = {2, 12, 12, 3},
	.n_conv = 2,
	.n_dense = 1,
	.filters = {3, 5},
	.kernels = {3, 2},
	.nodes = {7},
	.n_activations = 1,
	.activations = {ACT_LEAKYRELU},
	.dropout = 0.5,
	.learning_rate = 0.001,
	.batch_size = 4,
	.optimizer = OPT_ADAM,
};

static struct model model;
static struct net *net;

static int make_net(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, 1, 2, 3);
	if (model_decode(chain_of(&genome), &genome.data, (int64_t)1 << 30,
		    &model, NULL))
		return -1;
	net = net_new(&model.spec, model.batch, kernels_best(), &r, NULL);
	return net ? 0 : -1;
}

static int free_net(void **state)
{
	(void)state;
	net_free(net);
	return 0;
}

/* A parsed file: the header, and where the tensors begin. */
struct file {
	struct buf bytes;
	json_t *header;
	const char *tensors;
	size_t tensor_bytes;
};

static void parse(struct file *f)
{
	uint64_t n = 0;

	for (int i = 7; i >= 0; i--)
		n = n << 8 | (uint8_t)f->bytes.data[i];
	assert_true(n <= f->bytes.len - 8);
	assert_int_equal(n % 8, 0);
	f->header = json_loadb(
		f->bytes.data + 8, n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(f->header);
	f->tensors = f->bytes.data + 8 + n;
	f->tensor_bytes = f->bytes.len - 8 - n;
}

static void file_release(struct file *f)
{
	json_decref(f->header);
	buf_release(&f->bytes);
}

static void make_export(struct file *f, const char *genome_json)
{
	static const char names[3][DATASET_NAME_BYTES] = {
		"a \"b\"", "\xc3\xa9", "c"};
	struct dataset_info *d = calloc(1, sizeof *d);
	struct normalization norm = {.mean = {0.25, 0.5}, .std = {0.125, 1}};
	struct export x = {net, &model.spec, d, &norm, genome_json, 0};

	*d = (struct dataset_info){.channels = 2, .classes = 3};
	strcpy(d->hash, "0123abcd");
	d->class_names = names;
	buf_init(&f->bytes, 1 << 20);
	assert_int_equal(export_write(&x, &f->bytes, NULL), 0);
	parse(f);
	free(d);
}

static void every_tensor_is_in_the_file_bit_for_bit(void **state)
{
	size_t next = 0;
	struct file f;

	(void)state;
	make_export(&f, "{}");
	assert_int_equal(json_object_size(f.header), net_tensor_count(net) + 1);
	for (size_t i = 0; i < net_tensor_count(net); i++) {
		struct net_tensor t;
		const char *type;
		json_int_t start, end;
		json_t *shape;
		float *values;

		net_tensor(net, i, &t);
		assert_int_equal(
			json_unpack(json_object_get(f.header, t.name),
				"{s:s, s:o, s:[I, I!]!}", "dtype", &type,
				"shape", &shape, "data_offsets", &start, &end),
			0);
		assert_string_equal(type, "F32");
		assert_int_equal(json_array_size(shape), t.ndims);
		for (int k = 0; k < t.ndims; k++)
			assert_int_equal(json_integer_value(json_array_get(
						 shape, (size_t)k)),
				t.dims[k]);
		assert_int_equal(start, next); /* no holes */
		assert_int_equal(end, next + 4 * t.count);
		values = malloc(4 * t.count);
		net_tensor_read(net, i, values);
		assert_memory_equal(f.tensors + start, values, 4 * t.count);
		free(values);
		next = (size_t)end;
	}
	assert_int_equal(next, f.tensor_bytes);
	file_release(&f);
}

/* The note `key`, parsed; the caller's reference. */
static json_t *note(const struct file *f, const char *key)
{
	json_t *notes = json_object_get(f->header, "__metadata__");
	const char *text = json_string_value(json_object_get(notes, key));

	assert_non_null(text);
	return json_loads(text, JSON_DECODE_ANY, NULL);
}

static void assert_json(json_t *got, const char *wanted)
{
	json_t *v = json_loads(wanted, 0, NULL);

	assert_non_null(v);
	if (!json_equal(got, v))
		fail_msg("%s, not %s", json_dumps(got, 0), wanted);
	json_decref(v);
	json_decref(got);
}

static void notes_say_how_to_use_the_net(void **state)
{
	json_t *notes;
	struct file f;

	(void)state;
	make_export(&f, "{\"px_h\":12}");
	notes = json_object_get(f.header, "__metadata__");
	assert_int_equal(json_object_size(notes), 5);
	assert_string_equal(
		json_string_value(json_object_get(notes, "dataset_hash")),
		"0123abcd");
	assert_string_equal(json_string_value(json_object_get(notes, "genome")),
		"{\"px_h\":12}");
	assert_json(note(&f, "class_names"),
		"[\"a \\\"b\\\"\", \"\\u00e9\", \"c\"]");
	assert_json(note(&f, "normalization"),
		"{\"mean\": [0.25, 0.5], \"std\": [0.125, 1]}");
	file_release(&f);
}

static void architecture_lists_every_node_with_its_attributes(void **state)
{
	json_t *nodes;
	struct file f;

	(void)state;
	make_export(&f, "{}");
	nodes = note(&f, "architecture");
	assert_int_equal(json_array_size(nodes), model.spec.n);
	assert_json(json_incref(json_array_get(nodes, 0)),
		"{\"op\": \"input\", \"inputs\": [], \"shape\": [2, 12, 12]}");
	assert_json(json_incref(json_array_get(nodes, 1)),
		"{\"op\": \"conv\", \"inputs\": [0], \"shape\": [3, 12, 12],"
		" \"filters\": 3, \"kernel\": 3, \"stride\": 1}");
	assert_json(json_incref(json_array_get(nodes, 4)),
		"{\"op\": \"activation\", \"inputs\": [3],"
		" \"shape\": [3, 6, 6], \"activation\": \"leakyrelu\"}");
	assert_json(json_incref(json_array_get(nodes, 9)),
		"{\"op\": \"dense\", \"inputs\": [8], \"shape\": [7, 1, 1],"
		" \"units\": 7}");
	assert_json(json_incref(json_array_get(nodes, 11)),
		"{\"op\": \"dropout\", \"inputs\": [10], \"shape\": [7, 1, 1],"
		" \"rate\": 0.5}");
	json_decref(nodes);
	file_release(&f);
}

static void a_genome_may_be_left_out(void **state)
{
	struct file f;

	(void)state;
	make_export(&f, NULL);
	assert_null(json_object_get(
		json_object_get(f.header, "__metadata__"), "genome"));
	file_release(&f);
}

static void same_net_same_bytes(void **state)
{
	struct file a, b;

	(void)state;
	make_export(&a, "{}");
	make_export(&b, "{}");
	assert_int_equal(a.bytes.len, b.bytes.len);
	assert_memory_equal(a.bytes.data, b.bytes.data, a.bytes.len);
	file_release(&a);
	file_release(&b);
}

static void the_header_is_padded_whatever_its_length(void **state)
{
	static const char text[] = "12345678";

	(void)state;
	for (int i = 0; i < 8; i++) {
		struct tensor_note n = {"k", text + i};
		struct file f;

		buf_init(&f.bytes, 1 << 20);
		assert_int_equal(
			safetensors_write(net, &n, 1, &f.bytes, NULL), 0);
		parse(&f);
		file_release(&f);
	}
}

static void a_file_over_the_buffers_limit_is_refused(void **state)
{
	struct buf b;
	struct err e = {0};

	(void)state;
	buf_init(&b, 600);
	assert_int_equal(safetensors_write(net, NULL, 0, &b, &e), ERR_TOO_BIG);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tensor_is_in_the_file_bit_for_bit),
		cmocka_unit_test(notes_say_how_to_use_the_net),
		cmocka_unit_test(
			architecture_lists_every_node_with_its_attributes),
		cmocka_unit_test(a_genome_may_be_left_out),
		cmocka_unit_test(same_net_same_bytes),
		cmocka_unit_test(the_header_is_padded_whatever_its_length),
		cmocka_unit_test(a_file_over_the_buffers_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, make_net, free_net);
}
