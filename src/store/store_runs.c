/* store_runs.c -- runs and their generations. */
#include <stdio.h>
#include <string.h>

#include "store/store_private.h"

/* All but the number, which the database gives. */
#define RUN_COLUMNS                                                     \
	"uuid, created_ms, updated_ms, running_ms, generation, state, " \
	"settings, document, digest, idempotency_key, request_hash, checksum"

#define SELECT_RUN \
	"SELECT number, " RUN_COLUMNS ", trace, label, archived FROM run"

static void put_run(struct query *q, const struct store_run *r)
{
	query_sum(q, "run", "");
	query_put_text(q, r->uuid);
	query_put_int(q, r->created_ms);
	query_put_int(q, r->updated_ms);
	query_put_int(q, r->running_ms);
	query_put_int(q, r->generation);
	query_put_text(q, r->state);
	query_put_text(q, r->settings);
	query_put_text(q, r->document);
	query_put_text(q, r->digest);
	query_put_text(q, r->idempotency_key);
	query_put_text(q, r->request_hash);
	query_put_sum(q);
}

static void take_run(struct query *q, struct arena *mem, struct store_run *r)
{
	*r = (struct store_run){.number = query_int(q)};
	query_sum(q, "run", "");
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
	query_take_sum(q, "the row of run %s", r->uuid);
	r->trace = query_text(q, mem);
	r->label = query_text(q, mem);
	r->archived = (int)query_int(q);
}

int store_run_insert(struct store *s, struct store_run *r, struct err *e)
{
	struct query q;
	int rc;

	query_write(&q, s,
		"INSERT INTO run (" RUN_COLUMNS ", trace) "
		"VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING number");
	put_run(&q, r);
	query_put_text(&q, r->trace);
	rc = query_next(&q, e);
	if (rc == 1)
		r->number = query_int(&q);
	query_end(&q);
	return rc == 1 ? 0 : rc;
}

/* One row, of a statement whose parameters are put. */
static int take_one(struct query *q, struct arena *mem, struct store_run *out,
	struct err *e)
{
	int rc = query_next(q, e);

	if (rc == 1) {
		take_run(q, mem, out);
		rc = query_checked(q, e);
	}
	query_end(q);
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no such run");
	return rc == 1 ? 0 : rc;
}

/* Within the transaction. */
static int find_own(struct store *s, struct arena *mem, const char *uuid,
	struct store_run *out, struct err *e)
{
	struct query q;

	query_write(&q, s, SELECT_RUN " WHERE uuid = ?");
	query_put_text(&q, uuid);
	return take_one(&q, mem, out, e);
}

static int replace_run(struct store *s, struct store_run *row, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"UPDATE run SET (" RUN_COLUMNS ") = "
		"(?,?,?,?,?,?,?,?,?,?,?,?) WHERE uuid = ?");
	put_run(&q, row);
	query_put_text(&q, row->uuid);
	return query_run(&q, e);
}

/* What stays is checked before it is summed again with what changes: damage
 * must not become right by it. */
int store_run_update(struct store *s, const struct store_run *r, struct err *e)
{
	struct store_run row;
	struct arena mem;
	int rc;

	arena_init(&mem, STORE_ROW_MAX);
	rc = find_own(s, &mem, r->uuid, &row, e);
	if (rc == 0) {
		row.updated_ms = r->updated_ms;
		row.running_ms = r->running_ms;
		row.generation = r->generation;
		row.state = r->state;
		row.document = r->document;
		memcpy(row.digest, r->digest, sizeof row.digest);
		rc = replace_run(s, &row, e);
	}
	arena_release(&mem);
	return rc;
}

int store_run_settle(
	struct store *s, const char *uuid, const char *settings, struct err *e)
{
	struct store_run row;
	struct arena mem;
	int rc;

	arena_init(&mem, STORE_ROW_MAX);
	rc = find_own(s, &mem, uuid, &row, e);
	if (rc == 0 && (row.generation >= 0 || row.digest[0]))
		rc = err_set(e, ERR_CONFLICT,
			"the run has begun: its settings stay as they are");
	if (rc == 0) {
		row.settings = settings;
		rc = replace_run(s, &row, e);
	}
	arena_release(&mem);
	return rc;
}

static int find_run(struct store *s, struct arena *mem, const char *sql,
	const char *key, struct store_run *out, struct err *e)
{
	struct query q;

	query_read(&q, s, sql);
	query_put_text(&q, key);
	return take_one(&q, mem, out, e);
}

int store_run_get(struct store *s, struct arena *mem, const char *uuid,
	struct store_run *out, struct err *e)
{
	return find_run(s, mem, SELECT_RUN " WHERE uuid = ?", uuid, out, e);
}

