/* store_species.c -- species, a row for each generation that they live in. */
#include "store/store_private.h"

#define SPECIES_COLUMNS \
	"generation, id, born, improved, size, best, mean, champion, checksum"

int store_species_put(struct store *s, const char *run,
	const struct store_species *sp, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"INSERT INTO species (run, " SPECIES_COLUMNS ") "
		"SELECT number, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM run WHERE uuid "
		"= ? "
		"ON CONFLICT (run, generation, id) DO UPDATE SET "
		"born = excluded.born, improved = excluded.improved, "
		"size = excluded.size, best = excluded.best, "
		"mean = excluded.mean, champion = excluded.champion, "
		"checksum = excluded.checksum");
	query_sum(&q, "species", run);
	query_put_int(&q, sp->generation);
	query_put_int(&q, sp->id);
	query_put_int(&q, sp->born);
	query_put_int(&q, sp->improved);
	query_put_int(&q, sp->size);
	query_put_real(&q, "best", sp->best);
	query_put_real(&q, "mean", sp->mean);
	query_put_int(&q, sp->champion);
	query_put_sum(&q);
	query_put_text(&q, run);
	return query_send(&q, "run", run, e);
}

static void take_species(
	struct query *q, const char *run, struct store_species *sp)
{
	query_sum(q, "species", run);
	sp->generation = query_int(q);
	sp->id = query_int(q);
	sp->born = query_int(q);
	sp->improved = query_int(q);
	sp->size = query_int(q);
	sp->best = query_real(q);
	sp->mean = query_real(q);
	sp->champion = query_int(q);
	query_take_sum(q, "species %lld in generation %lld of run %s",
		(long long)sp->id, (long long)sp->generation, run);
}

int store_species(struct store *s, struct arena *mem, const char *run,
	int64_t generation, int64_t after, size_t max,
	struct store_species **out, size_t *n, struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT " SPECIES_COLUMNS " FROM species WHERE run = (SELECT "
		"number FROM run WHERE uuid = ?) AND generation = ? AND id > ? "
		"ORDER BY id LIMIT ?");
	query_put_text(&q, run);
	query_put_int(&q, generation);
	query_put_int(&q, after);
	query_put_count(&q, max);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		take_species(&q, run, &(*out)[*n]);
	}
	query_end(&q);
	return rc;
}
