/* dispatch_nats_results.c -- what workers have published, fetched and given to
 * the jobs that it belongs to.
 *
 * A message: {"worker", "status"}, the status as a report has it.  It stays in
 * the stream until its job is done, or nobody has submitted the job for a
 * while. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/doc.h"
#include "dispatch/dispatch_nats.h"

#define TOGETHER 256
#define WAIT_MS 1000
#define REST_MS 200
#define STRANGE_MS 2000 /* a job that is not known may be soon */
#define STRANGE_TIMES 5
#define BYTES_MAX ((size_t)256 << 20) /* of weights */

/* What a message says, read. */
struct heard {
	char job[DISPATCH_ID_MAX], worker[DISPATCH_MEMBER_ID_MAX];
	struct dispatch_result result;
};

static int read_status(const json_t *status, struct heard *out, struct err *e)
{
	const json_t *result;
	const char *id;

	if (doc_str(status, "/status", "id", 1, DISPATCH_ID_MAX - 1, &id, e) ||
		doc_obj(status, "/status", "result", &result, e))
		return e->code;
	strcpy(out->job, id);
	if (doc_str(result, "/status/result", "id", 1, DISPATCH_ID_MAX - 1, &id,
		    e))
		return e->code;
	if (strcmp(id, out->job) != 0)
		return err_set(
			e, ERR_INVALID, "the worker answered for another job");
	strcpy(out->result.id, id);
	out->result.document = json_incref((json_t *)result);
	return 0;
}

static int read_message(const json_t *doc, struct heard *out, struct err *e)
{
	static const char *const names[] = {"worker", "status", NULL};
	const json_t *status;
	const char *worker;
	int rc = doc_only(doc, "", names, e);

	if (rc == 0)
		rc = doc_str(doc, "", "worker", 1, DISPATCH_MEMBER_ID_MAX - 1,
			&worker, e);
	if (rc == 0)
		rc = doc_obj(doc, "", "status", &status, e);
	if (rc)
		return rc;
	strcpy(out->worker, worker);
	return read_status(status, out, e);
}

/* The worker has brought them before it published; without the lock. */
static int fetch_weights(
	struct nats_dispatch *d, struct dispatch_result *r, struct err *e)
{
	const json_t *weights = NULL;
	const char *sha256;
	struct buf bytes;
	int rc = doc_obj_opt(r->document, "/result", "weights", &weights, e);

	if (rc || !weights)
		return rc;
	rc = doc_str(weights, "/result/weights", "sha256", 64, 64, &sha256, e);
	if (rc)
		return rc;
	buf_init(&bytes, BYTES_MAX);
	rc = d->blob(d->blob_ctx, sha256, &bytes, e);
	if (rc == 0) {
		r->n_weights = bytes.len;
		r->weights = buf_take(&bytes);
	}
	buf_release(&bytes);
	return rc;
}

/* A worker that has published and then gone is none that is here. */
static struct nats_worker *speaker(struct nats_dispatch *d, const char *id)
{
	struct nats_worker *w = nats_worker_find(d, id);

	return w ? w : &d->stranger;
}

/* With the lock held: whether the message is done with. */
static int give(
	struct nats_dispatch *d, struct heard *h, const struct nats_receipt *r)
{
	struct nats_job *j = nats_job_find(d, h->job);

	if (!j)
		return 0;
	if (j->stage != NATS_OPEN) {
		/* Delivered again, for it took long: the newest receipt
		 * counts. */
		if (j->receipt.seq != r->seq)
			return 1;
		j->receipt = *r;
		return 0;
	}
	nats_place_spoke(d, j, speaker(d, h->worker), &h->result);
	/* What was heard of a witnessed job is here alone until it is ready:
	 * its messages wait with it. */
	if (j->stage != NATS_READY)
		return 1;
	j->receipt = *r;
	return 0;
}

