/* store_rungs.c -- the trainings of a genome, a row for each rung. */
#include "store/store_private.h"

#define RUNG_COLUMNS "genome, rung, fitness, loss, result, checksum"

int store_rung_insert(struct store *s, const char *run,
	const struct store_rung *r, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"INSERT INTO rung (run, " RUNG_COLUMNS ") "
		"SELECT number, ?, ?, ?, ?, ?, ? FROM run WHERE uuid = ?");
	query_sum(&q, "rung", run);
	query_put_int(&q, r->genome);
	query_put_int(&q, r->rung);
	query_put_real(&q, "fitness", r->fitness);
	query_put_real(&q, "loss", r->loss);
	query_put_text(&q, r->result);
	query_put_sum(&q);
	query_put_text(&q, run);
	return query_send(&q, "run", run, e);
}

static void take_rung(struct query *q, struct arena *mem, const char *run,
	struct store_rung *r)
{
	query_sum(q, "rung", run);
	r->genome = query_int(q);
	r->rung = query_int(q);
	r->fitness = query_real(q);
	r->loss = query_real(q);
	r->result = query_text(q, mem);
	query_take_sum(q, "rung %lld of genome %lld of run %s",
		(long long)r->rung, (long long)r->genome, run);
}

int store_rungs(struct store *s, struct arena *mem, const char *run,
	int64_t genome, struct store_rung **out, size_t *n, struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT " RUNG_COLUMNS " FROM rung WHERE run = (SELECT number "
		"FROM run WHERE uuid = ?) AND genome = ? ORDER BY rung");
	query_put_text(&q, run);
	query_put_int(&q, genome);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		take_rung(&q, mem, run, &(*out)[*n]);
	}
	query_end(&q);
	return rc;
}
