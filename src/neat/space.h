/* space.h -- what evolution draws from: a value that every draw is given, so
 * that what is added to an enumeration changes no run that does not ask for
 * it.
 *
 * Genomes may hold any value of the enumerations, drawn or not. */
#ifndef NEAT_SPACE_H
#define NEAT_SPACE_H

#include "base/err.h"
#include "base/field.h"
#include "base/rng.h"

#define SPACE_CHOICES_MAX 32

/* Some values of an enumeration, each once.  A draw is the number of one, so
 * their order counts. */
struct choices {
	int n; /* 1..SPACE_CHOICES_MAX */
	int value[SPACE_CHOICES_MAX];
};

struct space {
	struct choices activations; /* of enum activation */
	struct choices optimizers;  /* of enum optimizer_kind */
};

/* Relu, sigmoid, tanh, leakyrelu and selu; adam, adamw, sgd and rmsprop: what
 * populations of existing clients draw from. */
const struct space *space_default(void);

/* "activations" and "optimizers", with space_default as what a document without
 * them means. */
extern const struct fields space_fields;

/* 0, or ERR_RANGE for a list that is empty or too long, or has an unknown value
 * or one twice. */
int space_check(const struct space *s, struct err *e);

/* Any of the choices, all equally likely.  Draws one number. */
int space_draw(const struct choices *c, struct rng *r);

/* Any of the choices but `now`, which need not be one.  Draws one number, but
 * none where `now` is the only choice, which it then stays. */
int space_draw_other(const struct choices *c, int now, struct rng *r);

#endif
