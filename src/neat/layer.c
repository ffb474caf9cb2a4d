/* layer.c -- what is particular to graphs of layers. */
#include "neat/layer.h"

#include <assert.h>

#include "neat/layer_kind.h"
#include "neat/mutate.h"

/* The kernel of convolutions that take after their neighbours. */
#define USUAL_KERNEL 3

void layer_random(struct node_gene *n, enum node_kind kind,
	const struct space *s, struct rng *r)
{
	*n = (struct node_gene){
		.kind = kind, .merge = (enum merge)rng_below(r, MERGES)};
	layer_kind(kind)->draw(n, s, r);
}

static int is_layer(const struct node_gene *n)
{
	return n->kind == NODE_CONV || n->kind == NODE_DENSE;
}

static enum activation activation_of(const struct node_gene *n)
{
	return n->kind == NODE_DENSE ? n->dense.activation : n->conv.activation;
}

void layer_take_after(struct node_gene *n, const struct node_gene *neighbour,
	const struct space *s)
{
	if (n->kind == NODE_CONV)
		n->conv.kernel = (int)space_clamp(
			s, SPACE_KERNEL, USUAL_KERNEL);
	if (!is_layer(neighbour))
		return;
	if (n->kind == NODE_CONV)
		n->conv.activation = activation_of(neighbour);
	else
		n->dense.activation = activation_of(neighbour);
	if (n->kind == NODE_CONV && neighbour->kind == NODE_CONV)
		n->conv.filters = neighbour->conv.filters;
	if (n->kind == NODE_DENSE && neighbour->kind == NODE_DENSE)
		n->dense.units = neighbour->dense.units;
}

double layer_hyper(const struct genome *g, enum hyper which)
{
	assert(g->n_hypers == HYPERS && g->hypers[which].number == which);
	return g->hypers[which].value;
}

double layer_dropout(const struct genome *g, const struct node_gene *n)
{
	if (n->kind == NODE_DENSE && n->dense.dropout == 0)
		return layer_hyper(g, HYPER_DROPOUT);
	return n->kind == NODE_DENSE ? n->dense.dropout : n->conv.dropout;
}

/* -- structure -- */

static int may_connect(const struct node_gene *from, const struct node_gene *to)
{
	return from->kind != NODE_OUTPUT && to->kind != NODE_INPUT &&
	       !(layer_kind(from->kind)->gives_vector &&
		       layer_kind(to->kind)->needs_map);
}

/* Either kind where both fit.  It takes after the layer before it; after the
 * one behind it where that alone is of its kind. */
static void draw_node(struct node_gene *n, const struct genome *g,
	const struct edge_gene *edge, const struct params *p,
	const struct space *s, struct rng *r)
{
	const struct node_gene *from = genome_node(g, edge->from);
	const struct node_gene *to = genome_node(g, edge->to);
	int after_vector = layer_kind(from->kind)->gives_vector;
	int before_map = layer_kind(to->kind)->needs_map;
	enum node_kind kind = after_vector ? NODE_DENSE : NODE_CONV;

	if (!after_vector && !before_map && rng_chance(r, 0.5))
		kind = NODE_DENSE;
	layer_random(n, kind, s, r);
	if (p->neighbour_rate > 0 && rng_chance(r, p->neighbour_rate))
		layer_take_after(n,
			to->kind == kind && from->kind != kind ? to : from, s);
}

/* Weights of layers are trained, not evolved. */
static double draw_weight(const struct params *p, struct rng *r)
{
	(void)p;
	(void)r;
	return 0;
}

/* -- attributes -- */

static unsigned perturb_hyper(struct arena *mem, struct genome *g,
	const struct space *s, struct rng *r)
{
	struct hyper_gene *h = genome_own_hypers(mem, g) + rng_below(r, HYPERS);
	const struct attribute *a = &attributes_of_hypers()[h->number];

	h->value = attribute_step(a, h->value, s, r);
	return MUTATION_HYPERS;
}

/* The merge means nothing while a layer has a single input. */
static int has_several_inputs(const struct genome *g, const struct node_gene *n)
{
	int inputs = 0;

	for (size_t i = 0; i < g->n_edges; i++)
		inputs += g->edges[i].to == n->number && g->edges[i].enabled;
	return inputs > 1;
}

/* Writes those attributes of a layer that evolution may change to `list`, with
 * room for ATTRIBUTES_MAX, and returns how many. */
static size_t changeable(const struct genome *g, const struct node_gene *n,
	const struct attribute **list)
{
	const size_t merge = offsetof(struct node_gene, merge);
	size_t total, count = 0;
	const struct attribute *all = attributes_of(n->kind, &total);

	for (size_t i = 0; i < total; i++)
		if (all[i].at != merge || has_several_inputs(g, n))
			list[count++] = &all[i];
	return count;
}

