/* label.c -- kind and size first, then what is special about it. */
#include "draw/label.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "neat/layer.h"
#include "neat/layer_kind.h"

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

/* "%s norm" of "batch"; a value that goes without saying is not said. */
static void add_attribute(struct label *l, const struct attribute *a, double x)
{
	char value[32];

	if (!a->phrase || (x == a->lo && !a->said_always))
		return;
	switch (a->type) {
	case ATTRIBUTE_WHOLE: snprintf(value, sizeof value, "%.0f", x); break;
	case ATTRIBUTE_REAL: snprintf(value, sizeof value, "%.2g", x); break;
	case ATTRIBUTE_CHOICE:
		snprintf(value, sizeof value, "%s", a->name((int)x));
		break;
	}
	add(l, a->phrase, value, value);
}

/* Sizes, of which the first names the kind, and on a second line what was
 * chosen. */
static void label_layer(
	struct label *l, const struct genome *g, const struct node_gene *n)
{
	size_t count;
	const struct attribute *a = attributes_of(n->kind, &count);

	for (size_t i = 0; i < count; i++) {
		if (a[i].type != ATTRIBUTE_WHOLE && a[i].phrase && l->n == 1)
			next_line(l);
		add_attribute(l, &a[i],
			strcmp(a[i].key, "dropout") == 0
				? layer_dropout(g, n)
				: attribute_get(&a[i], n));
	}
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
	const struct data_shape *data)
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
	const struct data_shape *data, struct label *out)
{
	const struct node_gene *n = &g->nodes[i];

	*out = (struct label){.n = 1};
	if (g->kind != &genome_layers) {
		label_neuron(out, n);
		return;
	}
	if (n->kind == NODE_INPUT || n->kind == NODE_OUTPUT)
		label_end(out, n, data);
	else
		label_layer(out, g, n);
	add_merge(out, g, n, used);
}
