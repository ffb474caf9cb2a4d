/* genomes.c -- builders shared by the tests of neat/. */
#include "genomes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "neat/mutate.h"
#include "neat/neuron.h"

struct params preset(const char *name)
{
	struct params p;

	assert_int_equal(params_preset(&p, name, NULL), 0);
	return p;
}

struct genome *network_of(struct arena *mem, int hidden,
	const struct edge_gene *edges, size_t n_edges)
{
	struct genome *g = arena_alloc(mem, sizeof *g);

	*g = (struct genome){.kind = &genome_neurons};
	for (int i = 0; i < 4 + hidden; i++)
		genome_add_node(mem, g,
			&(struct node_gene){
				.number = i, .kind = neuron_kind(i, 3, 1)});
	for (size_t i = 0; i < n_edges; i++)
		genome_add_edge(mem, g, &edges[i]);
	return g;
}

void assert_sound(const struct genome *g)
{
	struct err e = {0};

	if (genome_check(g, &e))
		fail_msg("%s", e.text);
}

struct genome *grown(struct arena *mem, struct innovation_book *b,
	const struct params *p, int recurrent, int steps, struct rng *r)
{
	const struct mutator m = {mem, b, p, space_default()};
	struct innovation_counters next;
	struct genome *g = neuron_minimal(mem, 3, 1, recurrent, p, r, &next);

	if (b->next.node < next.node)
		b->next = next;
	for (int i = 0; i < steps; i++)
		mutate(&m, g, r);
	return g;
}
