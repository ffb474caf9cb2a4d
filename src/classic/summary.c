/* summary.c -- means and standard deviations over solved runs. */
#include "classic/summary.h"

#include <math.h>

static double evaluations(const struct outcome *o)
{
	return (double)o->evaluations;
}

static double generations(const struct outcome *o)
{
	return o->generations;
}

static double hidden(const struct outcome *o)
{
	return o->hidden;
}

static double connections(const struct outcome *o)
{
	return o->connections;
}

static double species(const struct outcome *o)
{
	return o->species;
}

static double starts(const struct outcome *o)
{
	return o->starts;
}

/* Two passes: the sum of squares about the mean loses nothing. */
static struct figure figure_of(const struct outcome *o, size_t runs,
	double (*value)(const struct outcome *o))
{
	struct figure f = {0};
	double n = 0, sum = 0, squares = 0;

	for (size_t i = 0; i < runs; i++) {
		n += o[i].solved;
		sum += o[i].solved ? value(&o[i]) : 0;
	}
	if (n > 0)
		f.mean = sum / n;
	for (size_t i = 0; i < runs; i++)
		if (o[i].solved)
			squares += pow(value(&o[i]) - f.mean, 2);
	if (n > 1)
		f.sd = sqrt(squares / (n - 1));
	return f;
}

void summary_make(
	struct summary *s, const struct outcome *outcomes, size_t runs)
{
	*s = (struct summary){.runs = runs,
		.evaluations = figure_of(outcomes, runs, evaluations),
		.generations = figure_of(outcomes, runs, generations),
		.hidden = figure_of(outcomes, runs, hidden),
		.connections = figure_of(outcomes, runs, connections),
		.species = figure_of(outcomes, runs, species),
		.starts = figure_of(outcomes, runs, starts)};
	for (size_t i = 0; i < runs; i++)
		s->solved += (size_t)outcomes[i].solved;
}