static int is_open(struct nats_dispatch *d, const char *id)
{
	const struct nats_job *j;
	int yes;

	pthread_mutex_lock(&d->lock);
	j = nats_job_find(d, id);
	yes = j && j->stage == NATS_OPEN;
	pthread_mutex_unlock(&d->lock);
	return yes;
}

/* The result's weights are not where they should be: it is no result. */
static void refuse(
	struct nats_dispatch *d, const struct heard *h, const struct err *why)
{
	struct nats_worker *w;
	struct nats_place *p;
	struct nats_job *j;

	pthread_mutex_lock(&d->lock);
	j = nats_job_find(d, h->job);
	w = nats_worker_find(d, h->worker);
	p = j && w ? nats_place_of(j, w) : NULL;
	if (j)
		nats_job_failed(j, w, why->text, clock_mono_ms());
	if (p)
		nats_place_free(j, p);
	pthread_mutex_unlock(&d->lock);
	log_warn(d->log, "result-unusable", log_job(h->job),
		log_reason(why->text));
}

static void settle(
	struct nats_dispatch *d, struct heard *h, const struct nats_receipt *r)
{
	int known, done;

	pthread_mutex_lock(&d->lock);
	known = nats_job_find(d, h->job) != NULL;
	done = give(d, h, r);
	pthread_mutex_unlock(&d->lock);
	if (done || (!known && r->delivered >= STRANGE_TIMES))
		nats_done(&d->link, r);
	else if (!known)
		nats_again(&d->link, r, STRANGE_MS);
}

static void hear(struct nats_dispatch *d, natsMsg *m)
{
	struct heard h = {.result = {.document = NULL}};
	struct nats_receipt r;
	struct err e = {0};
	json_t *doc;

	if (nats_receipt_of(m, &r, &e))
		return;
	doc = doc_parse(
		natsMsg_GetData(m), (size_t)natsMsg_GetDataLength(m), &e);
	if (!doc || read_message(doc, &h, &e)) {
		log_warn(d->log, "result-unusable", log_reason(e.text));
		nats_done(&d->link, &r);
	} else if (is_open(d, h.job) && fetch_weights(d, &h.result, &e)) {
		refuse(d, &h, &e);
		nats_done(&d->link, &r);
	} else {
		settle(d, &h, &r);
	}
	dispatch_result_release(&h.result);
	json_decref(doc);
}

/* -- the thread -- */

/* False: the consumer is gone, or the connection. */
static int fetch(struct nats_dispatch *d, struct nats_inbox *inbox)
{
	natsMsg *list[TOGETHER];
	int n = nats_fetch(&d->link, inbox, NATS_RESULTS, d->consumer, TOGETHER,
		WAIT_MS, list);

	for (int i = 0; i < n; i++) {
		hear(d, list[i]);
		natsMsg_Destroy(list[i]);
	}
	return n >= 0;
}

/* The consumer is gone, or the connection: the keeper sees to it. */
static void wait_for_keeper(struct nats_dispatch *d)
{
	pthread_mutex_lock(&d->lock);
	d->ready = 0;
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
}

static int may_fetch(struct nats_dispatch *d)
{
	int yes;

	pthread_mutex_lock(&d->lock);
	yes = d->ready && !d->followed;
	pthread_mutex_unlock(&d->lock);
	return yes && nats_link_up(&d->link);
}

void *nats_results_main(void *dispatch)
{
	struct nats_dispatch *d = dispatch;
	struct nats_inbox *inbox = NULL;

	while (!atomic_load(&d->closing)) {
		if (!may_fetch(d)) {
			clock_sleep_ms(REST_MS);
			continue;
		}
		if (!inbox)
			inbox = nats_inbox_open(&d->link, NULL, NULL);
		if (!inbox || !fetch(d, inbox)) {
			wait_for_keeper(d);
			clock_sleep_ms(REST_MS);
		}
	}
	nats_inbox_close(inbox);
	return NULL;
}
