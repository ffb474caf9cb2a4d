/* label.c -- kind and size first, then what is special about it. */
#include "draw/label.h"

#include <stdarg.h>
#include <stdio.h>

#include "neat/attribute.h"
#include "neat/layer.h"

/* Appends to the last line, after ", " where it has something already. */
__attribute__((format(printf, 2, 3))) static void add(
	struct label *l, const char *fmt, ...)
{
	char *line = l->lines[l->n - 1];
	size_t used = 0;
	va_list args;

	while (line[used])
		used++;
	if (used)
		used += (size_t)snprintf(line + used, LABEL_BYTES - used, ", ");
	va_start(args, fmt);
	vsnprintf(line + used, LABEL_BYTES - used, fmt, args);
	va_end(args);
}

/* Starts a line, unless the last one is still empty. */
static void next_line(struct label *l)
{
	if (l->lines[l->n - 1][0])
		l->n++;
}

/* Inputs that no path passes are not joined. */
static void add_merge(struct label *l, const struct genome *g,
	const struct node_gene *n, const unsigned char *used)
{
	int inputs = 0;

	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];

		inputs += x->to == n->number && x->enabled &&
			  used[genome_node(g, x->from) - g->nodes];
	}
	if (inputs < 2)
		return;
	next_line(l);
	add(l, "%s of %d", n->merge == MERGE_SUM ? "sum" : "concat", inputs);
}

static void label_conv(struct label *l, const struct conv_gene *c)
{
	add(l, "conv %d, %dx%d", c->filters, c->kernel, c->kernel);
	if (c->stride > 1)
		add(l, "stride %d", c->stride);
	next_line(l);
	if (c->norm != CONV_NORM_NONE)
		add(l, "%s norm",
			c->norm == CONV_NORM_BATCH ? "batch" : "layer");
	add(l, "%s", activation_name(c->activation));
	if (c->pool != CONV_POOL_NONE)
		add(l, "%s pool", c->pool == CONV_POOL_MAX ? "max" : "average");
	if (c->dropout > 0)
		add(l, "dropout %.2g", c->dropout);
}

static void label_dense(
	struct label *l, const struct genome *g, const struct node_gene *n)
{
	double dropout = layer_dropout(g, n);

	add(l, "dense %d", n->dense.units);
	next_line(l);
	add(l, "%s", activation_name(n->dense.activation));
	if (dropout > 0)
		add(l, "dropout %.2g", dropout);
}

static void label_neuron(struct label *l, const struct node_gene *n)
{
	add(l, "%s %lld", node_kind_name(n->kind), (long long)n->number);
	if (n->kind == NODE_INPUT || n->kind == NODE_BIAS)
		return;
	next_line(l);
	add(l, "%s",
		n->neuron.activation == NEURON_SIGMOID ? "sigmoid" : "tanh");
	if (n->neuron.bias != 0)
		add(l, "bias %.3g", n->neuron.bias);
}

/* An end of a layer genome. */
static void label_end(struct label *l, const struct node_gene *n,
	const struct flat_data *data)
{
	add(l, "%s", node_kind_name(n->kind));
	if (!data)
		return;
	next_line(l);
	if (n->kind == NODE_OUTPUT)
		add(l, "%d classes", data->classes);
	else
		add(l, "%d x %d x %d", data->channels, data->height,
			data->width);
}

void label_of(const struct genome *g, size_t i, const unsigned char *used,
	const struct flat_data *data, struct label *out)
{
	const struct node_gene *n = &g->nodes[i];

	*out = (struct label){.n = 1};
	if (g->kind != &genome_layers) {
		label_neuron(out, n);
		return;
	}
	if (n->kind == NODE_CONV)
		label_conv(out, &n->conv);
	else if (n->kind == NODE_DENSE)
		label_dense(out, g, n);
	else
		label_end(out, n, data);
	add_merge(out, g, n, used);
}
