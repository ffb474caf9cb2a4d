/* store_genomes.c -- the genomes of runs and their scores; the first wins. */
#include "store/store_private.h"

#define OF_RUN "run = (SELECT number FROM run WHERE uuid = ?)"

static int no_genome(int64_t id, struct err *e)
{
	return err_set(
		e, ERR_NOT_FOUND, "the run has no genome %lld", (long long)id);
}

int store_genome_insert(struct store *s, const char *run,
	const struct store_genome *g, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"INSERT INTO genome SELECT number, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		"?, ?, ? FROM run WHERE uuid = ?");
	query_put_int(&q, g->id);
	query_put_int(&q, g->born);
	query_put_int(&q, g->parents[0]);
	query_put_int(&q, g->parents[1]);
	query_put_text(&q, g->genome);
	query_put_int(&q, g->scored);
	query_put_real(&q, "fitness", g->fitness);
	query_put_text(&q, g->failure);
	query_put_text(&q, g->result);
	query_put_int(&q, g->crashes);
	query_put_int(&q, g->species);
	query_put_int(&q, g->mutations);
	query_put_text(&q, run);
	return query_change(&q, "run", run, e);
}

/* Whether the genome has a score, as the open transaction sees it. */
static int genome_scored(struct store *s, const char *run, int64_t id,
	int64_t *scored, struct err *e)
{
	struct query q;
	int rc;

	query_write(
		&q, s, "SELECT scored FROM genome WHERE " OF_RUN " AND id = ?");
	query_put_text(&q, run);
	query_put_int(&q, id);
	rc = query_next(&q, e);
	if (rc == 1)
		*scored = query_int(&q);
	query_end(&q);
	if (rc == 0)
		return no_genome(id, e);
	return rc == 1 ? 0 : rc;
}

int store_genome_score(struct store *s, const char *run, int64_t id,
	double fitness, const char *failure, const char *result, int *changed,
	struct err *e)
{
	int64_t scored = 0;
	struct query q;
	int rc = genome_scored(s, run, id, &scored, e);

	if (rc == 0 && !scored) {
		query_write(&q, s,
			"UPDATE genome SET scored = 1, fitness = ?, "
			"failure = ?, result = ? WHERE " OF_RUN " AND id = ?");
		query_put_real(&q, "fitness", fitness);
		query_put_text(&q, failure);
		query_put_text(&q, result);
		query_put_text(&q, run);
		query_put_int(&q, id);
		rc = query_run(&q, e);
	}
	if (rc == 0)
		*changed = !scored;
	return rc;
}

int store_genome_crash(struct store *s, const char *run, int64_t id,
	int64_t *crashes, struct err *e)
{
	struct query q;
	int rc;

	query_write(&q, s,
		"UPDATE genome SET crashes = crashes + 1 WHERE " OF_RUN
		" AND id = ? RETURNING crashes");
	query_put_text(&q, run);
	query_put_int(&q, id);
	rc = query_next(&q, e);
	if (rc == 1)
		*crashes = query_int(&q);
	query_end(&q);
	if (rc == 0)
		return no_genome(id, e);
	return rc == 1 ? 0 : rc;
}

static void take_genome(
	struct query *q, struct arena *mem, struct store_genome *g)
{
	g->id = query_int(q);
	g->born = query_int(q);
	g->parents[0] = query_int(q);
	g->parents[1] = query_int(q);
	g->genome = query_text(q, mem);
	g->scored = (int)query_int(q);
	g->fitness = query_real(q);
	g->failure = query_text(q, mem);
	g->result = query_text(q, mem);
	g->crashes = query_int(q);
	g->species = query_int(q);
	g->mutations = query_int(q);
}

int store_genome_get(struct store *s, struct arena *mem, const char *run,
	int64_t id, struct store_genome *out, struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT " STORE_GENOME_COLUMNS " FROM genome WHERE " OF_RUN
		" AND id = ?");
	query_put_text(&q, run);
	query_put_int(&q, id);
	rc = query_next(&q, e);
	if (rc == 1)
		take_genome(&q, mem, out);
	query_end(&q);
	if (rc == 0)
		return no_genome(id, e);
	return rc == 1 ? 0 : rc;
}

/* Runs a statement that gives genomes and ends it. */
static int take_genomes(struct query *q, struct arena *mem,
	struct store_genome **out, size_t *n, struct err *e)
{
	int rc;

	*out = NULL;
	for (*n = 0; (rc = query_next(q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		take_genome(q, mem, &(*out)[*n]);
	}
	query_end(q);
	return rc;
}

int store_genomes(struct store *s, struct arena *mem, const char *run,
	int64_t born, int64_t after, size_t max, struct store_genome **out,
	size_t *n, struct err *e)
{
	struct query q;

	query_read(&q, s,
		born >= 0 ? s->backend->genomes_born
			  : "SELECT " STORE_GENOME_COLUMNS " FROM genome "
			    "WHERE " OF_RUN " AND id > ? ORDER BY id LIMIT ?");
	query_put_text(&q, run);
	if (born >= 0)
		query_put_int(&q, born);
	query_put_int(&q, after);
	query_put_int(&q, (int64_t)max);
	return take_genomes(&q, mem, out, n, e);
}

int store_lineage(struct store *s, struct arena *mem, const char *run,
	int64_t id, int64_t before, size_t max, struct store_genome **out,
	size_t *n, struct err *e)
{
	struct query q;

	query_read(&q, s, s->backend->lineage);
	query_put_int(&q, id);
	query_put_text(&q, run);
	query_put_int(&q, before);
	query_put_int(&q, (int64_t)max);
	return take_genomes(&q, mem, out, n, e);
}