int store_run_by_key(struct store *s, struct arena *mem,
	const char *idempotency_key, struct store_run *out, struct err *e)
{
	return find_run(s, mem, SELECT_RUN " WHERE idempotency_key = ?",
		idempotency_key, out, e);
}

int store_run_label(struct store *s, const char *run, const char *label,
	int archived, struct err *e)
{
	struct query q;

	query_write(
		&q, s, "UPDATE run SET label = ?, archived = ? WHERE uuid = ?");
	query_put_text(&q, label);
	query_put_int(&q, archived != 0);
	query_put_text(&q, run);
	return query_change(&q, "run", run, e);
}

int store_run_delete(struct store *s, const char *run, struct err *e)
{
	static const char *const belongings[] = {"roster", "event", "rung",
		"training", "species", "generation", "genome"};
	struct query q;
	char sql[120];
	int rc = 0;

	for (size_t i = 0;
		rc == 0 && i < sizeof belongings / sizeof *belongings; i++) {
		snprintf(sql, sizeof sql,
			"DELETE FROM %s WHERE run = (SELECT number FROM run "
			"WHERE uuid = ?)",
			belongings[i]);
		query_write(&q, s, sql);
		query_put_text(&q, run);
		rc = query_run(&q, e);
	}
	if (rc)
		return rc;
	query_write(&q, s, "DELETE FROM run WHERE uuid = ?");
	query_put_text(&q, run);
	return query_change(&q, "run", run, e);
}

int store_run_count(
	struct store *s, const char *state, int64_t *n, struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s, "SELECT COUNT(*) FROM run WHERE state = ?");
	query_put_text(&q, state);
	rc = query_next(&q, e);
	if (rc > 0)
		*n = query_int(&q);
	query_end(&q);
	return rc > 0 ? 0 : rc;
}

int store_runs(struct store *s, struct arena *mem, const char *state,
	int archived, int64_t before, size_t max, struct store_run **out,
	size_t *n, struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		state ? SELECT_RUN " WHERE number < ? AND archived <= ? "
				   "AND state = ? ORDER BY number DESC LIMIT ?"
		      : SELECT_RUN " WHERE number < ? AND archived <= ? "
				   "ORDER BY number DESC LIMIT ?");
	query_put_int(&q, before);
	query_put_int(&q, archived != 0);
	if (state)
		query_put_text(&q, state);
	query_put_count(&q, max);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		take_run(&q, mem, &(*out)[*n]);
		(*out)[*n].damage = query_pardon(&q, mem);
	}
	query_end(&q);
	return rc;
}

#define GENERATION_COLUMNS                                                 \
	"generation, members, scored, best, mean, created_ms, scored_ms, " \
	"species, checksum"

int store_generation_put(struct store *s, const char *run,
	const struct store_generation *g, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"INSERT INTO generation (run, " GENERATION_COLUMNS ") "
		"SELECT number, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM run "
		"WHERE uuid = ? ON CONFLICT (run, generation) DO UPDATE SET "
		"members = excluded.members, scored = excluded.scored, "
		"best = excluded.best, mean = excluded.mean, "
		"created_ms = excluded.created_ms, "
		"scored_ms = excluded.scored_ms, species = excluded.species, "
		"checksum = excluded.checksum");
	query_sum(&q, "generation", run);
	query_put_int(&q, g->generation);
	query_put_text(&q, g->members);
	query_put_int(&q, g->scored);
	query_put_real(&q, "best", g->best);
	query_put_real(&q, "mean", g->mean);
	query_put_int(&q, g->created_ms);
	query_put_int(&q, g->scored_ms);
	query_put_text(&q, g->species);
	query_put_sum(&q);
	query_put_text(&q, run);
	return query_send(&q, "run", run, e);
}

static void take_generation(struct query *q, struct arena *mem, const char *run,
	struct store_generation *g)
{
	query_sum(q, "generation", run);
	g->generation = query_int(q);
	g->members = query_text(q, mem);
	g->scored = (int)query_int(q);
	g->best = query_real(q);
	g->mean = query_real(q);
	g->created_ms = query_int(q);
	g->scored_ms = query_int(q);
	g->species = query_text(q, mem);
	query_take_sum(
		q, "generation %lld of run %s", (long long)g->generation, run);
}

int store_generations(struct store *s, struct arena *mem, const char *run,
	int64_t after, size_t max, struct store_generation **out, size_t *n,
	struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT " GENERATION_COLUMNS " FROM generation "
		"WHERE run = (SELECT number FROM run WHERE uuid = ?) "
		"AND generation > ? ORDER BY generation LIMIT ?");
	query_put_text(&q, run);
	query_put_int(&q, after);
	query_put_count(&q, max);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		take_generation(&q, mem, run, &(*out)[*n]);
	}
	query_end(&q);
	return rc;
}
