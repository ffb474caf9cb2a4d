/* score_cache.c -- a key leads to a genome and a rung, and these to a result.
 */
#include "service/driver/score_cache.h"

#include <stdio.h>
#include <string.h>

#include "service/stored.h"
#include "wire/job_json.h"

#define FIND_ARENA_MAX ((size_t)16 << 20)

int score_cache_put(struct driver *d, const char *key, int64_t genome, int rung,
	struct err *e)
{
	return store_training_put(d->world->store, d->uuid,
		&(struct store_training){
			.key = key, .genome = genome, .rung = rung},
		e);
}

/* A failure, and all that a run without rungs has, is in the genome's row. */
static int read_text(struct driver *d, struct arena *mem,
	const struct store_training *t, const char **out, struct err *e)
{
	struct store *s = d->world->store;
	struct store_genome genome;
	struct store_rung *rows;
	size_t n;
	int rc = store_rungs(s, mem, d->uuid, t->genome, &rows, &n, e);

	*out = NULL;
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (rows[i].rung == t->rung)
			*out = rows[i].result;
	if (rc || *out)
		return rc;
	rc = store_genome_get(s, mem, d->uuid, t->genome, &genome, e);
	if (rc == 0)
		*out = genome.result;
	return rc;
}

static int read_result(struct driver *d, struct arena *mem,
	const struct store_training *t, struct job_result *out, struct err *e)
{
	const char *text;
	json_t *doc;
	int rc = read_text(d, mem, t, &text, e);

	if (rc)
		return rc;
	doc = stored_json(text);
	rc = doc ? result_read(mem, doc, out, e)
		 : err_set(e, ERR_INVALID, "genome %lld has no result",
			   (long long)t->genome);
	json_decref(doc);
	return rc;
}

int score_cache_has_weights(struct driver *d, const struct job_result *r)
{
	size_t n;

	return !r->has_weights ||
	       blob_size(d->world->blobs, r->weights, &n, NULL) == 0;
}

/* A crash may be the machine's, and a name without a blob is of no use. */
static int usable(struct driver *d, const struct job_result *r)
{
	return r->failure != FAILURE_CRASH && score_cache_has_weights(d, r);
}

/* The result of the job `id`, if it has that key; a new reference. */
static int find(struct driver *d, const char *key, const char *id, json_t **out,
	struct err *e)
{
	struct store_training t;
	struct job_result r;
	struct arena mem;
	int rc = store_training_get(d->world->store, d->uuid, key, &t, e);

	if (rc)
		return rc;
	arena_init(&mem, FIND_ARENA_MAX);
	rc = read_result(d, &mem, &t, &r, e);
	if (rc == 0 && !usable(d, &r))
		rc = err_set(e, ERR_NOT_FOUND, "the result cannot be shared");
	if (rc == 0) {
		snprintf(r.id, sizeof r.id, "%s", id);
		r.cpu_s = 0;
		r.cached = 1;
		r.cached_from = t.genome;
		*out = result_write(&r);
	}
	arena_release(&mem);
	return rc;
}

int score_cache_answer(struct driver *d, const struct run_command *c)
{
	struct mail m = {.kind = MAIL_CACHED};
	struct err e;
	int rc;

	if (!c->key[0])
		return 0;
	rc = find(d, c->key, c->job.id, &m.result.document, &e);
	if (rc == 0) {
		strcpy(m.result.id, c->job.id);
		mailbox_put(&d->mail, &m);
	} else if (rc != ERR_NOT_FOUND) {
		log_warn(d->world->log, "cache-unreadable", log_job(c->job.id),
			log_trace(d->trace.id), log_reason(e.text));
	}
	return rc == 0;
}
