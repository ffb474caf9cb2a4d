/* attribute.c -- what is the same for all rows of the table. */
#include "neat/attribute.h"

#include <math.h>
#include <string.h>
#include <strings.h>

double attribute_get(const struct attribute *a, const struct node_gene *n)
{
	const char *at = (const char *)n + a->at;
	int whole;

	if (a->type == ATTRIBUTE_REAL)
		return *(const double *)at;
	/* An enumeration has the size of an int. */
	memcpy(&whole, at, sizeof whole);
	return whole;
}

void attribute_set(const struct attribute *a, struct node_gene *n, double x)
{
	char *at = (char *)n + a->at;
	int whole = (int)x;

	if (a->type == ATTRIBUTE_REAL)
		*(double *)at = x;
	else
		memcpy(at, &whole, sizeof whole);
}

double attribute_step(const struct attribute *a, double now,
	const struct space *s, struct rng *r)
{
	if (a->type != ATTRIBUTE_CHOICE)
		return a->step(now, s, r);
	if (a->drawn)
		return space_draw_other(a->drawn(s), (int)now, r);
	return fmod(now + 1 + (double)rng_below(r, (uint64_t)a->hi), a->hi + 1);
}

int attribute_check(const struct attribute *a, double x, struct err *e)
{
	if (!(x >= a->lo && x <= a->hi))
		return err_set(e, ERR_RANGE,
			"%s is %.6g but must be from %g to %g", a->key, x,
			a->lo, a->hi);
	if (a->type != ATTRIBUTE_REAL && x != floor(x))
		return err_set(e, ERR_RANGE,
			"%s is %.6g but must be a whole number", a->key, x);
	return 0;
}

/* The logarithm to base 2, on straight lines between the powers of two: close
 * enough for a distance, and the same bits on every machine.  Below 2^-20,
 * zero included, all is alike. */
static double log2_lines(double x)
{
	const double least = 0x1p-20;
	int exponent;
	double part = frexp(x < least ? least : x, &exponent);

	return exponent + 2 * part - 2;
}

double attribute_distance(const struct attribute *a, double x, double y)
{
	double lo = a->lo, hi = a->hi;

	if (a->type == ATTRIBUTE_CHOICE)
		return x != y;
	if (a->logarithmic) {
		x = log2_lines(x);
		y = log2_lines(y);
		lo = log2_lines(lo);
		hi = log2_lines(hi);
	}
	return fabs(x - y) / (hi - lo);
}

int attribute_choice(const struct attribute *a, const char *name)
{
	for (int i = 0; i <= (int)a->hi; i++)
		if (strcasecmp(name, a->name(i)) == 0)
			return i;
	return -1;
}
