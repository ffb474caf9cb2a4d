/* bench_net.c -- four chains, a line of a table each layer. */
#include "model/bench_net.h"

#include <assert.h>
#include <string.h>

#define LAYERS_MAX 5

/* A convolution (with its ReLU and pool) or, without a kernel, a dense layer
 * with its ReLU. */
struct bench_layer {
	int width, kernel;
	int batchnorm;
};

struct bench_chain {
	const char *name;
	struct shape images;
	enum optimizer_kind optimizer;
	double learning_rate;
	int batch;
	struct bench_layer layers[LAYERS_MAX]; /* ends at width 0 */
};

static const struct bench_chain chains[] = {
	{"net1", {1, 28, 28}, OPT_ADAM, 0.001, 64,
		{{32, 3, 0}, {64, 3, 1}, {128, 0, 0}}},
	{"net2", {1, 28, 28}, OPT_ADAM, 0.001, 16,
		{{16, 3, 0}, {16, 3, 0}, {32, 0, 0}}},
	{"net3", {3, 32, 32}, OPT_ADAM, 0.001, 128,
		{{64, 5, 0}, {64, 3, 0}, {64, 3, 0}, {128, 0, 0}}},
	{"net4", {1, 28, 28}, OPT_ADAMW, 0.003, 64,
		{{32, 3, 1}, {64, 3, 1}, {128, 3, 1}, {128, 0, 0}}},
};

#define CHAINS (sizeof chains / sizeof chains[0])
#define CLASSES 10

/* The chains are constants that fit, so adding a node cannot fail. */
static void append(struct spec *s, struct spec_node node)
{
	int at;

	node.inputs[0] = s->n - 1;
	node.n_inputs = 1;
	at = spec_add(s, &node, NULL);
	assert(at > 0);
	(void)at;
}

/* True if a pool can follow. */
static int can_halve(const struct spec *s)
{
	const struct shape *last = &s->nodes[s->n - 1].shape;

	return last->height > 1 && last->width > 1;
}

static void append_layer(struct spec *s, const struct bench_layer *l)
{
	if (l->kernel == 0) {
		append(s,
			(struct spec_node){.op = OP_DENSE, .units = l->width});
	} else {
		append(s, (struct spec_node){.op = OP_CONV,
				  .filters = l->width,
				  .kernel = l->kernel});
	}

	if (l->batchnorm)
		append(s, (struct spec_node){.op = OP_BATCHNORM});
	/* Before the activation, as in decode.c. */
	if (l->kernel && can_halve(s))
		append(s, (struct spec_node){.op = OP_MAXPOOL});
	append(s, (struct spec_node){
			  .op = OP_ACTIVATION, .activation = ACT_RELU});
}

static int build(const struct bench_chain *c, const struct data_shape *data,
	struct model *out, struct err *e)
{
	struct shape images = c->images;
	int classes = CLASSES;

	if (data) {
		images = (struct shape){
			data->channels, data->height, data->width};
		classes = data->classes;
	}
	*out = (struct model){
		.optimizer = c->optimizer,
		.learning_rate = c->learning_rate,
		.batch = c->batch,
	};
	spec_init(&out->spec, images, classes);
	for (int i = 0; i < LAYERS_MAX && c->layers[i].width; i++)
		append_layer(&out->spec, &c->layers[i]);
	append(&out->spec,
		(struct spec_node){.op = OP_DENSE, .units = classes});
	if (spec_check(&out->spec, e))
		return ERR_GENOME;
	spec_cost(&out->spec, out->batch, &out->cost);
	return 0;
}

int bench_net(const char *name, const struct data_shape *data,
	struct model *out, struct err *e)
{
	for (size_t i = 0; i < CHAINS; i++)
		if (strcmp(name, chains[i].name) == 0)
			return build(&chains[i], data, out, e);
	return err_set(e, ERR_NOT_FOUND,
		"there is no network \"%.40s\"; there are " BENCH_NETS, name);
}
