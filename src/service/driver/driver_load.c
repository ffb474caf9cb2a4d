/* driver_load.c -- a run back from its rows. */
#include "service/driver/driver_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/genome_json.h"
#include "wire/job_json.h"
#include "service/driver/genome_weights.h"
#include "service/stored.h"

static void load_folds(struct arena *mem, const struct store_rung *rows,
	size_t n, struct run_member *m)
{
	for (size_t i = 0; i < n; i++) {
		const int64_t k = rows[i].rung - RUNG_FOLD;
		struct job_result r = {.failure = FAILURE_NONE};
		json_t *doc;

		if (k < 0 || k >= SETTINGS_FOLDS_MAX)
			continue;
		doc = stored_json(rows[i].result);
		m->folds[k] = (struct run_fold){.fitness = rows[i].fitness};
		if (result_read(mem, doc, &r, NULL) == 0 && r.failure)
			memcpy(m->folds[k].failure, r.code,
				sizeof m->folds[k].failure);
		m->folded |= 1u << k;
		json_decref(doc);
	}
}

int driver_load_rungs(struct driver *d, struct arena *mem, struct run_member *m,
	struct err *e)
{
	struct store_rung *rows;
	size_t n;
	int rc = store_rungs(
		d->world->store, mem, d->uuid, m->id, &rows, &n, e);

	if (rc)
		return rc;
	load_folds(mem, rows, n, m);
	/* A finalist's training is no part of the search. */
	while (n > 0 && rows[n - 1].rung >= RUNG_FINALIST)
		n--;
	if (n > SETTINGS_RUNGS_MAX ||
		(n > 0 && rows[n - 1].rung + 1 != (int64_t)n))
		return err_set(e, ERR_INVALID,
			"the rungs of genome %lld are not stored",
			(long long)m->id);
	m->rungs = (int)n;
	for (size_t i = 0; i < n; i++)
		m->losses[i] = rows[i].loss;
	if (n > 0 && !m->failure[0])
		m->fitness = rows[n - 1].fitness;
	return 0;
}

int driver_load_member(struct arena *mem, const struct store_genome *row,
	struct run_member *m, struct err *e)
{
	json_t *doc = stored_json(row->genome);
	struct genome_doc genome = {.graph = NULL};
	int rc;

	*m = (struct run_member){.id = row->id,
		.born = row->born,
		.parents = {row->parents[0], row->parents[1]},
		.first_species = row->species,
		.species = row->species,
		.mutations = (unsigned)row->mutations,
		.scored = row->scored,
		.fitness = row->fitness};
	snprintf(m->failure, sizeof m->failure, "%s",
		row->failure ? row->failure : "");
	rc = genome_doc_read(doc, "", mem, &genome, e);
	json_decref(doc);
	m->genome = genome.graph;
	return rc;
}

/* What the member has learned and, if it is still to be trained, what its
 * parents have. */
static int read_weights(struct driver *d, struct arena *mem,
	const struct store_genome *row, struct run_member *m, struct err *e)
{
	struct store *s = d->world->store;
	int rc = genome_weights(s, mem, d->uuid, row, m->weights, e);

	for (int i = 0; i < 2 && rc == 0 && !m->scored; i++)
		rc = genome_legacy(s, mem, d->uuid, row, i, m->legacy[i], e);
	return rc;
}

/* The members of a stored generation: `ids`, and where they are now. */
static int read_members(struct driver *d, struct arena *mem, const json_t *ids,
	const json_t *species, struct run_member *out, struct err *e)
{
	json_t *settings = stored_json(d->row.settings);
	const int inherits = json_is_true(json_object_get(settings, "inherit"));
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < json_array_size(ids); i++) {
		struct store_genome row;

		rc = store_genome_get(d->world->store, mem, d->uuid,
			json_integer_value(json_array_get(ids, i)), &row, e);
		if (rc == 0)
			rc = driver_load_member(mem, &row, &out[i], e);
		if (rc == 0)
			rc = driver_load_rungs(d, mem, &out[i], e);
		if (rc == 0 && inherits)
			rc = read_weights(d, mem, &row, &out[i], e);
		if (rc == 0 && species)
			out[i].species = json_integer_value(
				json_array_get(species, i));
	}
	json_decref(settings);
	return rc;
}

/* The members of the current generation, scored ones with their scores, to be
 * freed; their graphs live in `mem`. */
static int load_members(struct driver *d, struct arena *mem,
	struct run_member **out, size_t *n, struct err *e)
{
	json_t *ids = NULL, *species = NULL;
	struct store_generation *g;
	size_t found;
	int rc;

	*out = NULL;
	*n = 0;
	if (d->row.generation < 0)
		return 0;
	rc = store_generations(d->world->store, mem, d->uuid,
		d->row.generation - 1, 1, &g, &found, e);
	if (rc == 0 && found == 1) {
		ids = stored_json(g->members);
		species = stored_json(g->species);
	}
	*n = json_array_size(ids);
	if (rc == 0 && (*n == 0 || (species && json_array_size(species) != *n)))
		rc = err_set(e, ERR_INVALID, "the generation is not stored");
	*out = xcalloc(*n, sizeof **out);
	if (rc == 0)
		rc = read_members(d, mem, ids, species, *out, e);
	json_decref(ids);
	json_decref(species);
	return rc;
}

int driver_load(struct driver *d, struct err *e)
{
	json_t *settings, *document;
	struct run_member *members;
	struct arena mem;
	size_t n;
	int rc;

	arena_init(&d->row_mem, DRIVER_ARENA_MAX);
	rc = store_run_get(d->world->store, &d->row_mem, d->uuid, &d->row, e);
	if (rc)
		return rc;
	arena_init(&mem, DRIVER_ARENA_MAX);
	settings = stored_json(d->row.settings);
	document = stored_json(d->row.document);
	rc = load_members(d, &mem, &members, &n, e);
	if (rc == 0)
		rc = run_restore(
			&d->run, d->uuid, settings, document, members, n, e);
	if (rc)
		free(members);
	json_decref(settings);
	json_decref(document);
	arena_release(&mem);
	d->clock_ms = clock_mono_ms();
	d->counted = d->run.state;
	return rc;
}
