/* chain.c -- flat genomes and layer genomes, each as the other. */
#include "neat/chain.h"

#include "neat/graph.h"
#include "neat/random.h"

#define LAYERS FLAT_LAYERS_MAX
/* Filters of a first genome that double from layer to layer do so up to this
 * number on maps of full size, twice as many on halved ones and so on. */
#define FIRST_FILTERS 32
#define FIRST_LAYERS_MAX 8 /* of a kind, in a first genome */
#define LEAST_KERNEL 3     /* of the smallest chain */

/* Numbers by place.  Each edge of a chain leads into the next layer, so one
 * number a layer is enough but where convolutions end, or all layers do, after
 * any of them. */
enum {
	CONV_NODE = LAYER_HIDDEN,
	DENSE_NODE = CONV_NODE + LAYERS,
	NODES_END = DENSE_NODE + LAYERS,

	EDGE_TO_CONV = 0,
	EDGE_TO_DENSE = EDGE_TO_CONV + LAYERS,
	EDGE_CONV_TO_FIRST_DENSE = EDGE_TO_DENSE + LAYERS,
	EDGE_CONV_TO_OUTPUT = EDGE_CONV_TO_FIRST_DENSE + LAYERS,
	EDGE_DENSE_TO_OUTPUT = EDGE_CONV_TO_OUTPUT + LAYERS,
	EDGES_END = EDGE_DENSE_TO_OUTPUT + LAYERS,
};

const struct innovation_counters chain_counters = {
	.node = NODES_END, .edge = EDGES_END};

/* -- building -- */

static void add_edge(struct arena *mem, struct genome *g, int64_t number,
	int64_t from, int64_t to)
{
	const struct edge_gene edge = {
		.number = number, .from = from, .to = to, .enabled = 1};

	genome_add_edge(mem, g, &edge);
}

/* Connects the nodes of a chain of n_conv convolutions and n_dense dense
 * layers; at least one convolution. */
static void connect(
	struct arena *mem, struct genome *g, int n_conv, int n_dense)
{
	add_edge(mem, g, EDGE_TO_CONV, LAYER_INPUT, CONV_NODE);
	for (int i = 1; i < n_conv; i++)
		add_edge(mem, g, EDGE_TO_CONV + i, CONV_NODE + i - 1,
			CONV_NODE + i);
	if (n_dense == 0) {
		add_edge(mem, g, EDGE_CONV_TO_OUTPUT + n_conv - 1,
			CONV_NODE + n_conv - 1, LAYER_OUTPUT);
		return;
	}
	add_edge(mem, g, EDGE_CONV_TO_FIRST_DENSE + n_conv - 1,
		CONV_NODE + n_conv - 1, DENSE_NODE);
	for (int i = 1; i < n_dense; i++)
		add_edge(mem, g, EDGE_TO_DENSE + i, DENSE_NODE + i - 1,
			DENSE_NODE + i);
	add_edge(mem, g, EDGE_DENSE_TO_OUTPUT + n_dense - 1,
		DENSE_NODE + n_dense - 1, LAYER_OUTPUT);
}

/* Input, output and hyper-parameters of 0; no layers yet. */
static struct genome *ends_alone(struct arena *mem)
{
	struct genome *g = arena_alloc(mem, sizeof *g);
	struct hyper_gene *h = arena_array(mem, HYPERS, sizeof *h);

	for (int i = 0; i < HYPERS; i++)
		h[i].number = (enum hyper)i;
	*g = (struct genome){
		.kind = &genome_layers, .n_hypers = HYPERS, .hypers = h};
	genome_add_node(mem, g,
		&(struct node_gene){.number = LAYER_INPUT, .kind = NODE_INPUT});
	genome_add_node(mem, g,
		&(struct node_gene){
			.number = LAYER_OUTPUT, .kind = NODE_OUTPUT});
	return g;
}

