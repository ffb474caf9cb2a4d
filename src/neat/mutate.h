/* mutate.h -- a genome changes: its attributes, or its graph.
 * Stanley & Miikkulainen 2002, section 3.1 and figure 3.
 *
 * Every function keeps the genome valid (genome_check); where a change is not
 * possible it leaves the genome as it was and returns 0. */
#ifndef NEAT_MUTATE_H
#define NEAT_MUTATE_H

#include "neat/innovation.h"
#include "neat/params.h"
#include "neat/space.h"

/* What was done to a child, for the record; bits. */
enum mutation {
	MUTATION_SPLIT = 1 << 0,  /* an edge got a node in its middle */
	MUTATION_EDGE = 1 << 1,   /* two nodes were connected */
	MUTATION_TOGGLE = 1 << 2, /* an edge was enabled or disabled */
	MUTATION_REMOVE = 1 << 3, /* a node or an edge is gone */
	MUTATION_WEIGHTS = 1 << 4,
	MUTATION_NODES = 1 << 5,  /* attributes of nodes */
	MUTATION_HYPERS = 1 << 6, /* hyper-parameters */
	MUTATION_WAKE = 1 << 7,   /* crossover enabled edges again */
};

/* What a mutation takes from. */
struct mutator {
	struct arena *mem;            /* what is new in a genome is there */
	struct innovation_book *book; /* numbers of structural changes */
	const struct params *params;
	const struct space *space;
};

/* Mutates `g` by the rates of m->params: one structural change at most; where
 * there is none the attributes, else those too with the attribute_rate.  Where
 * that leaves the same network and training it is done anew, up to
 * mutation_tries times in all.  Returns the bits of what was done. */
unsigned mutate(const struct mutator *m, struct genome *g, struct rng *r);

/* Mutates attributes alone, and where that has no effect anew, likewise. */
unsigned mutate_attributes(
	const struct mutator *m, struct genome *g, struct rng *r);

/* Splits an enabled edge drawn at random: the edge is disabled, the one into
 * the new node weighs 1 and the one out of it what the old one weighed.  Edges
 * out of a bias are not split.  In a genome of fewer edges than
 * old_first_below the oldest edge is taken with a chance of 0.7, or else
 * the next with 0.7, and so on, so that the first nodes go between inputs and
 * outputs and not one after the other. */
unsigned mutate_split(const struct mutator *m, struct genome *g, struct rng *r);

/* Connects two nodes that are not, drawn at random until a pair may be, or 100
 * times in vain: without a cycle, but in a recurrent genome, with
 * the recurrent_rate, only a pair that closes one. */
unsigned mutate_connect(
	const struct mutator *m, struct genome *g, struct rng *r);

/* Enables or disables an edge drawn at random, unless that cuts the last path
 * from input to output. */
unsigned mutate_toggle(struct arena *mem, struct genome *g, struct rng *r);

/* Removes an edge drawn at random, or a hidden node drawn at random with all
 * its edges, unless that cuts the last path from input to output.  Hidden
 * nodes left without an edge on one side go too.  With the mend_rate the edges
 * that lead around a removed node, from what fed it to what it fed, are
 * enabled: what a split did is undone. */
unsigned mutate_remove(
	const struct mutator *m, struct genome *g, struct rng *r);

#endif
