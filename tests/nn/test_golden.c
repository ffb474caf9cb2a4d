/* test_golden.c -- whole training steps against PyTorch's, as
 * golden/make_golden.py has written them down. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "golden_file.h"
#include "nets.h"

/* Relative to the largest number of a tensor. */
#define TOLERANCE 1e-4

/* What a tensor of zeros (the gradient of a bias before batch normalization)
 * may hold here: sums of floats that cancel. */
#define ZERO_TOLERANCE 1e-6

static enum op op_of(const json_t *node)
{
	const int op = spec_op_find(
		json_string_value(golden_member(node, "op")));

	assert_true(op >= 0);
	return (enum op)op;
}

static enum activation activation_of(const json_t *node)
{
	const char *name = json_string_value(golden_member(node, "activation"));
	int a = 0;

	while (a < ACT_COUNT && strcmp(name, activation_name(a)) != 0)
		a++;
	assert_true(a < ACT_COUNT);
	return (enum activation)a;
}

static void add_node(struct spec *s, const json_t *json)
{
	const json_t *inputs = golden_member(json, "inputs");
	struct spec_node node = {
		.op = op_of(json),
		.n_inputs = (int)json_array_size(inputs),
		.filters = golden_int(json, "filters"),
		.kernel = golden_int(json, "kernel"),
		.stride = golden_int(json, "stride"),
		.units = golden_int(json, "units"),
		.height = golden_int(json, "height"),
		.width = golden_int(json, "width"),
		.rate = json_number_value(json_object_get(json, "rate")),
	};

	assert_true(node.n_inputs <= SPEC_INPUTS_MAX);
	for (int i = 0; i < node.n_inputs; i++)
		node.inputs[i] = (int)golden_number(inputs, (size_t)i);
	if (node.op == OP_ACTIVATION)
		node.activation = activation_of(json);
	assert_true(spec_add(s, &node, NULL) > 0);
}

static struct spec spec_of(const json_t *file)
{
	const json_t *image = golden_member(file, "image"), *node;
	const struct shape shape = {(int)golden_number(image, 0),
		(int)golden_number(image, 1), (int)golden_number(image, 2)};
	struct err e = {0};
	struct spec s;
	size_t i;

	spec_init(&s, shape, golden_int(file, "classes"));
	json_array_foreach(golden_member(file, "nodes"), i, node) {
		add_node(&s, node);
	}
	if (spec_check(&s, &e))
		fail_msg("%s", e.text);
	return s;
}

/* Fails unless `mine` is what the list says. */
static void check_tensor(const float *mine, const json_t *want, size_t n,
	const char *what, const char *name)
{
	double most = 0, allowed;

	assert_int_equal(json_array_size(want), n);
	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(golden_number(want, i)));
	allowed = most > 0 ? TOLERANCE * most : ZERO_TOLERANCE;
	for (size_t i = 0; i < n; i++)
		if (!(fabs((double)mine[i] - golden_number(want, i)) <=
			    allowed))
			fail_msg("%s %s, number %zu: %.9g, and by PyTorch %.9g",
				what, name, i, (double)mine[i],
				golden_number(want, i));
}

/* Gives the net the golden tensors, all of them. */
static void write_tensors(struct net *n, const json_t *tensors)
{
	assert_int_equal(net_tensor_count(n), json_object_size(tensors));
	for (size_t i = 0; i < net_tensor_count(n); i++) {
		struct net_tensor t;
		float *values;

		net_tensor(n, i, &t);
		values = xcalloc(t.count, sizeof *values);
		golden_floats(
			golden_member(golden_member(tensors, t.name), "value"),
			values, t.count);
		net_tensor_write(n, i, values);
		free(values);
	}
}

/* Every gradient, and every running statistic after the step. */
static void check_tensors(struct net *n, const json_t *tensors)
{
	nets_put_gradients(n);
	for (size_t i = 0; i < net_tensor_count(n); i++) {
		struct net_tensor t;
		const char *what;
		float *values;

		net_tensor(n, i, &t);
		what = strstr(t.name, ".running_") ? "after" : "gradient";
		values = xcalloc(t.count, sizeof *values);
		net_tensor_read(n, i, values);
		check_tensor(values,
			golden_member(golden_member(tensors, t.name), what),
			t.count, what, t.name);
		free(values);
	}
}

