/* params.c -- the table of constants, and what reads and writes by it. */
#include "neat/params.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define OFFSET(field) offsetof(struct params, field)

/* Abbreviations of the sources: P the paper of 2002 (section), J that of 2004,
 * C the released NEAT C++ 1.1, T tuned here (docs/neat.md). */
/* clang-format off */
static const struct params_row rows[] = {
	/* name, unit, lo, hi, whole, paper2002, jair2004, cnn, source, offset */
	{"c1", "distance", 0, 1e3, 0, 1, 1, 1, "P 4.1, J 3.3", OFFSET(c1)},
	{"c2", "distance", 0, 1e3, 0, 1, 1, 1, "P 4.1, J 3.3", OFFSET(c2)},
	{"c3", "distance", 0, 1e3, 0, 0.4, 2, 1,
		"P 4.1 (3.0 without velocities), J 3.3", OFFSET(c3)},
	{"normalize_from", "edges", 1, 1e6, 1, 20, 1e6, 1e6,
		"P 3.3; J sets N to 1", OFFSET(normalize_from)},

	{"threshold", "distance", 0, 1e6, 0, 3, 3, 6,
		"P 4.1 (4.0 without velocities), J 3.3; cnn: three splits",
		OFFSET(threshold)},
	{"threshold_step", "distance", 0, 1e3, 0, 0, 0.3, 0.1,
		"J 3.3", OFFSET(threshold_step)},
	{"target_species", "species", 0, 1e4, 1, 0, 10, 0,
		"J 3.3", OFFSET(target_species)},
	{"species_share", "genomes", 1, 1e4, 0, 8, 8, 8,
		"T", OFFSET(species_share)},
	{"stagnation", "generations", 1, 1e6, 1, 15, 1e6, 15,
		"P 4.1", OFFSET(stagnation)},
	{"worst_age", "generations", 0, 1e6, 1, 0, 30, 0,
		"J 4 (0 is never)", OFFSET(worst_age)},
	{"population_limit", "generations", 1, 1e6, 1, 20, 1e6, 20,
		"P 3.3", OFFSET(population_limit)},
	{"champion_size", "genomes", 0, 1e4, 1, 5, 5, 1,
		"P 4.1", OFFSET(champion_size)},
	{"survival", "of a species", 0, 1, 0, 0.2, 0.2, 0.4,
		"C", OFFSET(survival)},

	{"mutate_only_rate", "of children", 0, 1, 0, 0.25, 0.25, 0.25,
		"P 4.1", OFFSET(mutate_only_rate)},
	{"mate_only_rate", "of crossovers", 0, 1, 0, 0, 0.2, 0,
		"C (in P: T)", OFFSET(mate_only_rate)},
	{"interspecies_rate", "of crossovers", 0, 1, 0, 0.001, 0.05, 0.05,
		"P 4.1, J 3.3", OFFSET(interspecies_rate)},
	{"average_rate", "of crossovers", 0, 1, 0, 0, 0.4, 0,
		"J 3.3", OFFSET(average_rate)},
	{"disabled_rate", "of genes", 0, 1, 0, 0.75, 0.75, 0.75,
		"P 4.1", OFFSET(disabled_rate)},

	{"add_node_rate", "of mutations", 0, 1, 0, 0.03, 0.01, 0.3,
		"P 4.1, J 3.3", OFFSET(add_node_rate)},
	{"add_edge_rate", "of mutations", 0, 1, 0, 0.05, 0.1, 0.2,
		"P 4.1 (0.3 in large populations), J 3.3",
		OFFSET(add_edge_rate)},
	{"recurrent_rate", "of new edges", 0, 1, 0, 0.2, 0.2, 0,
		"C", OFFSET(recurrent_rate)},
	{"toggle_rate", "of mutations", 0, 1, 0, 0, 0, 0.05,
		"T", OFFSET(toggle_rate)},
	{"remove_rate", "of mutations", 0, 1, 0, 0, 0, 0.05,
		"T", OFFSET(remove_rate)},
	{"old_first_below", "edges", 0, 1e6, 1, 15, 15, 0,
		"C", OFFSET(old_first_below)},

	{"weights_rate", "of genomes", 0, 1, 0, 0.8, 0.8, 0,
		"P 4.1, J 3.3", OFFSET(weights_rate)},
	{"perturb_rate", "of weights", 0, 1, 0, 0.9, 0.9, 0,
		"P 4.1; the rest is drawn anew", OFFSET(perturb_rate)},
	{"perturb_power", "weight", 0, 100, 0, 3, 2.5, 0,
		"C: 2.5; in P: T (1.5 without velocities)", OFFSET(perturb_power)},
	{"weight_power", "weight", 0, 100, 0, 2.5, 2.5, 0,
		"C (1.5 without velocities: T)", OFFSET(weight_power)},
	{"weight_limit", "weight", 0, 1e6, 0, 8, 8, 0,
		"T", OFFSET(weight_limit)},
	{"bias_rate", "of neurons", 0, 1, 0, 0, 0, 0,
		"the bias is an input: P figure 5", OFFSET(bias_rate)},
	{"activation_rate", "of neurons", 0, 1, 0, 0, 0, 0,
		"P 4.1 has one activation", OFFSET(activation_rate)},
	{"attribute_rate", "of structural changes", 0, 1, 0, 0, 0, 0.5,
		"T; without a structural change always", OFFSET(attribute_rate)},
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

int params_preset(struct params *p, const char *name, struct err *e)
{
	static const char *const names[] = {"paper2002", "jair2004", "cnn"};
	size_t which = 0;

	while (which < 3 && strcmp(name, names[which]) != 0)
		which++;
	if (which == 3)
		return err_set(e, ERR_NOT_FOUND,
			"there is no preset '%.40s'; there are paper2002, "
			"jair2004 and cnn",
			name);
	for (size_t i = 0; i < N_ROWS; i++) {
		const double values[] = {
			rows[i].paper2002, rows[i].jair2004, rows[i].cnn};

		*field(p, &rows[i]) = values[which];
	}
	return 0;
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
