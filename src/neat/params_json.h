/* params_json.h -- the constants of NEAT as a member of a document: a preset,
 * and any of them in its place. */
#ifndef NEAT_PARAMS_JSON_H
#define NEAT_PARAMS_JSON_H

#include "base/field.h"
#include "neat/params.h"

#define PARAMS_PRESET "cnn" /* where none is named */

/* Of a member at a struct params: an object with "preset" and any of the
 * constants.  Without it, or with an empty one, the default preset; all
 * constants are written.  ERR_INVALID (a type, an unknown name), ERR_RANGE (a
 * value). */
extern const struct field_codec params_codec;

#endif
