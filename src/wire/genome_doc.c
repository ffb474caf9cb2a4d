/* genome_doc.c -- each question is passed on to the form that a genome has. */
#include "wire/genome_doc.h"

#include "wire/genome_json.h"
#include "wire/layer_json.h"

int genome_doc_read(const json_t *v, const char *at, struct arena *mem,
	struct genome_doc *out, struct err *e)
{
	struct genome_doc doc = {.layers = NULL};
	struct genome *layers;
	int rc;

	if (!layer_json_is(v)) {
		rc = genome_read(v, at, &doc.flat, e);
	} else {
		layers = arena_alloc(mem, sizeof *layers);
		rc = layer_json_read(v, at, mem, layers, &doc.flat.data, e);
		doc.layers = layers;
	}
	if (rc == 0)
		*out = doc;
	return rc;
}

json_t *genome_doc_write(const struct genome_doc *g)
{
	return g->layers ? layer_json_write(g->layers, &g->flat.data)
			 : genome_write(&g->flat);
}

struct genome_doc genome_doc_layers(
	const struct genome *layers, const struct flat_data *data)
{
	return (struct genome_doc){.flat = {.data = *data}, .layers = layers};
}

struct genome_doc genome_doc_clone(
	struct arena *mem, const struct genome_doc *g)
{
	struct genome_doc clone = *g;

	if (g->layers)
		clone.layers = genome_clone(mem, g->layers);
	return clone;
}

int genome_doc_equal(const struct genome_doc *a, const struct genome_doc *b)
{
	if (!a->layers != !b->layers)
		return 0;
	if (!a->layers)
		return flat_equal(&a->flat, &b->flat);
	return flat_data_equal(&a->flat.data, &b->flat.data) &&
	       genome_equal(a->layers, b->layers);
}

int genome_doc_valid(const struct genome_doc *g)
{
	if (!g->layers)
		return flat_valid(&g->flat);
	return flat_data_valid(&g->flat.data) &&
	       genome_check(g->layers, NULL) == 0;
}
