/* blob_sweep.c -- mark and sweep: what rows name is marked, the rest goes. */
#include "service/driver/blob_sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "run/run.h"
#include "service/driver/genome_weights.h"
#include "service/stored.h"

#define RUNS_PAGE 100
#define ARENA_MAX ((size_t)1 << 30)

/* The names that were found. */
struct marks {
	struct store *store;
	char (*names)[SHA256_HEX_BYTES];
	size_t n, room;
	struct err lost; /* why nothing goes any more; code 0: it does */
};

static void mark(struct marks *m, const char *name)
{
	if (!name || !name[0])
		return;
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		m->names = xrealloc(m->names, m->room * sizeof *m->names);
	}
	snprintf(m->names[m->n++], sizeof *m->names, "%s", name);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Whether we still may say what is named: a transaction begins for the broker
 * alone that leads the store. */
static int still_lead(struct marks *m)
{
	if (m->lost.code == 0 && store_begin(m->store, &m->lost) == 0)
		store_rollback(m->store);
	return m->lost.code == 0;
}

static int is_to_stay(void *ctx, const char *name)
{
	struct marks *m = ctx;

	return (m->n && bsearch(name, m->names, m->n, sizeof *m->names,
				compare)) ||
	       !still_lead(m);
}

/* A member's weights, and those that it will start from. */
static int mark_member(struct marks *m, struct arena *mem, const char *run,
	int64_t id, struct err *e)
{
	char name[SHA256_HEX_BYTES];
	struct store_genome row;
	int rc = store_genome_get(m->store, mem, run, id, &row, e);

	if (rc == 0)
		rc = genome_weights(m->store, mem, run, &row, name, e);
	if (rc == 0)
		mark(m, name);
	for (int i = 0; i < 2 && rc == 0 && !row.scored; i++) {
		rc = genome_legacy(m->store, mem, run, &row, i, name, e);
		if (rc == 0)
			mark(m, name);
	}
	return rc;
}

static int mark_members(struct marks *m, struct arena *mem,
	const struct store_run *run, struct err *e)
{
	struct store_generation *g;
	json_t *ids, *id;
	size_t n, i;
	int rc = store_generations(
		m->store, mem, run->uuid, run->generation - 1, 1, &g, &n, e);

	if (rc || n == 0)
		return rc;
	ids = stored_json(g->members);
	json_array_foreach(ids, i, id) {
		rc = mark_member(m, mem, run->uuid, json_integer_value(id), e);
		if (rc)
			break;
	}
	json_decref(ids);
	return rc;
}

static int mark_run(struct marks *m, struct arena *mem,
	const struct store_run *run, struct err *e)
{
	json_t *document = stored_json(run->document);
	json_t *settings = stored_json(run->settings);
	int rc = 0;

	/* Nobody knows which blobs it names. */
	if (run->damage)
		rc = err_set(e, ERR_DAMAGED, "%s", run->damage);
	else if (!json_is_object(document) || !json_is_object(settings))
		rc = err_set(
			e, ERR_INVALID, "the run %s is damaged", run->uuid);
	mark(m, json_string_value(json_object_get(document, "weights")));
	if (rc == 0 && json_is_true(json_object_get(settings, "inherit")) &&
		!run_state_over(run_state_named(run->state)) &&
		run->generation >= 0)
		rc = mark_members(m, mem, run, e);
	json_decref(document);
	json_decref(settings);
	return rc;
}

static int mark_all(struct marks *m, struct err *e)
{
	int64_t before = INT64_MAX;
	struct store_run *rows;
	size_t n = RUNS_PAGE;
	struct arena mem;
	int rc = 0;

	arena_init(&mem, ARENA_MAX);
	while (rc == 0 && n == RUNS_PAGE) {
		arena_release(&mem);
		rc = store_runs(m->store, &mem, NULL, 1, before, RUNS_PAGE,
			&rows, &n, e);
		for (size_t i = 0; rc == 0 && i < n; i++) {
			before = rows[i].number;
			rc = mark_run(m, &mem, &rows[i], e);
		}
	}
	arena_release(&mem);
	return rc;
}

int blob_sweep(struct store *s, struct blobs *b, struct err *e)
{
	struct marks m = {.store = s};
	int rc;

	blobs_alone(b);
	if (!blobs_sweep_due(b)) {
		blobs_leave(b);
		return 0;
	}
	rc = mark_all(&m, e);
	if (rc == 0 && m.n > 0)
		qsort(m.names, m.n, sizeof *m.names, compare);
	if (rc == 0)
		rc = blobs_sweep(b, is_to_stay, &m, e);
	if (rc == 0 && m.lost.code)
		rc = err_set(e, m.lost.code, "%s", m.lost.text);
	blobs_leave(b);
	free(m.names);
	return rc;
}
