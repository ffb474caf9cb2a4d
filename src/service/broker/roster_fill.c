/* roster_fill.c -- costs of old genomes, some in a transaction. */
#include "service/broker/roster_fill.h"

#include "model/cost.h"
#include "service/stored.h"
#include "wire/genome_json.h"

#define BATCH 500 /* in one transaction */
#define ROW_BYTES_MAX ((size_t)64 << 20)

static void cost_of(struct arena *mem, const char *text, int64_t *parameters,
	int64_t *flops)
{
	struct network_cost cost;
	struct genome_doc g;
	json_t *doc = stored_json(text);

	*parameters = *flops = 0;
	if (genome_doc_read(doc, "", mem, &g, NULL) == 0 &&
		model_cost(g.graph, &g.data, &cost, NULL) == 0) {
		*parameters = cost.parameters;
		*flops = cost.forward_flops;
	}
	json_decref(doc);
}

static int fill_one(struct store *s, const char *run, int64_t id, struct err *e)
{
	int64_t parameters = 0, flops = 0;
	struct store_genome g;
	struct arena mem;
	int rc;

	arena_init(&mem, ROW_BYTES_MAX);
	rc = store_genome_get(s, &mem, run, id, &g, e);
	if (rc == 0)
		cost_of(&mem, g.genome, &parameters, &flops);
	arena_release(&mem);
	/* A damaged row says so where it is asked for. */
	if (rc && rc != ERR_DAMAGED)
		return rc;
	return store_roster_cost(s, run, id, parameters, flops, e);
}

static int fill(struct store *s, const struct store_unknown *genomes, size_t n,
	struct err *e)
{
	int rc = store_begin(s, e);

	if (rc)
		return rc;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = fill_one(s, genomes[i].run, genomes[i].id, e);
	if (rc == 0)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

int roster_fill(struct store *s, struct err *e)
{
	struct store_unknown *genomes;
	struct arena mem;
	size_t n;
	int rc;

	do {
		arena_init(&mem, ROW_BYTES_MAX);
		rc = store_roster_unknown(s, &mem, BATCH, &genomes, &n, e);
		if (rc == 0 && n > 0)
			rc = fill(s, genomes, n, e);
		arena_release(&mem);
	} while (rc == 0 && n > 0);
	return rc;
}
