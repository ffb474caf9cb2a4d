/* genomes.h -- genomes that tests are made of. */
#ifndef TESTS_NEAT_GENOMES_H
#define TESTS_NEAT_GENOMES_H

#include "neat/innovation.h"
#include "neat/params.h"

#define TEST_ARENA_BYTES ((size_t)1 << 30)

/* The preset of that name; fails the test if there is none. */
struct params preset(const char *name);

/* A network of neurons: nodes 0 and 1 inputs, 2 the bias, 3 the output, and
 * `hidden` more neurons from 4 on; the edges as listed. */
struct genome *network_of(struct arena *mem, int hidden,
	const struct edge_gene *edges, size_t n_edges);

/* Fails the test with the sentence of genome_check unless `g` is sound. */
void assert_sound(const struct genome *g);

/* A genome after `steps` random mutations from the minimal one. */
struct genome *grown(struct arena *mem, struct innovation_book *b,
	const struct params *p, int recurrent, int steps, struct rng *r);

#endif
