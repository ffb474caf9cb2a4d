/* params.h -- every constant of NEAT, with its range, unit and source.
 *
 * Papers, later work and released code disagree on constants, so they come in
 * named presets:
 *   paper2002  Stanley & Miikkulainen, Evolutionary Computation 10(2), 2002
 *   jair2004   Stanley & Miikkulainen, JAIR 21, 2004
 *   cnn        ours, for layer genomes, where evaluations are few
 * What a source leaves open is told in docs/neat.md. */
#ifndef NEAT_PARAMS_H
#define NEAT_PARAMS_H

#include <stddef.h>

#include "base/err.h"

/* All are doubles, so that one table serves them; `_rate` is a probability. */
struct params {
	/* compatibility distance c1 E/N + c2 D/N + c3 W */
	double c1, c2, c3;
	double normalize_from; /* N is 1 below so many edge genes */

	/* species */
	double threshold;
	double threshold_step; /* toward the target, a generation; 0: fixed */
	double target_species; /* 0: max(2, population / species_share) */
	double species_share;
	double stagnation;       /* generations; then a species rests */
	double worst_age;        /* generations; the worst older one rests */
	double population_limit; /* generations; then only the best two breed */
	double champion_size;    /* a larger species keeps its champion */
	double survival;         /* the share of a species that breeds */

	/* reproduction */
	double mutate_only_rate, mate_only_rate, interspecies_rate;
	double average_rate; /* of crossovers: matching genes are averaged */
	double disabled_rate;

	/* structure */
	double add_node_rate, add_edge_rate, recurrent_rate;
	double toggle_rate, remove_rate;
	double old_first_below; /* edges; fewer: older ones split likelier */

	/* attributes */
	double weights_rate, perturb_rate; /* of genomes; of their weights */
	double perturb_power, weight_power, weight_limit;
	double bias_rate, activation_rate; /* of neurons */
	double attribute_rate; /* that they change where the structure does */
};

/* One row of the table. */
struct params_row {
	const char *name; /* the field's, and the key's in JSON */
	const char *unit;
	double lo, hi; /* inclusive */
	int whole;     /* only whole numbers */
	double paper2002, jair2004, cnn;
	const char *source;
	size_t offset; /* in struct params */
};

/* The rows, in the order of the fields. */
const struct params_row *params_table(size_t *n);

/* The preset of that name.  ERR_NOT_FOUND names the three. */
int params_preset(struct params *p, const char *name, struct err *e);

/* Sets one constant.  ERR_NOT_FOUND for a name that is none, ERR_RANGE for a
 * value out of its range. */
int params_set(struct params *p, const char *name, double value, struct err *e);

/* The value of a row's constant. */
double params_get(const struct params *p, const struct params_row *row);

/* 0, or ERR_RANGE naming a constant out of its range. */
int params_check(const struct params *p, struct err *e);

#endif
