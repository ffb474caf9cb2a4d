/* limits.h -- what a network that breeding makes may cost at most, and who says
 * what it costs. */
#ifndef NEAT_LIMITS_H
#define NEAT_LIMITS_H

#include <stdint.h>

#include "base/err.h"
#include "base/field.h"
#include "neat/data_shape.h"
#include "neat/genome.h"

/* Of each, 0 is none. */
struct limits {
	int64_t max_parameters; /* trained numbers */
	double max_mflop;     /* of one image forward, a multiply-add is two */
	int64_t max_model_kb; /* of the weights in a file, 1,024 bytes each */
	double max_work;      /* 10^6 operations to train on one image, as
			       * model/work.h counts them: what a budget sets */
};

/* "max_parameters", "max_mflop" and "max_model_kb"; a document without them
 * means none. */
extern const struct fields limits_fields;

/* True if there is a limit. */
int limits_any(const struct limits *l);

/* What is limited. */
struct network_cost {
	int64_t parameters;
	int64_t forward_flops; /* of one image */
	int64_t weight_bytes;  /* parameters and running statistics */
	double work;           /* operations to train on one image */
};

/* 0, or ERR_RANGE with a sentence that names the limit that is exceeded. */
int limits_check(
	const struct limits *l, const struct network_cost *c, struct err *e);

/* True if the network of a genome that passed genome_check, for such data,
 * keeps to the limits; else the sentence says why not. */
typedef int genome_judge(const struct genome *g, const struct data_shape *data,
	const struct limits *l, struct err *e);

/* What breeding holds a genome to.  Breeding knows no network, so that whoever
 * asks hands in the judge: model/cost.h. */
struct gate {
	genome_judge *admits; /* NULL: all pass */
	const struct data_shape *data;
	const struct limits *limits;
	const struct genome *least; /* a small one, which passes */
};

/* True if the genome passes. */
int gate_admits(const struct gate *gate, const struct genome *g);

#endif
