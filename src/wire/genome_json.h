/* genome_json.h -- a genome as a document, in either of its forms: the graph of
 * layers, or the flat one of existing clients, which stands for its chain.
 *
 * In memory there is one form, the graph (neat/genome.h); here is the edge. */
#ifndef WIRE_GENOME_JSON_H
#define WIRE_GENOME_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "neat/algorithm.h"
#include "neat/flat.h"
#include "neat/genome.h"

/* A genome on its way in or out. */
struct genome_doc {
	const struct genome *graph;
	struct data_shape data; /* that it is for */
	enum genome_form form;  /* that it is written in */
};

/* Reads either form, found at JSON pointer `at`, into `mem` (at most 1 MB of
 * it).  Errors as flat_read and layer_json_read give them. */
int genome_doc_read(const json_t *v, const char *at, struct arena *mem,
	struct genome_doc *out, struct err *e);

/* A new reference.  genome_doc_read gives back an equal genome.  The graph must
 * be one that its form can say: for the flat form a chain. */
json_t *genome_doc_write(const struct genome_doc *g);

/* The canonical text of it, to be freed with free(). */
char *genome_doc_text(const struct genome_doc *g);

/* True if the bounds hold that reading would have checked. */
int genome_doc_valid(const struct genome_doc *g);

/* Of a member at a struct genome_doc. */
extern const struct field_codec genome_codec;

#endif
