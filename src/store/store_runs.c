/* store_runs.c -- runs and their generations. */
#include <string.h>

#include "store/store_private.h"

#define RUN_COLUMNS                                                      \
	"number, uuid, created_ms, updated_ms, running_ms, generation, " \
	"state, "                                                        \
	"settings, document, digest, idempotency_key, request_hash"

int store_run_insert(struct store *s, struct store_run *r, struct err *e)
{
	struct query q;
	int rc;

	query_write(&q, s,
		"INSERT INTO run (uuid, created_ms, updated_ms, running_ms, "
		"generation, state, settings, document, digest, "
		"idempotency_key, request_hash) "
		"VALUES (?,?,?,?,?,?,?,?,?,?,?) RETURNING number");
	query_put_text(&q, r->uuid);
	query_put_int(&q, r->created_ms);
	query_put_int(&q, r->updated_ms);
	query_put_int(&q, r->running_ms);
	query_put_int(&q, r->generation);
	query_put_text(&q, r->state);
	query_put_text(&q, r->settings);
	query_put_text(&q, r->document);
	query_put_text(&q, r->digest);
	query_put_text(&q, r->idempotency_key);
	query_put_text(&q, r->request_hash);
	rc = query_next(&q, e);
	if (rc == 1)
		r->number = query_int(&q);
	query_end(&q);
	return rc == 1 ? 0 : rc;
}

int store_run_update(struct store *s, const struct store_run *r, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"UPDATE run SET updated_ms = ?, running_ms = ?, "
		"generation = ?, state = ?, document = ?, digest = ? "
		"WHERE uuid = ?");
	query_put_int(&q, r->updated_ms);
	query_put_int(&q, r->running_ms);
	query_put_int(&q, r->generation);
	query_put_text(&q, r->state);
	query_put_text(&q, r->document);
	query_put_text(&q, r->digest);
	query_put_text(&q, r->uuid);
	return query_change(&q, "run", r->uuid, e);
}

static void take_run(struct query *q, struct arena *mem, struct store_run *r)
{
	*r = (struct store_run){.number = query_int(q)};
	query_copy(q, r->uuid, sizeof r->uuid);
	r->created_ms = query_int(q);
	r->updated_ms = query_int(q);
	r->running_ms = query_int(q);
	r->generation = query_int(q);
	r->state = query_text(q, mem);
	r->settings = query_text(q, mem);
	r->document = query_text(q, mem);
	query_copy(q, r->digest, sizeof r->digest);
	r->idempotency_key = query_text(q, mem);
	query_copy(q, r->request_hash, sizeof r->request_hash);
}

static int find_run(struct store *s, struct arena *mem, const char *sql,
	const char *key, struct store_run *out, struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s, sql);
	query_put_text(&q, key);
	rc = query_next(&q, e);
	if (rc == 1)
		take_run(&q, mem, out);
	query_end(&q);
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no such run");
	return rc == 1 ? 0 : rc;
}

int store_run_get(struct store *s, struct arena *mem, const char *uuid,
	struct store_run *out, struct err *e)
{
	return find_run(s, mem,
		"SELECT " RUN_COLUMNS " FROM run WHERE uuid = ?", uuid, out, e);
}

int store_run_by_key(struct store *s, struct arena *mem,
	const char *idempotency_key, struct store_run *out, struct err *e)
{
	return find_run(s, mem,
		"SELECT " RUN_COLUMNS " FROM run WHERE idempotency_key = ?",
		idempotency_key, out, e);
}

int store_runs(struct store *s, struct arena *mem, const char *state,
	int64_t before, size_t max, struct store_run **out, size_t *n,
	struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		state ? "SELECT " RUN_COLUMNS " FROM run WHERE number < ? AND "
			"state = ? ORDER BY number DESC LIMIT ?"
		      : "SELECT " RUN_COLUMNS " FROM run WHERE number < ? "
			"ORDER BY number DESC LIMIT ?");
	query_put_int(&q, before);
	if (state)
		query_put_text(&q, state);
	query_put_int(&q, (int64_t)max);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		take_run(&q, mem, &(*out)[*n]);
	}
	query_end(&q);
	return rc;
}

int store_generation_put(struct store *s, const char *run,
	const struct store_generation *g, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"INSERT INTO generation (run, generation, members, scored, "
		"best, mean, created_ms, scored_ms, species) "
		"SELECT number, ?, ?, ?, ?, ?, ?, ?, ? FROM run WHERE uuid = ? "
		"ON CONFLICT (run, generation) DO UPDATE SET "
		"members = excluded.members, scored = excluded.scored, "
		"best = excluded.best, mean = excluded.mean, "
		"created_ms = excluded.created_ms, "
		"scored_ms = excluded.scored_ms, species = excluded.species");
	query_put_int(&q, g->generation);
	query_put_text(&q, g->members);
	query_put_int(&q, g->scored);
	query_put_real(&q, "best", g->best);
	query_put_real(&q, "mean", g->mean);
	query_put_int(&q, g->created_ms);
	query_put_int(&q, g->scored_ms);
	query_put_text(&q, g->species);
	query_put_text(&q, run);
	return query_change(&q, "run", run, e);
}

int store_generations(struct store *s, struct arena *mem, const char *run,
	int64_t after, size_t max, struct store_generation **out, size_t *n,
	struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT generation, members, scored, best, mean, created_ms, "
		"scored_ms, species FROM generation "
		"WHERE run = (SELECT number FROM run WHERE uuid = ?) "
		"AND generation > ? ORDER BY generation LIMIT ?");
	query_put_text(&q, run);
	query_put_int(&q, after);
	query_put_int(&q, (int64_t)max);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		struct store_generation *g;

		*out = page_slot(mem, *out, *n, sizeof **out);
		g = &(*out)[*n];
		g->generation = query_int(&q);
		g->members = query_text(&q, mem);
		g->scored = (int)query_int(&q);
		g->best = query_real(&q);
		g->mean = query_real(&q);
		g->created_ms = query_int(&q);
		g->scored_ms = query_int(&q);
		g->species = query_text(&q, mem);
	}
	query_end(&q);
	return rc;
}
