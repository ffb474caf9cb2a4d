/* recipe_json.h -- the training recipe as members of a larger object: a run's
 * settings, a job's.
 *
 * "schedule":"constant"|"cosine"|"one-cycle", "weight_decay":0..1|null (the
 * optimizer's usual one), "label_smoothing", "clip_norm",
 * "augment":{"crop","flip","erase"}.  Each may be absent, which is the plain
 * recipe's value: documents from before there were recipes still read. */
#ifndef WIRE_RECIPE_JSON_H
#define WIRE_RECIPE_JSON_H

#include <jansson.h>

#include "base/err.h"
#include "data/augment.h"
#include "nn/recipe.h"

/* For the list of keys that an object may have. */
#define RECIPE_KEYS \
	"schedule", "weight_decay", "label_smoothing", "clip_norm", "augment"

/* Reads the members of `v`, whose pointer is `at`, over plain recipes.
 * ERR_INVALID (a type, an unknown key of "augment") or ERR_RANGE (a value),
 * with the place; the targets are then untouched. */
int recipe_read(const json_t *v, const char *at, struct recipe *r,
	struct augment *a, struct err *e);

/* Sets the members of the object. */
void recipe_write(json_t *v, const struct recipe *r, const struct augment *a);

/* Adds the members that are missing, as the plain recipe has them. */
void recipe_fill(json_t *v);

#endif