const struct genome *chain_genes(struct arena *mem)
{
	struct genome *g = ends_alone(mem);

	for (int i = 0; i < LAYERS; i++) {
		const int conv = CONV_NODE + i, dense = DENSE_NODE + i;

		genome_add_node(mem, g,
			&(struct node_gene){.number = conv, .kind = NODE_CONV});
		genome_add_node(mem, g,
			&(struct node_gene){
				.number = dense, .kind = NODE_DENSE});
		add_edge(mem, g, EDGE_TO_CONV + i, i ? conv - 1 : LAYER_INPUT,
			conv);
		if (i > 0)
			add_edge(mem, g, EDGE_TO_DENSE + i, dense - 1, dense);
		add_edge(
			mem, g, EDGE_CONV_TO_FIRST_DENSE + i, conv, DENSE_NODE);
		add_edge(mem, g, EDGE_CONV_TO_OUTPUT + i, conv, LAYER_OUTPUT);
		add_edge(mem, g, EDGE_DENSE_TO_OUTPUT + i, dense, LAYER_OUTPUT);
	}
	return g;
}

static void set_hypers(struct arena *mem, struct genome *g,
	enum optimizer_kind optimizer, double learning_rate, int batch_size,
	double dropout)
{
	struct hyper_gene *h = genome_own_hypers(mem, g);

	h[HYPER_OPTIMIZER].value = optimizer;
	h[HYPER_LEARNING_RATE].value = learning_rate;
	h[HYPER_BATCH_SIZE].value = batch_size;
	h[HYPER_DROPOUT].value = dropout;
}

/* The convolution after `before`, where maps were halved `pools` times.  A half
 * of them have twice the filters, as far as the smaller maps pay for it. */
static struct node_gene next_conv(const struct node_gene *before, int pools,
	const struct space *s, struct rng *r)
{
	const int most = FIRST_FILTERS << pools;
	struct node_gene n;

	layer_random(&n, NODE_CONV, s, r);
	n.number = before->number + 1;
	layer_take_after(&n, before, s);
	if (rng_chance(r, 0.5) && n.conv.filters * 2 <= most &&
		n.conv.filters * 2 <= s->ranges[SPACE_FILTERS].hi)
		n.conv.filters *= 2;
	return n;
}

/* Adds n convolutions, the first of which pools; returns the last. */
static struct node_gene add_convs(struct arena *mem, struct genome *g, int n,
	const struct space *s, struct rng *r)
{
	struct node_gene conv;
	int pools = 1;

	layer_random(&conv, NODE_CONV, s, r);
	conv.number = CONV_NODE;
	conv.conv.pool = CONV_POOL_MAX;
	genome_add_node(mem, g, &conv);
	for (int i = 1; i < n; i++) {
		conv = next_conv(&conv, pools, s, r);
		pools += conv.conv.pool != CONV_POOL_NONE;
		genome_add_node(mem, g, &conv);
	}
	return conv;
}

/* Input and output, n_conv convolutions and n_dense dense layers of the same
 * activation. */
static struct genome *draw_chain(struct arena *mem, int n_conv, int n_dense,
	int batch_size, const struct space *s, struct rng *r)
{
	struct genome *g = ends_alone(mem);
	enum optimizer_kind optimizer = (enum optimizer_kind)space_draw(
		&s->optimizers, r);
	double learning_rate = random_learning_rate(s, r);
	struct node_gene conv;

	set_hypers(mem, g, optimizer, learning_rate, batch_size,
		random_dropout(s, r));
	conv = add_convs(mem, g, n_conv, s, r);
	for (int i = 0; i < n_dense; i++) {
		struct node_gene dense;

		layer_random(&dense, NODE_DENSE, s, r);
		dense.number = DENSE_NODE + i;
		layer_take_after(&dense, &conv, s);
		genome_add_node(mem, g, &dense);
	}
	connect(mem, g, n_conv, n_dense);
	return g;
}

struct genome *chain_minimal(
	struct arena *mem, int batch_size, const struct space *s, struct rng *r)
{
	return draw_chain(mem, 1, 0, batch_size, s, r);
}

