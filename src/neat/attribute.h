/* attribute.h -- what layers and training have besides a graph, each as a row
 * of a table (layer_kind.h): name, bounds, distance, how evolution changes it
 * and how a drawing says it.
 *
 * The row serves the check, the mutation, the compatibility distance, the JSON
 * and the drawing, so a new attribute is a row and a member in gene.h.  Values
 * travel as doubles; those of whole numbers and choices are integers. */
#ifndef NEAT_ATTRIBUTE_H
#define NEAT_ATTRIBUTE_H

#include "neat/genome.h"
#include "neat/space.h"

enum attribute_type {
	ATTRIBUTE_WHOLE,  /* a whole number in lo..hi */
	ATTRIBUTE_REAL,   /* a number in lo..hi */
	ATTRIBUTE_CHOICE, /* one of hi + 1 names; lo is 0 */
};

struct attribute {
	const char *key; /* in JSON */
	enum attribute_type type;
	double lo, hi;
	/* Numbers: the value after a mutation. */
	double (*step)(double now, const struct space *s, struct rng *r);
	const char *(*name)(int choice); /* of a choice; NULL beyond them */
	/* Choices: those that evolution draws from; NULL for all of them. */
	const struct choices *(*drawn)(const struct space *s);
	int logarithmic; /* distances are measured between logarithms */
	size_t at;       /* its place in struct node_gene; of hypers none */

	/* How a drawing says it, with the value for each %s, at most two; NULL:
	 * not at all.  The first phrase of a kind names the kind.  The lowest
	 * value goes without saying, unless said_always. */
	const char *phrase;
	int said_always;
};

/* The value that a layer has. */
double attribute_get(const struct attribute *a, const struct node_gene *n);

/* Gives a layer a value, which attribute_check would pass. */
void attribute_set(const struct attribute *a, struct node_gene *n, double x);

/* The value after a mutation: a choice becomes another of those in the space, a
 * number takes a step within its range of it. */
double attribute_step(const struct attribute *a, double now,
	const struct space *s, struct rng *r);

/* 0, or ERR_RANGE with a sentence that names the attribute and its bounds. */
int attribute_check(const struct attribute *a, double x, struct err *e);

/* How far two values are apart, from 0 to 1: of numbers their difference as a
 * share of the range, of choices 0 or 1. */
double attribute_distance(const struct attribute *a, double x, double y);

/* The choice of that name in any letter case, or -1. */
int attribute_choice(const struct attribute *a, const char *name);

#endif
