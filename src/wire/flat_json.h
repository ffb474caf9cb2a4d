/* flat_json.h -- a flat genome's JSON, key for key as existing clients send and
 * read it. */
#ifndef WIRE_FLAT_JSON_H
#define WIRE_FLAT_JSON_H

#include <jansson.h>

#include "base/err.h"
#include "base/field.h"
#include "neat/flat.h"

/* Of struct flat, a member a field. */
extern const struct fields flat_fields;

/* Reads a genome found at JSON pointer `at`.  Short lists are used round-robin,
 * surplus entries ignored, names taken in any letter case.  All keys are
 * required, unknown ones refused.  ERR_INVALID (a type), ERR_RANGE (a value or
 * an empty list), with the pointer of the place. */
int flat_read(const json_t *v, const char *at, struct flat *out, struct err *e);

/* A new reference.  flat_read gives back an equal genome. */
json_t *flat_write(const struct flat *g);

#endif