#define AT(member) offsetof(struct chain_start, member)

static const struct field start_rows[] = {
	{.key = "first_convolutions",
		.type = FIELD_INT,
		.at = AT(convolutions),
		.lo = 1,
		.hi = FIRST_LAYERS_MAX,
		.standard = "4",
		.before = "1",
		.since = 1,
		.unit = "N",
		.help = "neat, random: the first genomes have 1 to N "
			"convolutions"},
	{.key = "first_dense",
		.type = FIELD_INT,
		.at = AT(dense),
		.hi = FIRST_LAYERS_MAX,
		.standard = "1",
		.before = "0",
		.since = 1,
		.unit = "N",
		.help = "neat, random: the first genomes have 0 to N "
			"dense layers"},
};
const struct fields chain_start_fields = {
	FIELDS(struct chain_start, start_rows)};
_Static_assert(FIRST_LAYERS_MAX <= LAYERS, "first genomes are chains");

struct genome *chain_first(struct arena *mem, uint64_t place, int batch_size,
	const struct chain_start *start, const struct space *s, struct rng *r)
{
	const uint64_t convs = (uint64_t)start->convolutions;
	const uint64_t denses = (uint64_t)start->dense + 1;

	return draw_chain(mem, 1 + (int)(place % convs),
		(int)(place / convs % denses), batch_size, s, r);
}

struct genome *chain_least(struct arena *mem, int convolutions, int dense,
	int batch_size, const struct space *s, struct rng *r)
{
	struct genome *g = draw_chain(
		mem, convolutions, dense, batch_size, s, r);
	struct node_gene *nodes = genome_own_nodes(mem, g);

	for (size_t i = 0; i < g->n_nodes; i++) {
		if (nodes[i].kind == NODE_CONV) {
			nodes[i].conv.filters =
				(int)s->ranges[SPACE_FILTERS].lo;
			nodes[i].conv.kernel = (int)space_clamp(
				s, SPACE_KERNEL, LEAST_KERNEL);
			nodes[i].conv.pool = CONV_POOL_MAX;
		}
		if (nodes[i].kind == NODE_DENSE)
			nodes[i].dense.units = (int)s->ranges[SPACE_UNITS].lo;
	}
	return g;
}

static enum activation activation_of(const struct flat *g, int i)
{
	return g->activations[i % g->n_activations];
}

struct genome *chain_from_flat(struct arena *mem, const struct flat *f)
{
	struct genome *g = ends_alone(mem);

	set_hypers(mem, g, f->optimizer, f->learning_rate, f->batch_size,
		f->dropout);
	for (int i = 0; i < f->n_conv; i++)
		genome_add_node(mem, g,
			&(struct node_gene){.number = CONV_NODE + i,
				.kind = NODE_CONV,
				.conv = {.filters = f->filters[i],
					.kernel = f->kernels[i],
					.stride = 1,
					.norm = CONV_NORM_BATCH,
					.activation = activation_of(f, i),
					.pool = CONV_POOL_MAX}});
	for (int i = 0; i < f->n_dense; i++)
		genome_add_node(mem, g,
			&(struct node_gene){.number = DENSE_NODE + i,
				.kind = NODE_DENSE,
				.dense = {.units = f->nodes[i],
					.activation = activation_of(f, i)}});
	connect(mem, g, f->n_conv, f->n_dense);
	return g;
}

/* -- back -- */

#define NOT_FLAT "the flat form cannot hold this genome: "

/* The layers on the way from input to output, in order; n of them, without
 * the two ends. */
struct path {
	const struct node_gene *layers[2 * LAYERS];
	int n;
};

/* The one enabled edge from `from` to a node in `used`; NULL, with the reason,
 * if there are several. */
