/* parts.h -- which nodes of a network each layer of its genome has become.
 *
 * build.h says what a layer becomes; here a network is read the other way, so
 * that two networks can be compared gene by gene. */
#ifndef MODEL_PARTS_H
#define MODEL_PARTS_H

#include "base/err.h"
#include "neat/data_shape.h"
#include "neat/genome.h"
#include "nn/spec.h"

/* A genome and its network. */
struct parts {
	const struct genome *genome;
	struct spec spec;
	int nodes[GENOME_NODES_MAX]; /* as build_spec gives them */
};

/* What one layer became; -1 for a node that it does not have. */
struct part {
	int own;   /* its convolution or dense layer */
	int norm;  /* of the convolution */
	int joins; /* the concatenation or sum of several inputs */
	struct part_input {
		int64_t edge, from; /* the genome's, by number */
		int at;             /* what is joined, or the only input */
		int projection;     /* the layer that `at` ends in to fit */
	} inputs[SPEC_INPUTS_MAX];
	int n_inputs;
};

/* Builds the network of a genome that passed genome_check; the genome must
 * outlive *p.  The errors of build_spec. */
int parts_open(struct parts *p, const struct genome *g,
	const struct data_shape *data, struct err *e);

/* The index of the genome's node of that number, if the network has it; else
 * -1. */
int parts_find(const struct parts *p, int64_t number);

/* The part that node `i` of the genome is, which the network has and which is
 * no input. */
void parts_get(const struct parts *p, int i, struct part *out);

#endif
