/* job_parents.h -- what a job's network starts from, read from the files that
 * the job names. */
#ifndef SERVICE_EVOLUTIONER_JOB_PARENTS_H
#define SERVICE_EVOLUTIONER_JOB_PARENTS_H

#include "base/arena.h"
#include "model/import.h"
#include "model/inherit.h"
#include "wire/job_json.h"

struct job_parents {
	struct arena mem; /* of their genomes */
	struct import *models[INHERIT_PARENTS_MAX];
	struct inherit_parent list[INHERIT_PARENTS_MAX];
	struct inheritance inheritance; /* of that list; n is 0 without */
};

/* Reads the parents of the job from files in the folder `dir` that have their
 * hashes as names.  An error means that a file is not there, not whole or no
 * model with a genome: the world's failure, never the child's.  The caller
 * releases *p either way. */
int job_parents_read(struct job_parents *p, const struct job_doc *job,
	const char *dir, const struct kernels *kernels, struct err *e);

/* Frees what was read. */
void job_parents_release(struct job_parents *p);

#endif
