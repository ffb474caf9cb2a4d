/* genome_json.h -- a flat genome's JSON, key for key as existing clients send
 * and read it. */
#ifndef WIRE_GENOME_JSON_H
#define WIRE_GENOME_JSON_H

#include <jansson.h>

#include "base/err.h"
#include "neat/flat.h"

/* Reads a genome found at JSON pointer `at`.  Short lists are used round-robin,
 * surplus entries ignored, names taken in any letter case.  All keys are
 * required, unknown ones refused.  ERR_INVALID (a type), ERR_RANGE (a value or
 * an empty list), with the pointer of the place. */
int genome_read(
	const json_t *v, const char *at, struct flat *out, struct err *e);

/* A new reference.  genome_read gives back an equal genome. */
json_t *genome_write(const struct flat *g);

/* The data shape's four keys, of a genome or a request. */
#define GENOME_DATA_KEYS "num_channels", "px_h", "px_w", "num_classes"
int genome_data_read(const json_t *obj, const char *at, struct flat_data *out,
	struct err *e);
void genome_data_write(json_t *obj, const struct flat_data *d);

#endif
