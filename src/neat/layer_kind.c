/* layer_kind.c -- the table: a row for each kind of layer, and for each of its
 * attributes. */
#include "neat/layer_kind.h"

#include "neat/random.h"

/* -- names -- */

static const char *merge_name(int choice)
{
	static const char *const names[MERGES] = {"sum", "concat"};

	return choice < MERGES ? names[choice] : NULL;
}

static const char *norm_name(int choice)
{
	static const char *const names[CONV_NORMS] = {"none", "batch", "layer"};

	return choice < CONV_NORMS ? names[choice] : NULL;
}

static const char *pool_name(int choice)
{
	static const char *const names[CONV_POOLS] = {"none", "max", "average"};

	return choice < CONV_POOLS ? names[choice] : NULL;
}

/* -- steps: what evolution draws from.  Files may hold more than it draws: any
 * value within the bounds. -- */

static const struct choices *activations(const struct space *s)
{
	return &s->activations;
}

static const struct choices *optimizers(const struct space *s)
{
	return &s->optimizers;
}

/* Evolution strides by 1 or 2. */
static double step_stride(double now, const struct space *s, struct rng *r)
{
	(void)s;
	(void)r;
	return now == 1 ? 2 : 1;
}

/* -- attributes -- */

#define AT(member) offsetof(struct node_gene, member)
#define CHOICE(n) .type = ATTRIBUTE_CHOICE, .hi = (n)-1
#define WHOLE(most) .type = ATTRIBUTE_WHOLE, .lo = 1, .hi = (most)
#define DROPOUT(where)                                                     \
	.key = "dropout", .type = ATTRIBUTE_REAL, .hi = LAYER_DROPOUT_MAX, \
	.step = random_dropout_near, .at = (where), .phrase = "dropout %s"
#define MERGE \
	.key = "merge", CHOICE(MERGES), .name = merge_name, .at = AT(merge)

static const struct attribute of_output[] = {{MERGE}};

static const struct attribute of_conv[] = {
	{MERGE},
	{.key = "filters",
		WHOLE(CONV_FILTERS_MAX),
		.logarithmic = 1,
		.step = random_filters_near,
		.at = AT(conv.filters),
		.phrase = "conv %s",
		.said_always = 1},
	{.key = "kernel",
		WHOLE(CONV_KERNEL_MAX),
		.step = random_kernel_near,
		.at = AT(conv.kernel),
		.phrase = "%sx%s",
		.said_always = 1},
	{.key = "stride",
		WHOLE(CONV_STRIDE_MAX),
		.step = step_stride,
		.at = AT(conv.stride),
		.phrase = "stride %s"},
	{.key = "normalization",
		CHOICE(CONV_NORMS),
		.name = norm_name,
		.at = AT(conv.norm),
		.phrase = "%s norm"},
	{.key = "activation",
		CHOICE(ACT_COUNT),
		.name = activation_name,
		.drawn = activations,
		.at = AT(conv.activation),
		.phrase = "%s",
		.said_always = 1},
	{.key = "pooling",
		CHOICE(CONV_POOLS),
		.name = pool_name,
		.at = AT(conv.pool),
		.phrase = "%s pool"},
	{DROPOUT(AT(conv.dropout))},
};

static const struct attribute of_dense[] = {
	{MERGE},
	{.key = "units",
		WHOLE(DENSE_UNITS_MAX),
		.logarithmic = 1,
		.step = random_units_near,
		.at = AT(dense.units),
		.phrase = "dense %s",
		.said_always = 1},
	{.key = "activation",
		CHOICE(ACT_COUNT),
		.name = activation_name,
		.drawn = activations,
		.at = AT(dense.activation),
		.phrase = "%s",
		.said_always = 1},
	{DROPOUT(AT(dense.dropout))},
};

static const struct attribute of_hypers[HYPERS] = {
	[HYPER_OPTIMIZER] = {.key = "optimizer",
		CHOICE(OPT_COUNT),
		.name = optimizer_kind_name,
		.drawn = optimizers},
	[HYPER_LEARNING_RATE] = {.key = "learning_rate",
		.type = ATTRIBUTE_REAL,
		.hi = LEARNING_RATE_MAX,
		.logarithmic = 1,
		.step = random_learning_rate_near},
	[HYPER_BATCH_SIZE] = {.key = "batch_size",
		WHOLE(BATCH_SIZE_MAX),
		.logarithmic = 1,
		.step = random_batch_near},
	[HYPER_DROPOUT] = {DROPOUT(0)},
};

/* -- kinds of node -- */

/* Evolution adds convolutions normalized by batch, and pools after every second
 * one; the rest is for later mutations. */
static void draw_conv(struct node_gene *n, const struct space *s, struct rng *r)
{
	n->conv = (struct conv_gene){.filters = random_filters(s, r),
		.kernel = random_kernel(s, r),
		.stride = 1,
		.norm = CONV_NORM_BATCH,
		.activation = space_draw(&s->activations, r),
		.pool = rng_chance(r, 0.5) ? CONV_POOL_MAX : CONV_POOL_NONE};
}

static void draw_dense(
	struct node_gene *n, const struct space *s, struct rng *r)
{
	n->dense = (struct dense_gene){.units = random_units(s, r),
		.activation = space_draw(&s->activations, r)};
}

#define ATTRIBUTES(list) \
	.attributes = (list), .n_attributes = sizeof(list) / sizeof *(list)

/* Of the kinds that only networks of neurons have. */
static const char *const names[NODE_KINDS] = {
	[NODE_BIAS] = "bias",
	[NODE_NEURON] = "neuron",
};

static const struct layer_kind kinds[NODE_KINDS] = {
	[NODE_INPUT] = {.name = "input"},
	[NODE_OUTPUT] = {.name = "output", ATTRIBUTES(of_output)},
	[NODE_CONV] = {.name = "conv",
		ATTRIBUTES(of_conv),
		.needs_map = 1,
		.draw = draw_conv},
	[NODE_DENSE] = {.name = "dense",
		ATTRIBUTES(of_dense),
		.gives_vector = 1,
		.draw = draw_dense},
};

const struct layer_kind *layer_kind(enum node_kind kind)
{
	return kinds[kind].name ? &kinds[kind] : NULL;
}

const char *node_kind_name(enum node_kind kind)
{
	return kinds[kind].name ? kinds[kind].name : names[kind];
}

const struct attribute *attributes_of(enum node_kind kind, size_t *n)
{
	*n = kinds[kind].n_attributes;
	return kinds[kind].attributes;
}

const struct attribute *attributes_of_hypers(void)
{
	return of_hypers;
}
