/* store_trainings.c -- which genome of a run was trained so, by a key. */
#include "store/store_private.h"

int store_training_put(struct store *s, const char *run,
	const struct store_training *t, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"INSERT INTO training (run, key, genome, rung, checksum) "
		"SELECT number, ?, ?, ?, ? FROM run WHERE uuid = ? "
		"ON CONFLICT (run, key) DO UPDATE SET "
		"genome = excluded.genome, rung = excluded.rung, "
		"checksum = excluded.checksum");
	query_sum(&q, "training", run);
	query_put_text(&q, t->key);
	query_put_int(&q, t->genome);
	query_put_int(&q, t->rung);
	query_put_sum(&q);
	query_put_text(&q, run);
	return query_send(&q, "run", run, e);
}

int store_training_get(struct store *s, const char *run, const char *key,
	struct store_training *out, struct err *e)
{
	char found[SHA256_HEX_BYTES];
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT key, genome, rung, checksum FROM training WHERE run = "
		"(SELECT number FROM run WHERE uuid = ?) AND key = ?");
	query_put_text(&q, run);
	query_put_text(&q, key);
	rc = query_next(&q, e);
	if (rc == 1) {
		query_sum(&q, "training", run);
		query_copy(&q, found, sizeof found);
		out->key = key;
		out->genome = query_int(&q);
		out->rung = query_int(&q);
		query_take_sum(&q, "the training of genome %lld of run %s",
			(long long)out->genome, run);
		rc = query_checked(&q, e);
	}
	query_end(&q);
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND,
			"the run has no training of that key");
	return rc == 1 ? 0 : rc;
}
