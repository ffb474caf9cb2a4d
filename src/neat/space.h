/* space.h -- what evolution draws from: a value that every draw is given, so
 * that what is added to an enumeration changes no run that does not ask for
 * it.
 *
 * Genomes may hold any value of the enumerations, drawn or not. */
#ifndef NEAT_SPACE_H
#define NEAT_SPACE_H

#include "base/err.h"
#include "base/rng.h"

#define SPACE_CHOICES_MAX 32

/* Some values of an enumeration, each once.  A draw is the number of one, so
 * their order counts. */
struct choices {
	int n; /* 1..SPACE_CHOICES_MAX */
	int value[SPACE_CHOICES_MAX];
};

/* Numbers that evolution draws and changes. */
enum space_number {
	SPACE_FILTERS,
	SPACE_UNITS,
	SPACE_KERNEL,
	SPACE_LEARNING_RATE,
	SPACE_BATCH_SIZE,
	SPACE_DROPOUT,
	SPACE_NUMBERS
};

/* Both ends included. */
struct range {
	double lo, hi;
};

struct space {
	struct choices activations; /* of enum activation */
	struct choices optimizers;  /* of enum optimizer_kind */
	struct range ranges[SPACE_NUMBERS];
};

/* What there is to know of a number before a run. */
struct space_row {
	const char *key; /* in JSON */
	int whole;
	struct range bounds;   /* of what a range may be */
	struct range standard; /* unless a run has another */
	struct range before;   /* of runs and clients of before, ... */
	struct range drawn;    /* ... and what of it is drawn afresh */
};

/* SPACE_NUMBERS rows, by number. */
const struct space_row *space_table(void);

/* Relu, sigmoid, tanh, leakyrelu and selu; adam, adamw, sgd and rmsprop; the
 * ranges of before: what populations of existing clients draw from. */
const struct space *space_default(void);

/* 0, or ERR_RANGE for a list that is empty or too long, or has an unknown value
 * or one twice, or a range beyond its bounds. */
int space_check(const struct space *s, struct err *e);

/* Likewise of one range alone. */
int space_check_range(
	enum space_number number, const struct range *range, struct err *e);

/* What fresh draws of the number are from: its range, but of the one of before
 * only the part that was usual. */
struct range space_drawn(const struct space *s, enum space_number number);

/* True if a first genome may have it: a number in the range, and with the one
 * of before any. */
int space_holds(const struct space *s, enum space_number number, double x);

/* The nearest number in the range. */
double space_clamp(const struct space *s, enum space_number number, double x);

/* Any of the choices, all equally likely.  Draws one number. */
int space_draw(const struct choices *c, struct rng *r);

/* Any of the choices but `now`, which need not be one.  Draws one number, but
 * none where `now` is the only choice, which it then stays. */
int space_draw_other(const struct choices *c, int now, struct rng *r);

#endif
