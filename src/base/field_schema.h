/* field_schema.h -- JSON Schemas (2020-12) from tables of fields. */
#ifndef BASE_FIELD_SCHEMA_H
#define BASE_FIELD_SCHEMA_H

#include "base/field.h"

/* The schema of the documents that fields_read takes with this origin and a
 * strict reader: a new reference.  Of tables to choose from it has the rows of
 * all; which of them go together it cannot say. */
json_t *fields_schema(const struct fields *t, enum field_origin origin);

#endif
