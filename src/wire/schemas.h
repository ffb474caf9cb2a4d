/* schemas.h -- the JSON Schemas that tables say, by the names under which the
 * services' OpenAPI documents refer to them. */
#ifndef WIRE_SCHEMAS_H
#define WIRE_SCHEMAS_H

#include <jansson.h>

/* {"RunSettings": SCHEMA, ...}: a new reference.  References within are
 * "schemas.json#/Name", as in api/. */
json_t *wire_schemas(void);

#endif
