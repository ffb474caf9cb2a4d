/* seal.c -- selection sampling, a stream of random numbers a class.
 * Knuth, The Art of Computer Programming 2, section 3.4.2, algorithm S: exact
 * in number, and nothing is kept of samples that have gone by. */
#include "data/seal.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/rng.h"

#define SEAL_SEED 10 /* for ever: it decides which samples are sealed */
#define ONE_IN 10

struct seal_class {
	size_t n, test;   /* samples, and how many of them are taken */
	size_t seen, had; /* so far */
	struct rng rng;
};

struct seal {
	int classes;
	struct seal_class class[];
};

size_t seal_count(const struct seal *s)
{
	size_t n = 0;

	for (int k = 0; k < s->classes; k++)
		n += s->class[k].test;
	return n;
}

/* A class that may get one more, and what is left of its tenth. */
struct rest {
	int class;
	size_t left;
};

static int by_rest(const void *a, const void *b)
{
	const struct rest *x = a, *y = b;

	if (x->left != y->left)
		return x->left > y->left ? -1 : 1;
	return x->class - y->class;
}

/* Whole tenths leave some of all samples' tenth: one more each for the classes
 * of which most is left, the first of equal ones.  A class of one sample is
 * left to train on. */
static void share_rest(struct seal *s, size_t more)
{
	struct rest *rests = xcalloc((size_t)s->classes, sizeof *rests);
	size_t n = 0;

	for (int k = 0; k < s->classes; k++)
		if (s->class[k].n > 1)
			rests[n++] = (struct rest){k, s->class[k].n % ONE_IN};
	qsort(rests, n, sizeof *rests, by_rest);
	for (size_t i = 0; i < n && i < more; i++)
		s->class[rests[i].class].test++;
	free(rests);
}

struct seal *seal_new(const size_t *counts, int classes)
{
	struct seal *s = xcalloc(
		1, sizeof *s + (size_t)classes * sizeof *s->class);
	size_t all = 0, test = 0, wanted;

	s->classes = classes;
	for (int k = 0; k < classes; k++) {
		s->class[k].n = counts[k];
		s->class[k].test = counts[k] / ONE_IN;
		all += counts[k];
		test += counts[k] / ONE_IN;
	}
	wanted = (all + ONE_IN / 2) / ONE_IN;
	share_rest(s, (wanted ? wanted : 1) - test);
	seal_rewind(s);
	return s;
}

void seal_free(struct seal *s)
{
	free(s);
}

void seal_rewind(struct seal *s)
{
	for (int k = 0; k < s->classes; k++) {
		s->class[k].seen = s->class[k].had = 0;
		rng_stream(&s->class[k].rng, SEAL_SEED, (uint64_t)k, 0);
	}
}

int seal_takes(struct seal *s, int class)
{
	struct seal_class *c = &s->class[class];
	const size_t left = c->n - c->seen;
	int takes;

	if (left == 0)
		return 0;
	c->seen++;
	takes = rng_below(&c->rng, left) < c->test - c->had;
	c->had += takes ? 1 : 0;
	return takes;
}
