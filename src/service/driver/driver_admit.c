/* driver_admit.c -- what must hold, and be kept, before a result may count. */
#include "service/driver/driver_admit.h"

#include <string.h>

#include "service/driver/score_cache.h"

/* Counts a crash of the genome's child; the third is the genome's own: 0.
 * ERR_BUSY before that: the job is to be tried again. */
static int count_crash(struct driver *d, struct job_result *res, struct err *e)
{
	struct store *store = d->world->store;
	int64_t crashes = 0;
	struct job_id id;

	if (job_id_read(res->id, &id, e) || store_begin(store, e))
		return ERR_WORLD;
	if (store_genome_crash(store, d->uuid, id.genome, &crashes, e)) {
		store_rollback(store);
		return ERR_WORLD;
	}
	if (store_commit(store, e))
		return ERR_WORLD;
	log_warn(d->world->log, "child-crashed", log_job(res->id),
		log_int("crashes", crashes), log_trace(d->trace.id));
	if (crashes < DRIVER_CRASHES_MAX)
		return ERR_BUSY;
	res->failure = FAILURE_GENOME;
	strcpy(res->code, "crash");
	return 0;
}

/* Keeps the weights of a job before a row may name them. */
static int keep_weights(struct driver *d, const struct mail *m,
	const struct job_result *res, struct err *e)
{
	char name[SHA256_HEX_BYTES];
	int rc;

	if (!res->weights[0] || res->failure != FAILURE_NONE ||
		!(res->final || d->run.settings.inherit))
		return 0;
	if (!m->result.weights)
		return err_set(
			e, ERR_INVALID, "the weights did not come along");
	rc = blob_put(d->world->blobs, m->result.weights, m->result.n_weights,
		name, e);
	if (rc == 0 && strcmp(name, res->weights) != 0)
		rc = err_set(e, ERR_INVALID, "the weights are not those named");
	return rc;
}

/* Only we can say that nothing was trained. */
static int check_origin(
	const struct mail *m, const struct job_result *res, struct err *e)
{
	if (res->cached == (m->kind == MAIL_CACHED))
		return 0;
	return err_set(e, ERR_INVALID,
		"it has \"cached_from\", which no worker's result has");
}

/* Between the look-up and now they may have gone: the job is to be run. */
static int find_weights(
	struct driver *d, const struct job_result *res, struct err *e)
{
	if (score_cache_has_weights(d, res))
		return 0;
	return err_set(e, ERR_BUSY, "the weights are gone");
}

int driver_admit(struct driver *d, const struct mail *m, struct job_result *res,
	struct err *e)
{
	int rc = check_origin(m, res, e);

	if (rc == 0)
		rc = res->cached ? find_weights(d, res, e)
				 : keep_weights(d, m, res, e);
	return rc == 0 && res->failure == FAILURE_CRASH ? count_crash(d, res, e)
							: rc;
}