static const struct edge_gene *only_edge(const struct genome *g,
	const unsigned char *used, int64_t from, struct err *e)
{
	const struct edge_gene *only = NULL;

	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];

		if (x->from != from || !x->enabled ||
			!used[genome_node(g, x->to) - g->nodes])
			continue;
		if (only) {
			err_set(e, ERR_RANGE,
				NOT_FLAT "node %lld feeds several layers",
				(long long)from);
			return NULL;
		}
		only = x;
	}
	return only;
}

/* Walks from the input; where no node has two ways on, there is one path. */
static int find_path(const struct genome *g, struct path *p, struct err *e)
{
	unsigned char used[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX];
	int64_t at = LAYER_INPUT;

	p->n = 0;
	graph_order(g, used, order);
	for (;;) {
		const struct edge_gene *x = only_edge(g, used, at, e);

		if (!x)
			return ERR_RANGE;
		at = x->to;
		if (at == LAYER_OUTPUT)
			return 0;
		if (p->n == 2 * LAYERS)
			return err_set(e, ERR_RANGE,
				NOT_FLAT "it has more than %d layers",
				2 * LAYERS);
		p->layers[p->n++] = genome_node(g, at);
	}
}

static int add_conv(struct flat *f, const struct node_gene *n, struct err *e)
{
	const struct conv_gene *c = &n->conv;

	if (f->n_conv == LAYERS)
		return err_set(e, ERR_RANGE,
			NOT_FLAT "it has more than %d convolutions", LAYERS);
	if (c->stride != 1 || c->pool != CONV_POOL_MAX ||
		c->norm != CONV_NORM_BATCH || c->dropout != 0)
		return err_set(e, ERR_RANGE,
			NOT_FLAT "node %lld must have stride 1, max pooling, "
				 "batch normalization and no dropout",
			(long long)n->number);
	f->filters[f->n_conv] = c->filters;
	f->kernels[f->n_conv] = c->kernel;
	f->activations[f->n_conv++] = c->activation;
	return 0;
}

/* The lists of convolutions are complete when the first dense layer comes. */
static int add_dense(struct flat *f, const struct node_gene *n, double dropout,
	struct err *e)
{
	int i = f->n_dense;

	if (i == LAYERS)
		return err_set(e, ERR_RANGE,
			NOT_FLAT "it has more than %d dense layers", LAYERS);
	if (i < f->n_conv && f->activations[i] != n->dense.activation)
		return err_set(e, ERR_RANGE,
			NOT_FLAT "node %lld must have the activation of "
				 "convolution %d, %s",
			(long long)n->number, i + 1,
			activation_name(f->activations[i]));
	if (i > 0 && f->dropout != dropout)
		return err_set(e, ERR_RANGE,
			NOT_FLAT "node %lld must have the dropout of the "
				 "other dense layers, %g",
			(long long)n->number, f->dropout);
	f->dropout = dropout;
	f->nodes[i] = n->dense.units;
	f->activations[i] = n->dense.activation;
	f->n_dense++;
	return 0;
}

int chain_to_flat(const struct genome *g, const struct data_shape *data,
	struct flat *out, struct err *e)
{
	struct flat f = {
		.data = *data,
		.optimizer = (enum optimizer_kind)layer_hyper(
			g, HYPER_OPTIMIZER),
		.learning_rate = layer_hyper(g, HYPER_LEARNING_RATE),
		.batch_size = (int)layer_hyper(g, HYPER_BATCH_SIZE),
	};
	struct path p;
	int rc = find_path(g, &p, e);

	for (int i = 0; rc == 0 && i < p.n; i++)
		rc = p.layers[i]->kind == NODE_CONV
			     ? add_conv(&f, p.layers[i], e)
			     : add_dense(&f, p.layers[i],
				       layer_dropout(g, p.layers[i]), e);
	if (rc)
		return rc;
	if (f.n_conv == 0 || f.n_dense == 0)
		return err_set(e, ERR_RANGE, NOT_FLAT "it has no %s",
			f.n_conv ? "dense layer" : "convolution");
	f.n_activations = f.n_conv > f.n_dense ? f.n_conv : f.n_dense;
	flat_normalize(&f);
	*out = f;
	return 0;
}
