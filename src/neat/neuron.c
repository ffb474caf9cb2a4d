/* neuron.c -- what is particular to networks of neurons. */
#include "neat/neuron.h"

#include <assert.h>
#include <math.h>

#include "neat/mutate.h"

/* Uniform in [-power, power). */
static double symmetric(double power, struct rng *r)
{
	return power * (2 * rng_unit(r) - 1);
}

static double clamp(double x, double limit)
{
	return x < -limit ? -limit : x > limit ? limit : x;
}

static double new_weight(const struct params *p, struct rng *r)
{
	return symmetric(p->weight_power, r);
}

/* Most weights move a little; a few start again. */
static double mutate_weight(double x, const struct params *p, struct rng *r)
{
	if (!rng_chance(r, p->perturb_rate))
		return new_weight(p, r);
	return clamp(x + symmetric(p->perturb_power, r), p->weight_limit);
}

static void draw_node(struct node_gene *n, const struct genome *g,
	const struct edge_gene *edge, const struct params *p,
	const struct space *s, struct rng *r)
{
	(void)g;
	(void)edge;
	(void)p;
	(void)s;
	(void)r;
	*n = (struct node_gene){
		.kind = NODE_NEURON, .neuron = {.activation = NEURON_SIGMOID}};
}

static int may_connect(const struct node_gene *from, const struct node_gene *to)
{
	(void)from;
	return to->kind != NODE_INPUT && to->kind != NODE_BIAS;
}

static unsigned perturb_neurons(struct arena *mem, struct genome *g,
	const struct params *p, struct rng *r)
{
	struct node_gene *nodes = genome_own_nodes(mem, g);
	unsigned done = 0;

	for (size_t i = 0; i < g->n_nodes; i++) {
		struct neuron_gene *n = &nodes[i].neuron;

		if (nodes[i].kind != NODE_OUTPUT &&
			nodes[i].kind != NODE_NEURON)
			continue;
		if (rng_chance(r, p->bias_rate)) {
			n->bias = mutate_weight(n->bias, p, r);
			done = MUTATION_NODES;
		}
		if (rng_chance(r, p->activation_rate)) {
			n->activation = (enum neuron_activation)rng_below(
				r, NEURON_ACTIVATIONS);
			done = MUTATION_NODES;
		}
	}
	return done;
}

static unsigned perturb(struct arena *mem, struct genome *g,
	const struct params *p, const struct space *s, struct rng *r)
{
	unsigned done = 0;

	(void)s;
	if (rng_chance(r, p->weights_rate)) {
		struct edge_gene *edges = genome_own_edges(mem, g);

		for (size_t i = 0; i < g->n_edges; i++)
			edges[i].weight = mutate_weight(edges[i].weight, p, r);
		done |= MUTATION_WEIGHTS;
	}
	if (p->bias_rate > 0 || p->activation_rate > 0)
		done |= perturb_neurons(mem, g, p, r);
	return done;
}

/* The mean difference of weights over matching edges: W of equation 1. */
static double difference(const struct genome *a, const struct genome *b)
{
	double sum = 0;
	size_t i = 0, k = 0, n = 0;

	while (i < a->n_edges && k < b->n_edges) {
		const struct edge_gene *x = &a->edges[i], *y = &b->edges[k];

		if (x->number == y->number) {
			sum += fabs(x->weight - y->weight);
			n++;
		}
		i += x->number <= y->number;
		k += y->number <= x->number;
	}
	return n ? sum / (double)n : 0;
}

static int check_node(const struct node_gene *n, struct err *e)
{
	if (n->kind != NODE_INPUT && n->kind != NODE_BIAS &&
		n->kind != NODE_OUTPUT && n->kind != NODE_NEURON)
		return err_set(e, ERR_RANGE,
			"a network of neurons has inputs, outputs and neurons "
			"alone");
	if ((unsigned)n->neuron.activation >= NEURON_ACTIVATIONS ||
		!isfinite(n->neuron.bias))
		return err_set(e, ERR_RANGE,
			"the activation is unknown or the bias not finite");
	return 0;
}

static int check_hypers(const struct hyper_gene *h, size_t n, struct err *e)
{
	(void)h;
	if (n)
		return err_set(e, ERR_RANGE,
			"a network of neurons has no hyper-parameters");
	return 0;
}

const struct genome_kind genome_neurons = {
	.name = "neurons",
	.draw_node = draw_node,
	.may_connect = may_connect,
	.draw_weight = new_weight,
	.neutral_weight = 1,
	.perturb = perturb,
	.difference = difference,
	.check_node = check_node,
	.check_hypers = check_hypers,
};

enum node_kind neuron_kind(int i, int inputs, int outputs)
{
	if (i < inputs)
		return i + 1 < inputs ? NODE_INPUT : NODE_BIAS;
	return i < inputs + outputs ? NODE_OUTPUT : NODE_NEURON;
}

struct genome *neuron_minimal(struct arena *mem, int inputs, int outputs,
	int recurrent, const struct params *p, struct rng *r,
	struct innovation_counters *next)
{
	struct genome *g = arena_alloc(mem, sizeof *g);
	int64_t node = 0, edge = 0;

	assert(inputs > 1 && outputs > 0);
	*g = (struct genome){.kind = &genome_neurons, .recurrent = recurrent};
	for (int i = 0; i < inputs + outputs; i++)
		genome_add_node(mem, g,
			&(struct node_gene){.number = node++,
				.kind = neuron_kind(i, inputs, outputs)});
	for (int to = inputs; to < inputs + outputs; to++)
		for (int from = 0; from < inputs; from++)
			genome_add_edge(mem, g,
				&(struct edge_gene){.number = edge++,
					.from = from,
					.to = to,
					.enabled = 1,
					.weight = new_weight(p, r)});
	*next = (struct innovation_counters){.node = node, .edge = edge};
	return g;
}
