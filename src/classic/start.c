/* start.c -- minimal networks; and for two ablations, ones with hidden neurons.
 */
#include "classic/experiment_private.h"

#include "base/rng.h"
#include "neat/graph.h"
#include "neat/neuron.h"

#define HIDDEN_MAX 10

/* Inputs come first, outputs next, hidden neurons last; counters start there
 * for every genome, so that the book gives equal edges equal numbers. */
struct start_plan {
	struct arena *mem;
	const struct experiment *x;
	struct innovation_book *book;
};

static void connect(struct start_plan *p, struct genome *g, int64_t from,
	int64_t to, struct rng *r)
{
	genome_add_edge(p->mem, g,
		&(struct edge_gene){
			.number = innovation_connect(p->book, from, to),
			.from = from,
			.to = to,
			.enabled = 1,
			.weight = g->kind->draw_weight(&p->x->params, r)});
}

static struct genome *unconnected(struct start_plan *p, int hidden)
{
	const struct task *t = p->x->task;
	struct genome *g = arena_alloc(p->mem, sizeof *g);

	*g = (struct genome){
		.kind = &genome_neurons, .recurrent = t->recurrent};
	for (int i = 0; i < t->inputs + t->outputs + hidden; i++)
		genome_add_node(p->mem, g,
			&(struct node_gene){.number = i,
				.kind = neuron_kind(i, t->inputs, t->outputs)});
	return g;
}

/* Every input to every hidden neuron, and every one of those to the outputs.
 */
static struct genome *layered(struct start_plan *p, struct rng *r)
{
	int in = p->x->task->inputs, out = in + p->x->task->outputs;
	struct genome *g = unconnected(p, HIDDEN_MAX);

	for (int h = out; h < out + HIDDEN_MAX; h++) {
		for (int i = 0; i < in; i++)
			connect(p, g, i, h, r);
		for (int o = in; o < out; o++)
			connect(p, g, h, o, r);
	}
	return g;
}

/* Each forward edge with an even chance: from inputs to all others, from
 * hidden neurons to later ones and to outputs. */
static struct genome *scattered(struct start_plan *p, struct rng *r)
{
	int in = p->x->task->inputs, out = in + p->x->task->outputs;
	int hidden = 1 + (int)rng_below(r, HIDDEN_MAX);
	struct genome *g = unconnected(p, hidden);

	for (int from = 0; from < out + hidden; from++) {
		if (from >= in && from < out)
			continue;
		for (int to = in; to < out + hidden; to++)
			if ((from < in || to < out || to > from) &&
				rng_chance(r, 0.5))
				connect(p, g, from, to, r);
	}
	if (!graph_connected(g) && !genome_edge_between(g, 0, in))
		connect(p, g, 0, in, r);
	return g;
}

static const struct genome *start_genome(struct start_plan *p, struct rng *r,
	struct innovation_counters *minimal)
{
	const struct task *t = p->x->task;

	switch (p->x->ablation) {
	case ABLATE_GROWTH: return layered(p, r);
	case ABLATE_SPECIATION:
	case ABLATE_MINIMAL: return scattered(p, r);
	default:
		return neuron_minimal(p->mem, t->inputs, t->outputs,
			t->recurrent, &p->x->params, r, minimal);
	}
}

void start_genomes(struct arena *mem, const struct experiment *x, int64_t seed,
	size_t n, const struct genome **genomes,
	struct innovation_counters *counters)
{
	struct innovation_counters next = {
		.node = x->task->inputs + x->task->outputs + HIDDEN_MAX};
	struct innovation_book book;
	struct start_plan p = {.mem = mem, .x = x, .book = &book};

	innovation_open(&book, mem, &next);
	for (size_t i = 0; i < n; i++) {
		struct rng r;

		rng_stream(&r, (uint64_t)seed, 0, i);
		genomes[i] = start_genome(&p, &r, &next);
	}
	*counters = (struct innovation_counters){.node = next.node,
		.edge = book.next.edge > next.edge ? book.next.edge
						   : next.edge};
}
