/* job_id.h -- the name of a job, which says all that tells it from others. */
#ifndef WIRE_JOB_ID_H
#define WIRE_JOB_ID_H

#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"

#define JOB_ID_MAX 128

/* The parts of `<run>/<generation>/<genome>/<rung>/<fold>` or
 * `<run>/final/<genome>/0/0`. */
struct job_id {
	char run[UUID_TEXT_BYTES];
	int final;
	int64_t generation, genome; /* generation is 0 for final */
	int rung, fold;
};
/* The text; cannot fail. */
void job_id_write(const struct job_id *id, char out[JOB_ID_MAX]);
/* ERR_INVALID unless the text is exactly what job_id_write writes. */
int job_id_read(const char *text, struct job_id *out, struct err *e);

#endif