/* One attribute of one layer; 0 if no layer has any to change. */
static unsigned perturb_layer(struct arena *mem, struct genome *g,
	const struct space *s, struct rng *r)
{
	const struct attribute *list[ATTRIBUTES_MAX], *a;
	struct node_gene *layer;
	size_t layers = 0, pick, i = 0, n;

	for (size_t k = 0; k < g->n_nodes; k++)
		layers += changeable(g, &g->nodes[k], list) > 0;
	if (layers == 0)
		return 0;
	for (pick = rng_below(r, layers);; i++) {
		n = changeable(g, &g->nodes[i], list);
		if (n > 0 && pick-- == 0)
			break;
	}
	a = list[rng_below(r, n)];
	layer = &genome_own_nodes(mem, g)[i];
	attribute_set(
		a, layer, attribute_step(a, attribute_get(a, layer), s, r));
	return MUTATION_NODES;
}

/* One attribute, and with another_rate one more, and so on, however large the
 * genome. */
static unsigned perturb(struct arena *mem, struct genome *g,
	const struct params *p, const struct space *s, struct rng *r)
{
	unsigned done = 0;

	do {
		unsigned layer = rng_chance(r, p->hyper_rate)
					 ? 0
					 : perturb_layer(mem, g, s, r);

		done |= layer ? layer : perturb_hyper(mem, g, s, r);
	} while (rng_chance(r, p->another_rate));
	return done;
}

/* A single input needs no merge.  The dropout of the training is that of dense
 * layers without one of their own; it is written where it counts. */
static void simplify(struct arena *mem, struct genome *g)
{
	struct node_gene *nodes = genome_own_nodes(mem, g);
	struct hyper_gene *hypers = genome_own_hypers(mem, g);

	for (size_t i = 0; i < g->n_nodes; i++) {
		if (!has_several_inputs(g, &nodes[i]))
			nodes[i].merge = MERGE_SUM;
		if (nodes[i].kind == NODE_DENSE)
			nodes[i].dense.dropout = layer_dropout(g, &nodes[i]);
	}
	hypers[HYPER_DROPOUT].value = 0;
}

/* -- distance -- */

/* The mean over the attributes of two matching layers. */
static double layer_difference(
	const struct node_gene *x, const struct node_gene *y)
{
	size_t n;
	const struct attribute *a = attributes_of(x->kind, &n);
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += attribute_distance(&a[i], attribute_get(&a[i], x),
			attribute_get(&a[i], y));
	return sum / (double)n;
}

/* The mean over matching layers and hyper-parameters; the input, which has no
 * attributes, does not count. */
static double difference(const struct genome *a, const struct genome *b)
{
	double sum = 0;
	size_t n = HYPERS;

	for (int h = 0; h < HYPERS; h++)
		sum += attribute_distance(&attributes_of_hypers()[h],
			a->hypers[h].value, b->hypers[h].value);
	for (size_t i = 0, k = 0; i < a->n_nodes && k < b->n_nodes;) {
		const struct node_gene *x = &a->nodes[i], *y = &b->nodes[k];

		if (x->number == y->number && x->kind != NODE_INPUT) {
			sum += layer_difference(x, y);
			n++;
		}
		i += x->number <= y->number;
		k += y->number <= x->number;
	}
	return sum / (double)n;
}

/* -- checks -- */

static int check_kind(const struct node_gene *n, struct err *e)
{
	if (n->number < LAYER_HIDDEN) {
		if (n->kind ==
			(n->number == LAYER_INPUT ? NODE_INPUT : NODE_OUTPUT))
			return 0;
		return err_set(e, ERR_RANGE, "it must be the %s",
			n->number == LAYER_INPUT ? "input" : "output");
	}
	if (layer_kind(n->kind) && layer_kind(n->kind)->draw)
		return 0;
	return err_set(e, ERR_RANGE,
		"a node from number %d on must be a layer, not an end or a "
		"neuron",
		LAYER_HIDDEN);
}

static int check_node(const struct node_gene *n, struct err *e)
{
	const struct layer_kind *k = layer_kind(n->kind);
	int rc = check_kind(n, e);

	for (size_t i = 0; rc == 0 && i < k->n_attributes; i++)
		rc = attribute_check(&k->attributes[i],
			attribute_get(&k->attributes[i], n), e);
	return rc;
}

static int check_hypers(const struct hyper_gene *h, size_t n, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < HYPERS; i++)
		if (n != HYPERS || h[i].number != (enum hyper)i)
			return err_set(e, ERR_RANGE,
				"a layer genome must have each of its %d "
				"hyper-parameters once, in order",
				HYPERS);
	for (size_t i = 0; rc == 0 && i < HYPERS; i++)
		rc = attribute_check(&attributes_of_hypers()[i], h[i].value, e);
	return rc;
}

const struct genome_kind genome_layers = {
	.name = "layers",
	.draw_node = draw_node,
	.may_connect = may_connect,
	.draw_weight = draw_weight,
	.perturb = perturb,
	.simplify = simplify,
	.difference = difference,
	.check_node = check_node,
	.check_hypers = check_hypers,
};
