/* trial.h -- whose turn it is to take a task's test.
 *
 * One network a generation is tested: of the champions of species that are
 * fitter than the last of their species to be tested, the fittest.  Where a run
 * is stuck its best lives on for many generations and would only fail again;
 * the turn passes to other species, as in the authors' released code. */
#ifndef CLASSIC_TRIAL_H
#define CLASSIC_TRIAL_H

#include "base/arena.h"
#include "neat/reproduce.h"

struct trial {
	struct arena mem;
	double *tested; /* the fitness of each species' last, by the species'
			 * id; -1 before there was one */
	size_t n;
};

/* Nobody has been tested.  Released with trial_release. */
void trial_init(struct trial *t);
/* Frees the table. */
void trial_release(struct trial *t);

/* The member of a scored generation to be tested, which is noted; NULL if all
 * champions have had their turn. */
const struct individual *trial_choose(
	struct trial *t, const struct population *p);

#endif