static void check_logits(struct net *n, const struct spec *s,
	const float *images, size_t count, const json_t *want)
{
	const size_t floats = count * (size_t)s->classes;
	float *logits = xcalloc(floats, sizeof *logits);

	nets_forward(n, s, images, count, logits);
	check_tensor(logits, want, floats, "evaluated", "logits");
	free(logits);
}

/* The loss of a step over the golden labels. */
static void check_loss(struct net *n, const struct spec *s, const float *images,
	const json_t *file)
{
	const json_t *labels = golden_member(file, "labels");
	const double want = json_number_value(golden_member(file, "loss"));
	const size_t count = json_array_size(labels);
	int32_t *answers = xcalloc(count, sizeof *answers);
	struct rng r; /* drawn from by dropout at a rate of 0 */
	const struct net_step step = {
		.n = count,
		.labels = answers,
		.label_smoothing = json_number_value(
			json_object_get(file, "label_smoothing")),
		.dropout = &r,
	};
	size_t correct = 0;
	double loss;

	rng_stream(&r, 2, 0, 0);
	for (size_t i = 0; i < count; i++)
		answers[i] = (int32_t)golden_number(labels, i);
	loss = nets_backward(n, s, images, &step, &correct);
	if (!(fabs(loss - want) <= TOLERANCE * want))
		fail_msg("loss %.9g, and by PyTorch %.9g", loss, want);
	free(answers);
}

static void check_step(const char *name)
{
	json_t *file = golden_open(name);
	const json_t *tensors = golden_member(file, "tensors");
	const size_t count = json_array_size(golden_member(file, "labels"));
	const size_t floats = json_array_size(golden_member(file, "images"));
	struct spec s = spec_of(file);
	float *images = xcalloc(floats, sizeof *images);
	struct err e = {0};
	struct rng r;
	struct net *n;

	rng_stream(&r, 1, 0, 0);
	n = net_new(&s, (int)count, nets_kernels(), &r, &e);
	if (!n)
		fail_msg("%s", e.text);
	golden_floats(golden_member(file, "images"), images, floats);
	write_tensors(n, tensors);
	check_logits(n, &s, images, count, golden_member(file, "logits"));
	check_loss(n, &s, images, file);
	check_tensors(n, tensors);
	net_free(n);
	free(images);
	json_decref(file);
}

static void plain_chain_matches_pytorch(void **state)
{
	(void)state;
	check_step("step_plain");
}

static void kernels_of_5_1_and_4_match_pytorch(void **state)
{
	(void)state;
	check_step("step_kernels");
}

static void activations_match_pytorch(void **state)
{
	(void)state;
	check_step("step_activations");
}

static void skips_match_pytorch(void **state)
{
	(void)state;
	check_step("step_skips");
}

static void wide_layers_match_pytorch(void **state)
{
	(void)state;
	check_step("step_wide");
}

static void activations_that_bend_back_match_pytorch(void **state)
{
	(void)state;
	check_step("step_bends");
}

static void label_smoothing_matches_pytorch(void **state)
{
	(void)state;
	check_step("step_smoothing");
}

static void strides_averages_and_layernorm_match_pytorch(void **state)
{
	(void)state;
	check_step("step_options");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_chain_matches_pytorch),
		cmocka_unit_test(kernels_of_5_1_and_4_match_pytorch),
		cmocka_unit_test(activations_match_pytorch),
		cmocka_unit_test(skips_match_pytorch),
		cmocka_unit_test(wide_layers_match_pytorch),
		cmocka_unit_test(activations_that_bend_back_match_pytorch),
		cmocka_unit_test(label_smoothing_matches_pytorch),
		cmocka_unit_test(strides_averages_and_layernorm_match_pytorch),
	};

	return nets_run(argc, argv, tests);
}
