/* genome_json.c -- each question is passed on to the form that a document
 * has. */
#include "wire/genome_json.h"

#include <assert.h>

#include "base/canonical.h"
#include "neat/chain.h"
#include "wire/flat_json.h"
#include "wire/layer_json.h"

static int read_flat(const json_t *v, const char *at, struct arena *mem,
	struct genome_doc *out, struct err *e)
{
	struct flat f;
	int rc = flat_read(v, at, &f, e);

	if (rc)
		return rc;
	*out = (struct genome_doc){.graph = chain_from_flat(mem, &f),
		.data = f.data,
		.form = GENOME_FLAT};
	return 0;
}

int genome_doc_read(const json_t *v, const char *at, struct arena *mem,
	struct genome_doc *out, struct err *e)
{
	struct genome_doc doc = {.form = GENOME_GRAPH};
	struct genome *g;
	int rc;

	if (!layer_json_is(v))
		return read_flat(v, at, mem, out, e);
	doc.graph = g = arena_alloc(mem, sizeof *g);
	rc = layer_json_read(v, at, mem, g, &doc.data, e);
	if (rc == 0)
		*out = doc;
	return rc;
}

json_t *genome_doc_write(const struct genome_doc *g)
{
	struct flat f;
	int rc;

	if (g->form == GENOME_GRAPH)
		return layer_json_write(g->graph, &g->data);
	rc = chain_to_flat(g->graph, &g->data, &f, NULL);
	assert(rc == 0);
	(void)rc;
	return flat_write(&f);
}

char *genome_doc_text(const struct genome_doc *g)
{
	json_t *v = genome_doc_write(g);
	char *text = canonical_text(v, NULL);

	assert(text); /* a genome holds finite numbers only */
	json_decref(v);
	return text;
}

int genome_doc_valid(const struct genome_doc *g)
{
	struct flat f;

	return data_shape_valid(&g->data) &&
	       genome_check(g->graph, NULL) == 0 &&
	       (g->form == GENOME_GRAPH ||
		       chain_to_flat(g->graph, &g->data, &f, NULL) == 0);
}

static int read_genome(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	return genome_doc_read(
		v, at, r->mem, (struct genome_doc *)((char *)s + f->at), e);
}

static json_t *write_genome(const struct field *f, const void *s)
{
	return genome_doc_write((const void *)((const char *)s + f->at));
}

static json_t *genome_schema(const struct field *f)
{
	(void)f;
	return json_pack("{s:s}", "$ref", "schemas.json#/AnyGenome");
}

const struct field_codec genome_codec = {
	read_genome, write_genome, genome_schema};
