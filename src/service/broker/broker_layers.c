/* broker_layers.c -- a genome's network layer by layer: what each takes, gives
 * and trains. */
#include "draw/label.h"
#include "model/build.h"
#include "neat/graph.h"
#include "neat/layer_kind.h"
#include "service/broker/broker_history.h"
#include "service/stored.h"
#include "wire/genome_json.h"

struct network {
	const struct genome *genome;
	const struct data_shape *data;
	unsigned char used[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX], n; /* of the nodes that are used */
	int outputs[GENOME_NODES_MAX];     /* see build_spec */
	struct spec spec;
};

static json_t *inputs_of(const struct network *w, const struct node_gene *n)
{
	const struct genome *g = w->genome;
	json_t *list = json_array();

	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];

		if (x->to == n->number && x->enabled &&
			w->used[genome_node(g, x->from) - g->nodes])
			json_array_append_new(list, json_integer(x->from));
	}
	return list;
}

static json_t *label_of_layer(const struct network *w, size_t i)
{
	json_t *lines = json_array();
	struct label label;

	label_of(w->genome, i, w->used, NULL, &label);
	for (int k = 0; k < label.n; k++)
		json_array_append_new(lines, json_string(label.lines[k]));
	return lines;
}

/* The layer's nodes in the spec stand between the output of the one before it,
 * in the order of building, and its own. */
static void layer_cost(
	const struct network *w, int from, int to, int64_t cost[2])
{
	cost[0] = cost[1] = 0;
	for (int i = from + 1; i <= to; i++) {
		int64_t parameters, flops;

		spec_node_cost(&w->spec, i, &parameters, &flops);
		cost[0] += parameters;
		cost[1] += flops;
	}
}

static json_t *layers_of(const struct network *w)
{
	json_t *list = json_array();
	int last = 0;

	for (size_t k = 0; k < w->n; k++) {
		const size_t i = w->order[k];
		const struct node_gene *n = &w->genome->nodes[i];
		const struct shape gives = w->spec.nodes[w->outputs[i]].shape;
		int64_t cost[2];

		layer_cost(w, last, w->outputs[i], cost);
		last = w->outputs[i];
		json_array_append_new(list,
			json_pack("{s:I,s:s,s:o,s:o,s:[i,i,i],s:I,s:f}",
				"number", (json_int_t)n->number, "kind",
				node_kind_name(n->kind), "label",
				label_of_layer(w, i), "inputs", inputs_of(w, n),
				"shape", gives.channels, gives.height,
				gives.width, "parameters", (json_int_t)cost[0],
				"mflop", (double)cost[1] * 1e-6));
	}
	return list;
}

/* A genome that is no network has none, and the reason. */
static json_t *describe(struct network *w)
{
	struct spec_cost cost;
	struct err e;

	if (build_spec(w->genome, w->data, &w->spec, w->outputs, &e))
		return json_pack("{s:[],s:i,s:f,s:s}", "layers", "parameters",
			0, "mflop", 0.0, "reason", e.text);
	w->n = graph_order(w->genome, w->used, w->order);
	spec_cost(&w->spec, 1, &cost);
	return json_pack("{s:o,s:I,s:f,s:n}", "layers", layers_of(w),
		"parameters", (json_int_t)cost.parameters, "mflop",
		(double)cost.forward_flops * 1e-6, "reason");
}

static json_t *read_and_describe(
	struct arena *mem, const struct store_genome *row, struct err *e)
{
	json_t *doc = stored_json(row->genome);
	struct genome_doc g;
	struct network *w;
	int rc = genome_doc_read(doc, "", mem, &g, e);

	json_decref(doc);
	if (rc)
		return NULL;
	w = arena_alloc(mem, sizeof *w);
	w->genome = g.graph;
	w->data = &g.data;
	return describe(w);
}

void broker_layers(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_genome g;
	struct store_run run;
	struct arena mem;
	json_t *doc = NULL;
	struct err e;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &run))
		goto release;
	if (broker_genome_find(b, q, &mem, run.uuid, &g, &e) == 0)
		doc = read_and_describe(&mem, &g, &e);
	if (doc)
		http_reply_json(r, 200, doc);
	else
		broker_reply_failure(b, r, &e);

release:
	arena_release(&mem);
}
