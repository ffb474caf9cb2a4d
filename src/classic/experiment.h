/* experiment.h -- one run of classic NEAT on a task, and NEAT with a part of it
 * taken out.  Stanley & Miikkulainen 2002, sections 4 and 5. */
#ifndef CLASSIC_EXPERIMENT_H
#define CLASSIC_EXPERIMENT_H

#include <stdint.h>

#include "classic/tasks.h"
#include "neat/params.h"

#define EXPERIMENT_GENERATIONS 1000

/* What a run goes without (section 5.1). */
enum ablation {
	ABLATE_NOTHING,
	ABLATE_GROWTH,     /* starts with 10 hidden neurons, stays so */
	ABLATE_SPECIATION, /* one species, no champion kept; random start */
	ABLATE_MATING,     /* offspring by mutation alone */
	ABLATE_MINIMAL,    /* random start: 1 to 10 hidden neurons */
	ABLATIONS
};

struct experiment {
	const struct task *task;
	struct params params;
	enum ablation ablation;
};

/* How a run went.  Of a failed one only `solved` and `evaluations` count. */
struct outcome {
	int solved;
	int64_t evaluations; /* a copied champion is evaluated again */
	int generations;     /* the solving one included */
	int hidden;          /* of the solution: hidden neurons */
	int connections;     /* of the solution: enabled edges */
	int species;         /* in the last generation */
	int starts;          /* of 625 the solution generalises from, or -1 */
};

/* The task with a preset's constants, the paper's own for the task among them
 * where the preset is the paper's.  ERR_NOT_FOUND for the preset. */
int experiment_init(struct experiment *x, const struct task *task,
	const char *preset, enum ablation ablation, struct err *e);

/* Runs until the task is solved or EXPERIMENT_GENERATIONS are over.  The same
 * seed gives the same outcome.  `stop` is asked before each generation, with
 * `arg`; when it is true the run ends with ERR_CANCELLED.  ERR_RANGE for
 * constants out of bounds. */
int experiment_run(const struct experiment *x, int64_t seed,
	int (*stop)(void *arg), void *arg, struct outcome *out, struct err *e);

/* The name of an ablation on the command line; NULL for none. */
const char *ablation_name(enum ablation a);

#endif
