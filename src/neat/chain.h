/* chain.h -- layer genomes that are a chain: the minimal start, and every flat
 * genome.
 *
 * A layer's number, and an edge's, follows from its place in the chain, so the
 * chains of a population line up by place: convolution i is node 2 + i, dense
 * layer i is node 2 + FLAT_LAYERS_MAX + i. */
#ifndef NEAT_CHAIN_H
#define NEAT_CHAIN_H

#include "neat/flat.h"
#include "neat/innovation.h"
#include "neat/layer.h"
#include "neat/space.h"

/* The lowest numbers that no chain has: where a run's counters start. */
extern const struct innovation_counters chain_counters;

/* Every gene that a chain can have, as one genome: what numbers below the
 * counters mean. */
const struct genome *chain_genes(struct arena *mem);

/* The minimal start: input, one random convolution that pools, output, and
 * hyper-parameters drawn as those of flat_random. */
struct genome *chain_minimal(struct arena *mem, int batch_size,
	const struct space *s, struct rng *r);

/* How deep the genomes of a first generation are: chains of 1 up to
 * `convolutions` convolutions and 0 up to `dense` dense layers. */
struct chain_start {
	int convolutions, dense;
};

/* Its fields, "first_convolutions" and "first_dense"; a document without them
 * means the minimal start. */
extern const struct fields chain_start_fields;

/* The start of a generation's member `place`, 0..: each pair of depths in turn,
 * so that a generation spreads over them.  Convolutions after the first take
 * after the one before, half of them with twice the filters, as far as the
 * space has that and the maps that were halved before pay for it. */
struct genome *chain_first(struct arena *mem, uint64_t place, int batch_size,
	const struct chain_start *start, const struct space *s, struct rng *r);

/* The smallest chain of so many layers: convolutions of the fewest filters, 3x3
 * where the space has that, each of which pools, and dense layers of the fewest
 * units.  What costs nothing is drawn. */
struct genome *chain_least(struct arena *mem, int convolutions, int dense,
	int batch_size, const struct space *s, struct rng *r);

/* A flat genome as a chain, of the same network and training.  The shape of
 * the data is left to the caller. */
struct genome *chain_from_flat(struct arena *mem, const struct flat *g);

/* The chain that a layer genome expresses, as a flat genome for these data.
 * What is disabled, or leads nowhere, is not part of it.  A flat genome comes
 * back from its chain as flat_normalize leaves it.
 * ERR_RANGE, with the reason, for what the flat form cannot say: two paths, no
 * dense layer or no convolution, a stride, another pooling or normalization,
 * activations or dropouts that differ where it has one. */
int chain_to_flat(const struct genome *g, const struct data_shape *data,
	struct flat *out, struct err *e);

#endif
