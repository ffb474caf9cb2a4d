/* trait.c -- what the layers of a genome have in common, as numbers. */
#include "neat/trait.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "neat/graph.h"
#include "neat/layer.h"

/* The layers that count. */
struct used {
	const struct genome *genome;
	unsigned char node[GENOME_NODES_MAX];
};

static const enum node_kind kinds[] = {NODE_CONV, NODE_DENSE};
#define KINDS (sizeof kinds / sizeof *kinds)

/* Names are keys in words. */
static void add(struct trait *out, size_t *n, struct trait t, const char *of,
	const char *key)
{
	assert(*n < TRAITS_MAX);
	snprintf(t.name, sizeof t.name, "%s%s%s", of, *of ? " " : "", key);
	for (char *c = t.name; (c = strchr(c, '_'));)
		*c = ' ';
	out[(*n)++] = t;
}

/* How inputs are joined means nothing where there is one. */
static void add_attributes(struct trait *out, size_t *n, enum node_kind kind)
{
	size_t n_all;
	const struct attribute *all = attributes_of(kind, &n_all);

	for (size_t i = 0; i < n_all; i++)
		if (strcmp(all[i].key, "merge") != 0)
			add(out, n,
				(struct trait){.of = TRAIT_LAYER,
					.kind = kind,
					.attribute = &all[i]},
				node_kind_name(kind), all[i].key);
}

size_t traits(struct trait out[TRAITS_MAX])
{
	const struct attribute *hypers = attributes_of_hypers();
	size_t n = 0;

	for (size_t k = 0; k < KINDS; k++)
		add(out, &n,
			(struct trait){.of = TRAIT_LAYERS, .kind = kinds[k]},
			node_kind_name(kinds[k]), "layers");
	add(out, &n, (struct trait){.of = TRAIT_EDGES}, "", "connections");
	for (int h = 0; h < HYPERS; h++)
		add(out, &n,
			(struct trait){.of = TRAIT_HYPER,
				.hyper = (enum hyper)h,
				.attribute = &hypers[h]},
			"", hypers[h].key);
	for (size_t k = 0; k < KINDS; k++)
		add_attributes(out, &n, kinds[k]);
	return n;
}

static int is_used(const struct used *u, size_t i, enum node_kind kind)
{
	return u->node[i] && u->genome->nodes[i].kind == kind;
}

static double count_layers(const struct used *u, enum node_kind kind)
{
	int count = 0;

	for (size_t i = 0; i < u->genome->n_nodes; i++)
		count += is_used(u, i, kind);
	return count;
}

static double count_edges(const struct used *u)
{
	const struct genome *g = u->genome;
	int count = 0;

	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];

		count += x->enabled &&
			 u->node[genome_node(g, x->from) - g->nodes] &&
			 u->node[genome_node(g, x->to) - g->nodes];
	}
	return count;
}

static double mean(const struct used *u, const struct trait *t)
{
	double sum = 0;
	int count = 0;

	for (size_t i = 0; i < u->genome->n_nodes; i++)
		if (is_used(u, i, t->kind)) {
			sum += attribute_get(
				t->attribute, &u->genome->nodes[i]);
			count++;
		}
	return count ? sum / count : (double)NAN;
}

static double most_frequent(const struct used *u, const struct trait *t)
{
	int best = 0;
	double found = (double)NAN;

	for (int choice = 0; choice <= (int)t->attribute->hi; choice++) {
		int count = 0;

		for (size_t i = 0; i < u->genome->n_nodes; i++)
			count += is_used(u, i, t->kind) &&
				 (int)attribute_get(t->attribute,
					 &u->genome->nodes[i]) == choice;
		if (count > best) {
			best = count;
			found = choice;
		}
	}
	return found;
}

static double value(const struct used *u, const struct trait *t)
{
	switch (t->of) {
	case TRAIT_LAYERS: return count_layers(u, t->kind);
	case TRAIT_EDGES: return count_edges(u);
	case TRAIT_HYPER: return layer_hyper(u->genome, t->hyper);
	case TRAIT_LAYER:
		return t->attribute->type == ATTRIBUTE_CHOICE
			       ? most_frequent(u, t)
			       : mean(u, t);
	}
	return (double)NAN;
}

void trait_values(
	const struct genome *g, const struct trait *t, size_t n, double *out)
{
	struct used u = {.genome = g};
	size_t order[GENOME_NODES_MAX];

	graph_order(g, u.node, order);
	for (size_t i = 0; i < n; i++)
		out[i] = value(&u, &t[i]);
}
