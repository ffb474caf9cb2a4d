/* params_json.h -- the constants of NEAT as a member of a document: a preset,
 * and any of them in its place. */
#ifndef NEAT_PARAMS_JSON_H
#define NEAT_PARAMS_JSON_H

#include "base/field.h"
#include "neat/params.h"

#define PARAMS_PRESET "cnn2"       /* of a request that names none */
#define PARAMS_PRESET_BEFORE "cnn" /* of a document that a program wrote */

/* Of a member at a struct params: an object with "preset" and any of the
 * constants.  Without it, or with an empty one, the default preset.  All
 * constants are written.  A stored document without one that was added later
 * means its `before`.  ERR_INVALID (a type, an unknown name), ERR_RANGE (a
 * value). */
extern const struct field_codec params_codec;

/* What is written to keep and to digest: constants that were added later only
 * where they differ from `before`. */
json_t *params_keep(const struct field *f, const void *s);

#endif
