/* params.c -- the table of constants, and what reads and writes by it. */
#include "neat/params.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The end of a row: of a constant that was there from the first, and of one
 * that was added later. */
#define FIRST(field) offsetof(struct params, field), 0, 0
#define LATER(field, before) offsetof(struct params, field), 1, (before)

/* Abbreviations of the sources: P the paper of 2002 (section), J that of 2004,
 * C the released NEAT C++ 1.1, T tuned here (docs/neat.md). */
/* clang-format off */
static const struct params_row rows[] = {
	/* name, unit, lo, hi, whole, presets, source, offset, since, before */
	{"c1", "distance", 0, 1e3, 0, {1, 1, 1, 1}, "P 4.1, J 3.3", FIRST(c1)},
	{"c2", "distance", 0, 1e3, 0, {1, 1, 1, 1}, "P 4.1, J 3.3", FIRST(c2)},
	{"c3", "distance", 0, 1e3, 0, {0.4, 2, 1, 1},
		"P 4.1 (3.0 without velocities), J 3.3", FIRST(c3)},
	{"normalize_from", "edges", 1, 1e6, 1, {20, 1e6, 1e6, 1e6},
		"P 3.3; J sets N to 1", FIRST(normalize_from)},

	{"threshold", "distance", 0, 1e6, 0, {3, 3, 6, 12},
		"P 4.1 (4.0 without velocities), J 3.3; cnn: three splits, "
		"cnn2: six",
		FIRST(threshold)},
	{"threshold_step", "distance", 0, 1e3, 0, {0, 0.3, 0.1, 0},
		"J 3.3", FIRST(threshold_step)},
	{"target_species", "species", 0, 1e4, 1, {0, 10, 0, 0},
		"J 3.3", FIRST(target_species)},
	{"species_share", "genomes", 1, 1e4, 0, {8, 8, 8, 8},
		"T", FIRST(species_share)},
	{"stagnation", "generations", 1, 1e6, 1, {15, 1e6, 15, 15},
		"P 4.1", FIRST(stagnation)},
	{"worst_age", "generations", 0, 1e6, 1, {0, 30, 0, 0},
		"J 4 (0 is never)", FIRST(worst_age)},
	{"population_limit", "generations", 1, 1e6, 1, {20, 1e6, 20, 20},
		"P 3.3", FIRST(population_limit)},
	{"champion_size", "genomes", 0, 1e4, 1, {5, 5, 1, 1},
		"P 4.1", FIRST(champion_size)},
	{"survival", "of a species", 0, 1, 0, {0.2, 0.2, 0.4, 0.2},
		"C", FIRST(survival)},

	{"mutate_only_rate", "of children", 0, 1, 0, {0.25, 0.25, 0.25, 0.25},
		"P 4.1", FIRST(mutate_only_rate)},
	{"mate_only_rate", "of crossovers", 0, 1, 0, {0, 0.2, 0, 0},
		"C (in P: T)", FIRST(mate_only_rate)},
	{"interspecies_rate", "of crossovers", 0, 1, 0, {0.001, 0.05, 0.05, 0.05},
		"P 4.1, J 3.3", FIRST(interspecies_rate)},
	{"average_rate", "of crossovers", 0, 1, 0, {0, 0.4, 0, 0},
		"J 3.3", FIRST(average_rate)},
	{"disabled_rate", "of genes", 0, 1, 0, {0.75, 0.75, 0.75, 0.75},
		"P 4.1", FIRST(disabled_rate)},

	{"add_node_rate", "of mutations", 0, 1, 0, {0.03, 0.01, 0.3, 0.3},
		"P 4.1, J 3.3", FIRST(add_node_rate)},
	{"add_edge_rate", "of mutations", 0, 1, 0, {0.05, 0.1, 0.2, 0.2},
		"P 4.1 (0.3 in large populations), J 3.3",
		FIRST(add_edge_rate)},
	{"recurrent_rate", "of new edges", 0, 1, 0, {0.2, 0.2, 0, 0},
		"C", FIRST(recurrent_rate)},
	{"toggle_rate", "of mutations", 0, 1, 0, {0, 0, 0.05, 0.05},
		"T", FIRST(toggle_rate)},
	{"remove_rate", "of mutations", 0, 1, 0, {0, 0, 0.05, 0.05},
		"T", FIRST(remove_rate)},
	{"old_first_below", "edges", 0, 1e6, 1, {15, 15, 0, 0},
		"C", FIRST(old_first_below)},

	{"weights_rate", "of genomes", 0, 1, 0, {0.8, 0.8, 0, 0},
		"P 4.1, J 3.3", FIRST(weights_rate)},
	{"perturb_rate", "of weights", 0, 1, 0, {0.9, 0.9, 0, 0},
		"P 4.1; the rest is drawn anew", FIRST(perturb_rate)},
	{"perturb_power", "weight", 0, 100, 0, {3, 2.5, 0, 0},
		"C: 2.5; in P: T (1.5 without velocities)", FIRST(perturb_power)},
	{"weight_power", "weight", 0, 100, 0, {2.5, 2.5, 0, 0},
		"C (1.5 without velocities: T)", FIRST(weight_power)},
	{"weight_limit", "weight", 0, 1e6, 0, {8, 8, 0, 0},
		"T", FIRST(weight_limit)},
	{"bias_rate", "of neurons", 0, 1, 0, {0, 0, 0, 0},
		"the bias is an input: P figure 5", FIRST(bias_rate)},
	{"activation_rate", "of neurons", 0, 1, 0, {0, 0, 0, 0},
		"P 4.1 has one activation", FIRST(activation_rate)},
	{"attribute_rate", "of structural changes", 0, 1, 0, {0, 0, 0.5, 0.5},
		"T; without a structural change always", FIRST(attribute_rate)},

	{"neighbour_rate", "of new layers", 0, 1, 0, {0, 0, 0, 1},
		"T", LATER(neighbour_rate, 0)},
	{"hyper_rate", "of changes", 0, 1, 0, {0.3, 0.3, 0.3, 0.3},
		"T", LATER(hyper_rate, 0.3)},
	{"another_rate", "of changes", 0, 0.95, 0, {0.5, 0.5, 0.5, 0.5},
		"T", LATER(another_rate, 0.5)},
	{"mend_rate", "of removed nodes", 0, 1, 0, {0, 0, 0, 1},
		"T", LATER(mend_rate, 0)},

	{"self_clone", "0 or 1", 0, 1, 1, {1, 1, 0, 1},
		"C", LATER(self_clone, 0)},
	{"distinct_parents", "0 or 1", 0, 1, 1, {0, 0, 0, 1},
		"T", LATER(distinct_parents, 0)},
	{"mutation_tries", "mutations", 1, 100, 1, {1, 1, 1, 10},
		"T", LATER(mutation_tries, 1)},
};
/* clang-format on */
#define N_ROWS (sizeof rows / sizeof rows[0])

