/* tasks.h -- what classic NEAT is measured on: XOR, and a cart with two poles
 * that sees their velocities or does not.
 * Stanley & Miikkulainen 2002, sections 4.1 and 4.2. */
#ifndef CLASSIC_TASKS_H
#define CLASSIC_TASKS_H

#include "classic/network.h"
#include "neat/params.h"

struct score {
	double fitness; /* at least 0 */
	int solved;
	int starts; /* of 625 it generalises from; -1 where not asked */
};

struct task {
	const char *name;
	const char *summary;
	int inputs; /* the bias, the last, among them */
	int outputs;
	int recurrent; /* the networks may be */
	size_t population;
	/* What is otherwise for this task in the preset paper2002: the paper's
	 * own constants, and sizes of weight changes, which it leaves open;
	 * NULL for nothing. */
	void (*adjust)(struct params *p);
	/* One evaluation, from a network that was just reset. */
	struct score (*evaluate)(struct network *n);
	/* The test that decides whether a network, with trial.h the choice of
	 * a generation, solved the task; counts as one evaluation more.  Says
	 * no fitness.  NULL where an evaluation decides. */
	struct score (*test)(struct network *n);
};

extern const struct task task_xor, task_pole2, task_pole2_novel;

/* The task of that name, or NULL. */
const struct task *task_find(const char *name);

#endif
