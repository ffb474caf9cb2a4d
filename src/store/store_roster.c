/* store_roster.c -- a run's genomes as lists sort and filter them. */
#include <stdio.h>

#include "store/store_private.h"

#define OF_RUN "run = (SELECT number FROM run WHERE uuid = ?)"
#define LISTED_COLUMNS                                                   \
	"id, born, species, scored, fitness, failure, rung, trainings, " \
	"cpu_s, parameters, flops"
#define SQL_BYTES 1200

static const char *const sorts[STORE_SORTS] = {
	[STORE_BY_ID] = "id",
	[STORE_BY_BORN] = "born",
	[STORE_BY_SPECIES] = "species",
	[STORE_BY_FITNESS] = "fitness",
	[STORE_BY_RUNG] = "rung",
	[STORE_BY_PARAMETERS] = "parameters",
	[STORE_BY_FLOPS] = "flops",
	[STORE_BY_CPU] = "cpu_s",
};

static const char *const states[STORE_STATES] = {
	[STORE_ANY] = "",
	[STORE_OPEN] = " AND scored = 0",
	[STORE_SOUND] = " AND scored = 1 AND failure IS NULL",
	[STORE_FAILED] = " AND failure IS NOT NULL",
};

/* -- writers -- */

int store_roster_cost(struct store *s, const char *run, int64_t id,
	int64_t parameters, int64_t flops, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"UPDATE roster SET parameters = ?, flops = ? WHERE " OF_RUN
		" AND id = ?");
	query_put_int(&q, parameters);
	query_put_int(&q, flops);
	query_put_text(&q, run);
	query_put_int(&q, id);
	return query_send(&q, "such genome of run", run, e);
}

int store_roster_train(struct store *s, const char *run, int64_t id,
	int64_t rung, double cpu_s, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"UPDATE roster SET trainings = trainings + 1, "
		"cpu_s = cpu_s + ?, "
		"rung = CASE WHEN rung < ? THEN ? ELSE rung END "
		"WHERE " OF_RUN " AND id = ?");
	query_put_real(&q, "cpu_s", cpu_s);
	query_put_int(&q, rung);
	query_put_int(&q, rung);
	query_put_text(&q, run);
	query_put_int(&q, id);
	return query_send(&q, "such genome of run", run, e);
}

/* -- readers -- */

/* The text of a WHERE; what it asks for is put by put_wanted, in this order. */
static int write_wanted(
	char *sql, size_t at, const struct store_wanted *w, int after)
{
	const char *column = sorts[w->sort], *than = w->falling ? "<" : ">";
	int n = snprintf(sql + at, SQL_BYTES - at,
		" WHERE " OF_RUN "%s%s%s%s%s%s", states[w->state],
		w->born >= 0 ? " AND born = ?" : "",
		w->species >= 0 ? " AND species = ?" : "",
		w->rung >= 0 ? " AND rung = ?" : "",
		w->failure ? " AND failure = ?" : "",
		w->step > 1 ? " AND id % ? = 0" : "");

	if (!after)
		return (int)at + n;
	return (int)at + n +
	       snprintf(sql + at + (size_t)n, SQL_BYTES - at - (size_t)n,
		       " AND (%s, id) %s (SELECT %s, id FROM roster "
		       "WHERE " OF_RUN " AND id = ?)",
		       column, than, column);
}

static void put_wanted(struct query *q, const char *run,
	const struct store_wanted *w, int64_t after)
{
	query_put_text(q, run);
	if (w->born >= 0)
		query_put_int(q, w->born);
	if (w->species >= 0)
		query_put_int(q, w->species);
	if (w->rung >= 0)
		query_put_int(q, w->rung);
	if (w->failure)
		query_put_text(q, w->failure);
	if (w->step > 1)
		query_put_int(q, w->step);
	if (after < 0)
		return;
	query_put_text(q, run);
	query_put_int(q, after);
}

static void take_listed(
	struct query *q, struct arena *mem, struct store_listed *l)
{
	l->id = query_int(q);
	l->born = query_int(q);
	l->species = query_int(q);
	l->scored = (int)query_int(q);
	l->fitness = query_real(q);
	l->failure = query_text(q, mem);
	l->rung = query_int(q);
	l->trainings = query_int(q);
	l->cpu_s = query_real(q);
	l->parameters = query_int(q);
	l->flops = query_int(q);
}

