/* job_head.h -- what a job and its result start with: version, id, kind. */
#ifndef WIRE_JOB_HEAD_H
#define WIRE_JOB_HEAD_H

#include <jansson.h>

#include "base/err.h"
#include "base/field.h"
#include "base/rng.h"
#include "wire/job_id.h"

#define COUNT_MAX RNG_SEED_MAX /* what JSON carries exactly */
#define VERSION_MAX 1000000    /* beyond what job_head_version lets in */

/* The rows of a struct with members `version`, `id` and `final`. */
#define HEAD_ROWS(struct_)                                            \
	{.key = "version",                                            \
		.type = FIELD_INT,                                    \
		.at = offsetof(struct_, version),                     \
		.lo = 1,                                              \
		.hi = VERSION_MAX},                                   \
		{.key = "id",                                         \
			.type = FIELD_TEXT,                           \
			.at = offsetof(struct_, id),                  \
			.lo = 1,                                      \
			.hi = JOB_ID_MAX - 1},                        \
	{                                                             \
		.key = "kind", .type = FIELD_NAME,                    \
		.at = offsetof(struct_, final), .name = job_kind_name \
	}

/* "fitness" or "final"; NULL beyond. */
const char *job_kind_name(int final);

/* ERR_INVALID, with the place, unless the id is one and tells the same kind. */
int job_head_check(const char *id, int final, const char *at, struct err *e);

/* ERR_RANGE for a document (`what`: "job") of a version above the latest: asked
 * before a key that only a later program knows is refused. */
int job_head_version(
	const json_t *v, const char *what, int latest, struct err *e);

#endif