_Static_assert(N_ROWS * sizeof(double) == sizeof(struct params),
	"every constant has its row");

static double *field(struct params *p, const struct params_row *row)
{
	return (double *)((char *)p + row->offset);
}

const struct params_row *params_table(size_t *n)
{
	*n = N_ROWS;
	return rows;
}

const char *params_preset_name(int i)
{
	static const char *const names[PARAMS_PRESETS] = {
		"paper2002", "jair2004", "cnn", "cnn2"};

	return i < PARAMS_PRESETS ? names[i] : NULL;
}

int params_preset(struct params *p, const char *name, struct err *e)
{
	int which = 0;

	while (which < PARAMS_PRESETS &&
		strcmp(name, params_preset_name(which)) != 0)
		which++;
	if (which == PARAMS_PRESETS)
		return err_set(e, ERR_NOT_FOUND,
			"there is no preset '%.40s'; there are paper2002, "
			"jair2004, cnn and cnn2",
			name);
	for (size_t i = 0; i < N_ROWS; i++)
		*field(p, &rows[i]) = rows[i].preset[which];
	return 0;
}

void params_set_before(struct params *p)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].since)
			*field(p, &rows[i]) = rows[i].before;
}

static int check_value(const struct params_row *row, double x, struct err *e)
{
	if (!(x >= row->lo && x <= row->hi))
		return err_set(e, ERR_RANGE, "%s must be from %g to %g %s",
			row->name, row->lo, row->hi, row->unit);
	if (row->whole && x != floor(x))
		return err_set(e, ERR_RANGE,
			"%s must be a whole number of %s, not %g", row->name,
			row->unit, x);
	return 0;
}

int params_set(struct params *p, const char *name, double value, struct err *e)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		int rc;

		if (strcmp(rows[i].name, name) != 0)
			continue;
		rc = check_value(&rows[i], value, e);
		if (rc == 0)
			*field(p, &rows[i]) = value;
		return rc;
	}
	return err_set(
		e, ERR_NOT_FOUND, "NEAT has no parameter called '%.40s'", name);
}

double params_get(const struct params *p, const struct params_row *row)
{
	return *(const double *)((const char *)p + row->offset);
}

int params_check(const struct params *p, struct err *e)
{
	double structural = p->add_node_rate + p->add_edge_rate +
			    p->toggle_rate + p->remove_rate;

	for (size_t i = 0; i < N_ROWS; i++) {
		int rc = check_value(&rows[i], params_get(p, &rows[i]), e);

		if (rc)
			return rc;
	}
	if (structural > 1)
		return err_set(e, ERR_RANGE,
			"add_node_rate, add_edge_rate, toggle_rate and "
			"remove_rate are %g together but must be at most 1",
			structural);
	return 0;
}
