/* network.c -- a list of neurons, each a range of one array of synapses. */
#include "classic/network.h"

#include <string.h>

#include "classic/dmath.h"
#include "neat/graph.h"

struct synapse {
	size_t from; /* a slot of values */
	double weight;
};

struct unit {
	enum neuron_activation activation;
	double bias;
	size_t slot; /* of values: where its own value goes */
	size_t n_synapses;
	const struct synapse *synapses;
};

/* Slots are the genome's node indices. */
struct network {
	size_t n_inputs, n_outputs, n_units, n_slots;
	const size_t *inputs, *outputs; /* slots */
	const struct unit *units;       /* in the order of evaluation */
	double *values;                 /* n_slots */
};

/* -- compiling -- */

static int is_input(const struct node_gene *n)
{
	return n->kind == NODE_INPUT || n->kind == NODE_BIAS;
}

static int is_output(const struct node_gene *n)
{
	return n->kind == NODE_OUTPUT;
}

static const size_t *slots_of(struct arena *mem, const struct genome *g,
	int (*is_one)(const struct node_gene *n), size_t *n)
{
	size_t *slots = arena_array(mem, g->n_nodes, sizeof *slots);

	*n = 0;
	for (size_t i = 0; i < g->n_nodes; i++)
		if (is_one(&g->nodes[i]))
			slots[(*n)++] = i;
	return slots;
}

static size_t slot_of(const struct genome *g, int64_t number)
{
	return (size_t)(genome_node(g, number) - g->nodes);
}

/* The synapses into node `slot`, from nodes in use, written to `out`. */
static size_t gather(const struct genome *g, size_t slot,
	const unsigned char *used, struct synapse *out)
{
	int64_t number = g->nodes[slot].number;
	size_t n = 0;

	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];
		size_t from = slot_of(g, x->from);

		if (x->to == number && x->enabled && used[from])
			out[n++] = (struct synapse){from, x->weight};
	}
	return n;
}

static void compile(
	struct arena *mem, const struct genome *g, struct network *n)
{
	struct synapse *synapses = arena_array(
		mem, g->n_edges, sizeof *synapses);
	struct unit *units = arena_array(mem, g->n_nodes, sizeof *units);
	unsigned char used[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX];
	size_t n_used = graph_order(g, used, order);

	for (size_t i = 0; i < n_used; i++) {
		const struct node_gene *node = &g->nodes[order[i]];
		struct unit *u = &units[n->n_units];

		if (is_input(node))
			continue;
		*u = (struct unit){.activation = node->neuron.activation,
			.bias = node->neuron.bias,
			.slot = order[i],
			.synapses = synapses,
			.n_synapses = gather(g, order[i], used, synapses)};
		synapses += u->n_synapses;
		n->n_units++;
	}
	n->units = units;
}

struct network *network_new(struct arena *mem, const struct genome *g)
{
	struct network *n = arena_alloc(mem, sizeof *n);

	*n = (struct network){.n_slots = g->n_nodes};
	n->inputs = slots_of(mem, g, is_input, &n->n_inputs);
	n->outputs = slots_of(mem, g, is_output, &n->n_outputs);
	n->values = arena_array(mem, n->n_slots, sizeof *n->values);
	compile(mem, g, n);
	return n;
}

/* -- running -- */

void network_reset(struct network *n)
{
	memset(n->values, 0, n->n_slots * sizeof *n->values);
}

static double sum(const struct unit *u, const double *values)
{
	double s = u->bias;

	for (size_t i = 0; i < u->n_synapses; i++)
		s += u->synapses[i].weight * values[u->synapses[i].from];
	return s;
}

static double squash(enum neuron_activation activation, double x)
{
	if (activation == NEURON_TANH)
		return 1 - 2 / (1 + dmath_exp(2 * x));
	return 1 / (1 + dmath_exp(-4.9 * x));
}

void network_activate(struct network *n, const double *inputs, double *outputs)
{
	for (size_t i = 0; i < n->n_inputs; i++)
		n->values[n->inputs[i]] = inputs[i];
	for (size_t i = 0; i < n->n_units; i++) {
		const struct unit *u = &n->units[i];

		n->values[u->slot] = squash(u->activation, sum(u, n->values));
	}
	for (size_t i = 0; i < n->n_outputs; i++)
		outputs[i] = n->values[n->outputs[i]];
}

/* -- size -- */

int network_hidden(const struct genome *g)
{
	int n = 0;

	for (size_t i = 0; i < g->n_nodes; i++)
		n += g->nodes[i].kind == NODE_NEURON;
	return n;
}

int network_connections(const struct genome *g)
{
	int n = 0;

	for (size_t i = 0; i < g->n_edges; i++)
		n += g->edges[i].enabled;
	return n;
}
