/* architecture.h -- a network's nodes as JSON, written and read.
 *
 * [{"op": "input", "inputs": [], "shape": [1, 28, 28]},
 *  {"op": "conv", "inputs": [0], "shape": [32, 28, 28],
 *   "filters": 32, "kernel": 3, "stride": 1}, ...]
 *
 * A node's shape is that of its output, (channels, height, width); what else it
 * has depends on its op (spec_fields). */
#ifndef MODEL_ARCHITECTURE_H
#define MODEL_ARCHITECTURE_H

#include <jansson.h>

#include "base/err.h"
#include "nn/spec.h"

/* The nodes of a checked spec: a new reference. */
json_t *architecture_write(const struct spec *s);

/* Reads nodes from outside into a checked spec of `classes` classes; of what
 * architecture_write wrote, the same spec.  ERR_INVALID or ERR_RANGE, with the
 * node and the reason: an unknown op or attribute, a network that cannot be
 * built, a shape that is not what the node gives. */
int architecture_read(
	const json_t *list, int classes, struct spec *out, struct err *e);

#endif
