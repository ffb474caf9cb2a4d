/* trait.h -- a genome of layers as a fixed list of numbers, so that genomes of
 * different graphs can be set side by side.
 *
 * A layer counts if it lies on an enabled path from the input to the output. */
#ifndef NEAT_TRAIT_H
#define NEAT_TRAIT_H

#include "neat/genome.h"
#include "neat/layer_kind.h"

#define TRAITS_MAX 32
#define TRAIT_NAME_BYTES 40

struct trait {
	char name[TRAIT_NAME_BYTES]; /* "conv layers", "dense units" */
	enum trait_of {
		TRAIT_LAYERS, /* how many of `kind` there are */
		TRAIT_EDGES, /* how many enabled edges join layers that count */
		TRAIT_HYPER, /* hyper-parameter `hyper`, by `attribute` */
		TRAIT_LAYER, /* `attribute` of layers of `kind` */
	} of;
	enum node_kind kind;
	enum hyper hyper;
	const struct attribute *attribute; /* NULL: a count */
};

/* The list; returns how many. */
size_t traits(struct trait out[TRAITS_MAX]);

/* The genome's value of each: of an attribute of several layers the mean, of
 * their choices the one that most have, the first at a tie; NaN where there is
 * no such layer. */
void trait_values(
	const struct genome *g, const struct trait *t, size_t n, double *out);

#endif