static int write_order(char *sql, size_t at, const struct store_wanted *w)
{
	const char *way = w->falling ? "DESC" : "ASC";

	return (int)at + snprintf(sql + at, SQL_BYTES - at,
				 " ORDER BY %s %s, id %s", sorts[w->sort], way,
				 way);
}

/* True if the order is not that in which the rows lie. */
static int is_sorted(const struct store_wanted *w)
{
	return w->sort != STORE_BY_ID;
}

/* What is to be sorted is sorted by its ids alone, and then read: a sort of
 * 100,000 whole rows takes twice the time. */
static void write_page(char *sql, const struct store_wanted *w, int after)
{
	const char *head = "SELECT " LISTED_COLUMNS " FROM roster";
	int at = snprintf(sql, SQL_BYTES, "%s%s", head,
		is_sorted(w) ? " WHERE " OF_RUN
			       " AND id IN (SELECT id FROM roster"
			     : "");

	at = write_wanted(sql, (size_t)at, w, after);
	at = write_order(sql, (size_t)at, w);
	at += snprintf(sql + at, SQL_BYTES - (size_t)at, " LIMIT ? OFFSET ?%s",
		is_sorted(w) ? ")" : "");
	if (is_sorted(w))
		write_order(sql, (size_t)at, w);
}

int store_roster(struct store *s, struct arena *mem, const char *run,
	const struct store_wanted *w, int64_t after, int64_t skip, size_t max,
	struct store_listed **out, size_t *n, struct err *e)
{
	char sql[SQL_BYTES];
	struct query q;
	int rc;

	write_page(sql, w, after >= 0);
	query_read(&q, s, sql);
	if (is_sorted(w))
		query_put_text(&q, run);
	put_wanted(&q, run, w, after);
	query_put_count(&q, max);
	query_put_int(&q, skip);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		take_listed(&q, mem, &(*out)[*n]);
	}
	query_end(&q);
	return rc;
}

int store_roster_outcomes(struct store *s, struct arena *mem, const char *run,
	int64_t lo, int64_t hi, struct store_outcome **out, size_t *n,
	struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT id, born, trainings, scored, "
		"CASE WHEN failure IS NULL THEN 0 ELSE 1 END, fitness, cpu_s "
		"FROM roster WHERE " OF_RUN
		" AND id BETWEEN ? AND ? ORDER BY id");
	query_put_text(&q, run);
	query_put_int(&q, lo);
	query_put_int(&q, hi);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		struct store_outcome *o;

		*out = page_slot(mem, *out, *n, sizeof **out);
		o = &(*out)[*n];
		o->id = query_int(&q);
		o->born = query_int(&q);
		o->trainings = query_int(&q);
		o->scored = (int)query_int(&q);
		o->failed = (int)query_int(&q);
		o->fitness = query_real(&q);
		o->cpu_s = query_real(&q);
	}
	query_end(&q);
	return rc;
}

int store_roster_count(struct store *s, const char *run,
	const struct store_wanted *w, int64_t *count, struct err *e)
{
	char sql[SQL_BYTES] = "SELECT count(*) FROM roster";
	struct query q;
	int rc;

	write_wanted(sql, sizeof "SELECT count(*) FROM roster" - 1, w, 0);
	query_read(&q, s, sql);
	put_wanted(&q, run, w, -1);
	rc = query_next(&q, e);
	if (rc == 1)
		*count = query_int(&q);
	query_end(&q);
	return rc == 1 ? 0 : rc;
}

int store_roster_unknown(struct store *s, struct arena *mem, size_t max,
	struct store_unknown **out, size_t *n, struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT uuid, id FROM roster JOIN run ON number = run "
		"WHERE parameters < 0 LIMIT ?");
	query_put_count(&q, max);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		query_copy(&q, (*out)[*n].run, UUID_TEXT_BYTES);
		(*out)[*n].id = query_int(&q);
	}
	query_end(&q);
	return rc;
}
