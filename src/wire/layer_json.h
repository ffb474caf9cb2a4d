/* layer_json.h -- a layer genome's JSON: the graph, the training and the shape
 * of the data.  The rows of its layers are those of neat/attribute.h. */
#ifndef WIRE_LAYER_JSON_H
#define WIRE_LAYER_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "neat/flat.h"
#include "neat/genome.h"

/* True for an object that means to be a layer genome, not a flat one. */
int layer_json_is(const json_t *v);

/* Reads a genome found at JSON pointer `at`, into `mem` (at most 1 MB of it).
 * All keys are required, unknown ones refused, names taken in any letter case;
 * nodes and edges are sorted by number.  The genome passes genome_check.
 * ERR_INVALID (a type), ERR_RANGE (a value, or a graph that cannot be), with
 * the pointer of the place. */
int layer_json_read(const json_t *v, const char *at, struct arena *mem,
	struct genome *out, struct data_shape *data, struct err *e);

/* A new reference.  layer_json_read gives back an equal genome. */
json_t *layer_json_write(const struct genome *g, const struct data_shape *data);

/* The JSON Schema of the documents: a new reference. */
json_t *layer_json_schema(void);

#endif
