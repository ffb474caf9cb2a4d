/* driver_digest.c -- what tells whether two runs came to the same. */
#include "service/driver/driver_digest.h"

#include <stdio.h>

#include "run/digest.h"
#include "service/driver/driver_load.h"
#include "service/driver/genome_weights.h"
#include "service/stored.h"

#define PAGE 1000

/* The score as this run now has it, which the store may not have committed. */
static const struct run_member *own_member(const struct run *run, int64_t id)
{
	for (size_t i = 0; i < run->n_members; i++)
		if (run->members[i].id == id)
			return &run->members[i];
	return NULL;
}

static int digest_row(struct digest *digest, struct driver *d,
	struct arena *mem, const struct store_genome *row, struct err *e)
{
	const struct run *run = &d->run;
	const struct run_member *own = own_member(run, row->id);
	struct run_member m = {.id = row->id,
		.born = row->born,
		.first_species = row->species,
		.scored = row->scored,
		.fitness = row->fitness};
	struct genome_doc genome = {.graph = NULL};
	json_t *doc;
	int rc;

	if (own) {
		digest_member(digest, run, own);
		return 0;
	}
	snprintf(m.failure, sizeof m.failure, "%s",
		row->failure ? row->failure : "");
	doc = stored_json(row->genome);
	rc = genome_doc_read(doc, "", mem, &genome, e);
	json_decref(doc);
	m.genome = genome.graph;
	if (rc == 0 && run_has_rungs(run))
		rc = driver_load_rungs(d, mem, &m, e);
	if (rc == 0 && run->settings.inherit)
		rc = genome_weights(
			d->world->store, mem, d->uuid, row, m.weights, e);
	if (rc == 0)
		digest_member(digest, run, &m);
	return rc;
}

/* Ids grow with generations, so the order of ids is that of (born, id). */
int driver_digest(struct driver *d, char out[SHA256_HEX_BYTES], struct err *e)
{
	const struct run *run = &d->run;
	struct digest *digest = digest_new(&run->settings);
	struct store_genome *rows;
	int64_t after = -1;
	struct arena page;
	size_t n = PAGE;
	int rc = 0;

	arena_init(&page, DRIVER_ARENA_MAX);
	while (rc == 0 && n == PAGE) {
		arena_release(&page);
		rc = store_genomes(d->world->store, &page, d->uuid, after, PAGE,
			&rows, &n, e);
		for (size_t i = 0; rc == 0 && i < n; i++)
			rc = digest_row(digest, d, &page, &rows[i], e);
		if (rc == 0 && n > 0)
			after = rows[n - 1].id;
	}
	digest_end(digest, run, out);
	arena_release(&page);
	return rc;
}
