/* landscape.c -- what a genome expresses, and what that is worth. */
#include "landscape.h"

#include <math.h>
#include <stdlib.h>

#include "neat/graph.h"
#include "neat/layer.h"

/* -- what a genome expresses -- */

struct traits {
	int convs, denses, pools, skips;
	/* Means over convolutions, or what there is where there is none. */
	double filters;              /* logarithm to base 2 */
	double kernel, bare, drop;   /* bare: without batch normalization */
	double units;                /* logarithm to base 2, of dense layers */
	double sigmoid, tanh;        /* shares of all layers */
	double rate, batch, dropout; /* decades and doublings off the best */
};

/* The rate that suits each optimizer, as its logarithm to base 10. */
static double best_rate(int optimizer)
{
	return optimizer == OPT_SGD || optimizer == OPT_NESTEROV ? -1.3 : -2.7;
}

static void add_conv(struct traits *t, const struct conv_gene *c)
{
	t->convs++;
	t->pools += c->pool != CONV_POOL_NONE || c->stride > 1;
	t->filters += log2(c->filters);
	t->kernel += c->kernel;
	t->bare += c->norm != CONV_NORM_BATCH;
	t->drop += c->dropout;
	t->sigmoid += c->activation == ACT_SIGMOID;
	t->tanh += c->activation == ACT_TANH;
}

static void add_dense(struct traits *t, const struct dense_gene *d)
{
	t->denses++;
	t->units += log2(d->units);
	t->sigmoid += d->activation == ACT_SIGMOID;
	t->tanh += d->activation == ACT_TANH;
}

static void add_hypers(struct traits *t, const struct genome *g)
{
	const int optimizer = (int)layer_hyper(g, HYPER_OPTIMIZER);
	const double rate = layer_hyper(g, HYPER_LEARNING_RATE);

	t->rate = fabs(log10(fmax(rate, 1e-6)) - best_rate(optimizer));
	t->batch = fabs(log2(layer_hyper(g, HYPER_BATCH_SIZE)) - 5.5);
	t->dropout = layer_hyper(g, HYPER_DROPOUT);
}

/* Enabled edges between layers that are used, but one for each layer. */
static int skips_of(
	const struct genome *g, const unsigned char *used, size_t n_used)
{
	int edges = 0;

	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];
		const size_t from = (size_t)(genome_node(g, x->from) -
					     g->nodes);
		const size_t to = (size_t)(genome_node(g, x->to) - g->nodes);

		edges += x->enabled && used[from] && used[to];
	}
	return edges - (int)(n_used - 1);
}

static struct traits traits_of(const struct genome *g)
{
	unsigned char used[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX], n = graph_order(g, used, order);
	struct traits t = {0};
	double layers;

	for (size_t i = 0; i < n; i++) {
		const struct node_gene *x = &g->nodes[order[i]];

		if (x->kind == NODE_CONV)
			add_conv(&t, &x->conv);
		else if (x->kind == NODE_DENSE)
			add_dense(&t, &x->dense);
	}
	add_hypers(&t, g);
	t.skips = skips_of(g, used, n);
	layers = fmax(t.convs + t.denses, 1);
	t.filters /= fmax(t.convs, 1);
	t.kernel /= fmax(t.convs, 1);
	t.bare /= fmax(t.convs, 1);
	t.drop /= fmax(t.convs, 1);
	t.units /= fmax(t.denses, 1);
	t.sigmoid /= layers;
	t.tanh /= layers;
	return t;
}

/* -- what it is worth -- */

static double square(double x)
{
	return x * x;
}

static double clamp(double x)
{
	return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* What training and the insides of layers cost. */
static double attributes_cost(const struct traits *t)
{
	return 0.04 * square(t->rate) + 0.002 * square(t->batch) +
	       0.02 * t->dropout * (t->denses > 0) + 0.02 * t->sigmoid +
	       0.006 * t->tanh + 0.004 * square(t->filters - 6.5) +
	       0.002 * square(t->kernel - 3) + 0.02 * t->bare + 0.01 * t->drop;
}

static double no_more_than(double x, double most)
{
	return x < most ? x : most;
}

/* Everything but how many convolutions there are. */
static double but_depth(const struct traits *t)
{
	return 0.94 - attributes_cost(t) - 0.003 * abs(t->pools - 2) +
	       0.003 * no_more_than(t->skips, 2) +
	       (t->denses > 0 ? 0.004 - 0.001 * square(t->units - 7) : 0) -
	       0.006 * fmax(t->denses - 1, 0);
}

/* Depth pays less and less, and beyond eight it costs. */
static double cnn_like(const struct genome *g)
{
	const struct traits t = traits_of(g);

	if (t.convs == 0)
		return 0.82;
	return clamp(but_depth(&t) - 0.06 * exp(-t.convs / 2.0) -
		     0.003 * fmax(t.convs - 8, 0));
}

static double valley(const struct genome *g)
{
	static const double cost[] = {0.12, 0.036, 0.05, 0.046, 0.02, 0.01, 0};
	const struct traits t = traits_of(g);

	return clamp(but_depth(&t) - cost[t.convs < 6 ? t.convs : 6]);
}

/* How far the layers and the training are from one best choice each, which a
 * chain's first draws and steps all can reach. */
static double attributes(const struct genome *g)
{
	const struct traits t = traits_of(g);

	return clamp(0.93 - 0.03 * square(t.rate) -
		     0.004 * square(t.batch + 0.5) - 0.03 * (1 - t.tanh) -
		     0.006 * square(t.filters - 6) -
		     0.004 * square(t.kernel - 5) -
		     0.02 * (layer_hyper(g, HYPER_OPTIMIZER) != OPT_RMSPROP));
}

/* Choices as small numbers, and what a triple of them is worth: a draw. */
#define LOCI 12

static double draw(uint32_t locus, int a, int b, int c)
{
	uint32_t h = rng_mix32(locus + 1);

	h = rng_mix32(h ^ (uint32_t)a * 0x9e37u);
	h = rng_mix32(h ^ (uint32_t)b * 0x85ebu);
	h = rng_mix32(h ^ (uint32_t)c * 0xc2b2u);
	return h * 0x1p-32;
}

static int rounded(double x)
{
	return (int)floor(x + 0.5);
}

static double nk_like(const struct genome *g)
{
	const struct traits t = traits_of(g);
	const int locus[LOCI] = {t.convs, t.denses, t.pools,
		(int)no_more_than(t.skips, 3), rounded(t.filters),
		rounded(t.kernel / 2), rounded(2 * t.bare), rounded(t.units),
		rounded(2 * t.sigmoid), rounded(2 * t.tanh),
		rounded(2 * t.rate), rounded(t.batch)};
	double sum = 0;

	for (uint32_t i = 0; i < LOCI; i++)
		sum += draw(i, locus[i], locus[(i + 5) % LOCI],
			locus[(i + 7) % LOCI]);
	return clamp(0.76 + 0.22 * sum / LOCI);
}

const struct landscape *landscape_at(int i)
{
	static const struct landscape all[] = {
		{"CNN-like", cnn_like},
		{"attributes", attributes},
		{"NK-like", nk_like},
		{"valley", valley},
	};

	return i >= 0 && i < (int)(sizeof all / sizeof *all) ? &all[i] : NULL;
}
