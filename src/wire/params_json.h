/* params_json.h -- the parameters of NEAT as JSON: the rows of neat/params.h by
 * name, over a preset. */
#ifndef WIRE_PARAMS_JSON_H
#define WIRE_PARAMS_JSON_H

#include <jansson.h>

#include "base/err.h"
#include "neat/params.h"

#define PARAMS_PRESET "cnn" /* where none is named */

/* Reads the optional member `name` of `obj`: "preset", and any of the constants
 * in its place.  Without it, or with an empty one, the default preset.
 * ERR_INVALID (a type, an unknown name), ERR_RANGE (a value). */
int params_read(
	const json_t *obj, const char *name, struct params *out, struct err *e);

/* All constants by name; a new reference that params_read reads back. */
json_t *params_write(const struct params *p);

#endif
