/* params.h -- every constant of NEAT, with its range, unit and source.
 *
 * Papers, later work and released code disagree on constants, so they come in
 * named presets:
 *   paper2002  Stanley & Miikkulainen, Evolutionary Computation 10(2), 2002
 *   jair2004   Stanley & Miikkulainen, JAIR 21, 2004
 *   cnn        ours, for layer genomes, by reasoning alone
 *   cnn2       ours, for layer genomes where evaluations are few and noisy,
 *              tuned on made-up landscapes (docs/search.md)
 *
 * A constant that has been added later has a `since` and a `before`: what a
 * program without it did.  It is kept, and digested, only where it differs from
 * that, so that runs from before breed as they did.
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

	/* of layer genomes: splits, attributes, removal */
	double neighbour_rate; /* a new layer takes after its neighbour */
	double hyper_rate;     /* a change is one of the training's */
	double another_rate;   /* one more attribute changes, and so on */
	double mend_rate;      /* the way around a removed node opens */

	/* children that differ from their parents */
	double self_clone;       /* 1: who mates with itself is copied */
	double distinct_parents; /* 1: nobody does, where there are two */
	double mutation_tries;   /* until what is expressed has changed */
};

#define PARAMS_PRESETS 4

/* One row of the table. */
struct params_row {
	const char *name; /* the field's, and the key's in JSON */
	const char *unit;
	double lo, hi;                 /* inclusive */
	int whole;                     /* only whole numbers */
	double preset[PARAMS_PRESETS]; /* in the order of their names */
	const char *source;
	size_t offset; /* in struct params */
	int since;     /* 0: there from the first */
	double before; /* if since */
};

/* The rows, in the order of the fields. */
const struct params_row *params_table(size_t *n);

/* The name of preset i: paper2002, jair2004, cnn, cnn2; NULL beyond them. */
const char *params_preset_name(int i);

/* The preset of that name.  ERR_NOT_FOUND names them all. */
int params_preset(struct params *p, const char *name, struct err *e);

/* Sets one constant.  ERR_NOT_FOUND for a name that is none, ERR_RANGE for a
 * value out of its range. */
int params_set(struct params *p, const char *name, double value, struct err *e);

/* Gives every constant that was added later its `before`. */
void params_set_before(struct params *p);

/* The value of a row's constant. */
double params_get(const struct params *p, const struct params_row *row);

/* 0, or ERR_RANGE naming a constant out of its range. */
int params_check(const struct params *p, struct err *e);

#endif
