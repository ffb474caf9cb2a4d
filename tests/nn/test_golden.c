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

/* Every tensor of the net against a list of the golden one: `parameters`, or
 * `statistics` for the running ones. */
static void check_tensors(struct net *n, const json_t *tensors,
	const char *parameters, const char *statistics)
{
	for (size_t i = 0; i < net_tensor_count(n); i++) {
		struct net_tensor t;
		const char *what;
		float *values;

		net_tensor(n, i, &t);
		what = strstr(t.name, ".running_") ? statistics : parameters;
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

/* Does a step over the golden labels; returns its loss. */
static double do_step(struct net *n, const struct spec *s, const float *images,
	const json_t *file)
{
	const json_t *labels = golden_member(file, "labels");
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
	free(answers);
	return loss;
}

static void check_loss(struct net *n, const struct spec *s, const float *images,
	const json_t *file)
{
	const double want = json_number_value(golden_member(file, "loss"));
	const double loss = do_step(n, s, images, file);

	if (!(fabs(loss - want) <= TOLERANCE * want))
		fail_msg("loss %.9g, and by PyTorch %.9g", loss, want);
}

/* A golden file, and the net and the images that it tells of. */
struct golden {
	json_t *file;
	const json_t *tensors;
	size_t count;
	float *images;
	struct spec spec;
	struct net *net;
};

static void open_golden(struct golden *g, const char *name)
{
	struct err e = {0};
	struct rng r;
	size_t floats;

	g->file = golden_open(name);
	g->tensors = golden_member(g->file, "tensors");
	g->count = json_array_size(golden_member(g->file, "labels"));
	g->spec = spec_of(g->file);
	floats = json_array_size(golden_member(g->file, "images"));
	g->images = xcalloc(floats, sizeof *g->images);
	golden_floats(golden_member(g->file, "images"), g->images, floats);
	rng_stream(&r, 1, 0, 0);
	g->net = net_new(&g->spec, (int)g->count, nets_kernels(), &r, &e);
	if (!g->net)
		fail_msg("%s", e.text);
	write_tensors(g->net, g->tensors);
}

static void close_golden(struct golden *g)
{
	net_free(g->net);
	free(g->images);
	json_decref(g->file);
}

static void check_step(const char *name)
{
	struct golden g;

	open_golden(&g, name);
	check_logits(g.net, &g.spec, g.images, g.count,
		golden_member(g.file, "logits"));
	check_loss(g.net, &g.spec, g.images, g.file);
	nets_put_gradients(g.net);
	check_tensors(g.net, g.tensors, "gradient", "after");
	close_golden(&g);
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

/* A training of some steps, of whose weights and running statistics averages
 * are kept; then what the averages make of the images, and of their mirrors. */
static void averages_and_mirrored_views_match_pytorch(void **state)
{
	const struct recipe plain = {.ema = 0};
	struct golden g;
	double rate, decay;

	(void)state;
	open_golden(&g, "averages");
	rate = json_number_value(golden_member(g.file, "rate"));
	decay = json_number_value(golden_member(g.file, "decay"));
	net_optimizer(g.net, OPT_SGD, &plain);
	assert_int_equal(net_average(g.net, decay, NULL), 0);
	for (int i = 0; i < golden_int(g.file, "steps"); i++) {
		do_step(g.net, &g.spec, g.images, g.file);
		net_update(g.net, rate);
	}
	net_exchange(g.net);
	check_tensors(g.net, g.tensors, "average", "average");
	check_logits(g.net, &g.spec, g.images, g.count,
		golden_member(g.file, "logits"));
	net_flip_test(g.net, 1);
	check_logits(g.net, &g.spec, g.images, g.count,
		golden_member(g.file, "views"));
	close_golden(&g);
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
		cmocka_unit_test(averages_and_mirrored_views_match_pytorch),
	};

	return nets_run(argc, argv, tests);
}
