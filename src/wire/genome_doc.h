/* genome_doc.h -- a genome in the form it has: flat, or a graph of layers. */
#ifndef WIRE_GENOME_DOC_H
#define WIRE_GENOME_DOC_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "neat/flat.h"
#include "neat/genome.h"

struct genome_doc {
	struct flat flat; /* its data hold for either form, the rest for the
			   * flat one alone */
	const struct genome *layers; /* NULL: the flat form; else it lives in
				      * the arena that it was made in */
};

/* Reads either form, found at JSON pointer `at`, a graph into `mem`.  Errors
 * as genome_read and layer_json_read give them. */
int genome_doc_read(const json_t *v, const char *at, struct arena *mem,
	struct genome_doc *out, struct err *e);

/* A new reference.  genome_doc_read gives back an equal genome. */
json_t *genome_doc_write(const struct genome_doc *g);

/* A graph for such data, which is not copied. */
struct genome_doc genome_doc_layers(
	const struct genome *layers, const struct flat_data *data);

/* The same genome with its graph in `mem`. */
struct genome_doc genome_doc_clone(
	struct arena *mem, const struct genome_doc *g);

/* True if form, data and every gene are equal, bit for bit. */
int genome_doc_equal(const struct genome_doc *a, const struct genome_doc *b);

/* True if the bounds hold that reading would have checked. */
int genome_doc_valid(const struct genome_doc *g);

#endif
