/* store_genomes.c -- the genomes of runs and their scores; the first wins. */
#include "store/store_private.h"

#define OF_RUN "run = (SELECT number FROM run WHERE uuid = ?)"

static int no_genome(int64_t id, struct err *e)
{
	return err_set(
		e, ERR_NOT_FOUND, "the run has no genome %lld", (long long)id);
}

#define INSERT_GENOME                                           \
	"INSERT INTO genome (run, " STORE_GENOME_COLUMNS ") "   \
	"SELECT number, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? " \
	"FROM run WHERE uuid = ?"

static int put_genome(struct store *s, const char *sql, const char *run,
	const struct store_genome *g, struct err *e)
{
	struct query q;

	query_write(&q, s, sql);
	query_sum(&q, "genome", run);
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
	query_put_sum(&q);
	query_put_text(&q, run);
	return query_send(&q, "run", run, e);
}

static void take_genome(struct query *q, struct arena *mem, const char *run,
	struct store_genome *g)
{
	query_sum(q, "genome", run);
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
	query_take_sum(q, "genome %lld of run %s", (long long)g->id, run);
}

/* A query that reads, or one inside the open transaction. */
typedef void start_query(struct query *q, struct store *s, const char *sql);

static int find_genome(struct store *s, start_query *start, struct arena *mem,
	const char *run, int64_t id, struct store_genome *out, struct err *e)
{
	struct query q;
	int rc;

	start(&q, s,
		"SELECT " STORE_GENOME_COLUMNS " FROM genome WHERE " OF_RUN
		" AND id = ?");
	query_put_text(&q, run);
	query_put_int(&q, id);
	rc = query_next(&q, e);
	if (rc == 1) {
		take_genome(&q, mem, run, out);
		rc = query_checked(&q, e);
	}
	query_end(&q);
	if (rc == 0)
		return no_genome(id, e);
	return rc == 1 ? 0 : rc;
}

/* What lists say of it follows, in the same transaction (store_roster.c). */
static int enlist(struct store *s, const char *run,
	const struct store_genome *g, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"INSERT INTO roster SELECT number, ?, ?, ?, ?, ?, ?, -1, 0, 0, "
		"-1, -1 FROM run WHERE uuid = ?");
	query_put_int(&q, g->id);
	query_put_int(&q, g->born);
	query_put_int(&q, g->species);
	query_put_int(&q, g->scored);
	query_put_real(&q, "fitness", g->fitness);
	query_put_text(&q, g->failure);
	query_put_text(&q, run);
	return query_send(&q, "run", run, e);
}

static int enlist_score(struct store *s, const char *run,
	const struct store_genome *g, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"UPDATE roster SET scored = 1, fitness = ?, failure = ? "
		"WHERE " OF_RUN " AND id = ?");
	query_put_real(&q, "fitness", g->fitness);
	query_put_text(&q, g->failure);
	query_put_text(&q, run);
	query_put_int(&q, g->id);
	return query_send(&q, "such genome of run", run, e);
}

int store_genome_insert(struct store *s, const char *run,
	const struct store_genome *g, struct err *e)
{
	int rc = put_genome(s, INSERT_GENOME, run, g, e);

	return rc ? rc : enlist(s, run, g, e);
}

/* What training says of a genome; the rest of its row stays. */
static int replace_genome(struct store *s, const char *run,
	const struct store_genome *g, struct err *e)
{
	return put_genome(s,
		INSERT_GENOME
		" ON CONFLICT (run, id) DO UPDATE SET "
		"scored = excluded.scored, fitness = excluded.fitness, "
		"failure = excluded.failure, result = excluded.result, "
		"crashes = excluded.crashes, checksum = excluded.checksum",
		run, g, e);
}

int store_genome_score(struct store *s, const char *run, int64_t id,
	double fitness, const char *failure, const char *result, int *changed,
	struct err *e)
{
	struct store_genome g;
	struct arena mem;
	int rc;

	arena_init(&mem, STORE_ROW_MAX);
	rc = find_genome(s, query_write, &mem, run, id, &g, e);
	if (rc == 0)
		*changed = !g.scored;
	if (rc == 0 && !g.scored) {
		g.scored = 1;
		g.fitness = fitness;
		g.failure = failure;
		g.result = result;
		rc = replace_genome(s, run, &g, e);
		if (rc == 0)
			rc = enlist_score(s, run, &g, e);
	}
	arena_release(&mem);
	return rc;
}

int store_genome_crash(struct store *s, const char *run, int64_t id,
	int64_t *crashes, struct err *e)
{
	struct store_genome g;
	struct arena mem;
	int rc;

	arena_init(&mem, STORE_ROW_MAX);
	rc = find_genome(s, query_write, &mem, run, id, &g, e);
	if (rc == 0) {
		g.crashes++;
		rc = replace_genome(s, run, &g, e);
	}
	if (rc == 0)
		*crashes = g.crashes;
	arena_release(&mem);
	return rc;
}

int store_genome_get(struct store *s, struct arena *mem, const char *run,
	int64_t id, struct store_genome *out, struct err *e)
{
	return find_genome(s, query_read, mem, run, id, out, e);
}

/* Runs a statement that gives genomes and ends it. */
static int take_genomes(struct query *q, struct arena *mem, const char *run,
	struct store_genome **out, size_t *n, struct err *e)
{
	int rc;

	*out = NULL;
	for (*n = 0; (rc = query_next(q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		take_genome(q, mem, run, &(*out)[*n]);
	}
	query_end(q);
	return rc;
}

int store_genomes(struct store *s, struct arena *mem, const char *run,
	int64_t after, size_t max, struct store_genome **out, size_t *n,
	struct err *e)
{
	struct query q;

	query_read(&q, s,
		"SELECT " STORE_GENOME_COLUMNS " FROM genome WHERE " OF_RUN
		" AND id > ? ORDER BY id LIMIT ?");
	query_put_text(&q, run);
	query_put_int(&q, after);
	query_put_count(&q, max);
	return take_genomes(&q, mem, run, out, n, e);
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
	query_put_count(&q, max);
	return take_genomes(&q, mem, run, out, n, e);
}
