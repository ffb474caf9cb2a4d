/* space_json.h -- a space as members of a document. */
#ifndef NEAT_SPACE_JSON_H
#define NEAT_SPACE_JSON_H

#include "base/field.h"

/* Of a struct space: "activations", "optimizers", and "space", an object of
 * ranges: {"filters": [16, 64], ...}.  Who types a range may write "16..64" for
 * the list, or a number for that alone.  What is not there is as in
 * space_default, and is so left out of what is kept.  ERR_INVALID (a type, an
 * unknown name), ERR_RANGE (a value). */
extern const struct fields space_fields;

#endif
