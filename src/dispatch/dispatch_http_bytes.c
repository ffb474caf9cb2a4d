/* dispatch_http_bytes.c -- what is too large for a document: blobs that a job
 * needs go to its peer, weights that its result names come from it.
 *
 * To read and to hash them takes as long as they are large: a hand does it,
 * without the lock, and the loop's thread goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "dispatch/dispatch_http.h"

#define BYTES_MS 120000
#define BYTES_MAX ((size_t)1 << 30)

static struct http_call call(
	const struct peer *p, const char *method, const char *url)
{
	return (struct http_call){.method = method,
		.url = url,
		.token = p->d->token,
		.timeout_ms = BYTES_MS};
}

/* -- flights: a call outlives an errand that ends meanwhile -- */

static struct bytes_flight *new_flight(struct errand *r)
{
	struct http_dispatch *d = r->peer->d;
	struct bytes_flight *f = xcalloc(1, sizeof *f);

	f->errand = r;
	f->d = d;
	buf_init(&f->bytes, BYTES_MAX);
	f->next = d->flights;
	f->at = &d->flights;
	if (f->next)
		f->next->at = &f->next;
	d->flights = f;
	r->flight = f;
	return f;
}

/* The errand that it was for, or NULL. */
static struct errand *end_flight(struct bytes_flight *f)
{
	struct errand *r = f->errand;

	if (r)
		r->flight = NULL;
	*f->at = f->next;
	if (f->next)
		f->next->at = f->at;
	buf_release(&f->bytes);
	free(f->weights);
	free(f);
	return r;
}

/* At the end nobody begins anything. */
static void give(struct bytes_flight *f, void (*run)(struct task *t))
{
	f->task.run = run;
	if (!f->d->closing)
		hands_give(f->d->hands, &f->task);
}

static void end_well_or_not(struct bytes_flight *f, const struct err *why)
{
	struct errand *r = end_flight(f);

	if (r && why->code)
		errand_refused(r, why);
}

void bytes_drop(struct errand *r)
{
	if (r->flight)
		r->flight->errand = NULL;
	r->flight = NULL;
	json_decref(r->result);
	r->result = NULL;
	free(r->weights);
	r->weights = NULL;
}

void bytes_release(struct http_dispatch *d)
{
	while (d->flights)
		end_flight(d->flights);
}

/* -- blobs -- */

static void brought(void *flight, struct http_answer *a, const struct err *e)
{
	struct bytes_flight *f = flight;
	struct http_dispatch *d = f->d;
	struct err why = *e;
	json_t *answer = NULL;
	struct errand *r;

	if (!why.code)
		http_answer_json(a, "", &answer, &why);
	json_decref(answer);
	pthread_mutex_lock(&d->lock);
	r = end_flight(f);
	if (r && why.code) {
		errand_refused(r, &why);
	} else if (r) {
		r->brought++;
		bytes_bring(r);
	}
	pthread_mutex_unlock(&d->lock);
}

static void put_blob(struct bytes_flight *f, const char *sha256)
{
	const struct peer *p = f->errand->peer;
	char url[PEER_URL_BYTES];
	struct http_call c = call(p, "PUT", url);

	snprintf(url, sizeof url, "%s/v1/blobs/%s", p->info.url, sha256);
	c.bytes = f->bytes.data ? f->bytes.data : "";
	c.n_bytes = f->bytes.len;
	http_loop_call(p->d->loop, &c, brought, f);
}

/* A hand's: what has been read is for the loop's thread to send. */
static void read_blob(struct task *t)
{
	struct bytes_flight *f = (struct bytes_flight *)t;
	struct http_dispatch *d = f->d;
	struct err why = {.code = 0};
	int rc = d->blob(d->blob_ctx, f->sha256, &f->bytes, &why);

	pthread_mutex_lock(&d->lock);
	if (rc || !f->errand) {
		end_well_or_not(f, &why);
	} else {
		f->next_read = d->read;
		d->read = f;
		http_loop_wake(d->loop);
	}
	pthread_mutex_unlock(&d->lock);
}

void bytes_bring(struct errand *r)
{
	const char *sha256 = r->brought < DISPATCH_BLOBS_MAX
				     ? r->job->blobs[r->brought]
				     : "";
	struct bytes_flight *f;

	if (!sha256[0]) {
		errand_move(r, ERRAND_NEW);
		push_wake(r->peer->d);
		return;
	}
	errand_move(r, ERRAND_BRINGING);
	f = new_flight(r);
	snprintf(f->sha256, sizeof f->sha256, "%s", sha256);
	give(f, read_blob);
}

void bytes_send(struct http_dispatch *d)
{
	struct bytes_flight *f;

	while ((f = d->read)) {
		d->read = f->next_read;
		if (f->errand)
			put_blob(f, f->sha256);
		else
			end_flight(f);
	}
}

/* -- weights -- */

/* Takes the bytes over, which are malloc's. */
static void deliver(struct errand *r, char *bytes, size_t n)
{
	struct dispatch_result out = {.weights = bytes, .n_weights = n};

	strcpy(out.id, r->id);
	out.document = json_incref(r->result);
	errand_deliver(r, &out);
}

/* A hand's.  Bytes with another hash are a broken link's. */
static void check_weights(struct task *t)
{
	struct bytes_flight *f = (struct bytes_flight *)t;
	struct http_dispatch *d = f->d;
	char hex[SHA256_HEX_BYTES], *weights = f->weights;
	const size_t n = f->n_weights;
	struct err why = {.code = 0};
	struct errand *r;

	sha256_of(weights, n, hex);
	if (strcmp(hex, f->sha256) != 0)
		err_set(&why, ERR_WORLD, "the weights did not arrive whole");
	pthread_mutex_lock(&d->lock);
	f->weights = NULL;
	r = end_flight(f);
	if (r && why.code)
		errand_refused(r, &why);
	else if (r)
		deliver(r, weights, n);
	if (!r || why.code)
		free(weights);
	pthread_mutex_unlock(&d->lock);
}

/* The weights are here, malloc's, and are the flight's from now on. */
static void take_weights(struct bytes_flight *f, char *weights, size_t n)
{
	const json_t *named = json_object_get(f->errand->result, "weights");
	const char *sha256;
	struct err why;

	f->weights = weights;
	f->n_weights = n;
	if (doc_str(named, "/result/weights", "sha256", 64, 64, &sha256,
		    &why)) {
		end_well_or_not(f, &why);
		return;
	}
	strcpy(f->sha256, sha256);
	give(f, check_weights);
}

static void fetched(void *flight, struct http_answer *a, const struct err *e)
{
	struct bytes_flight *f = flight;
	struct http_dispatch *d = f->d;
	struct err why = *e;

	if (!why.code && a->status != 200)
		err_set(&why, ERR_WORLD, "the weights did not come (status %d)",
			a->status);
	pthread_mutex_lock(&d->lock);
	if (why.code || !f->errand) {
		end_well_or_not(f, &why);
	} else {
		take_weights(f, a->body, a->n);
		a->body = NULL;
	}
	pthread_mutex_unlock(&d->lock);
}

void bytes_fetch(struct errand *r)
{
	const struct peer *p = r->peer;
	char url[PEER_URL_BYTES], *id = http_encode(r->id);
	struct http_call c = call(p, "GET", url);

	snprintf(url, sizeof url, "%s/v1/jobs/%s/weights", p->info.url, id);
	free(id);
	c.answer_max = BYTES_MAX;
	http_loop_call(p->d->loop, &c, fetched, new_flight(r));
}

void bytes_join(struct errand *r)
{
	char *weights = r->weights;
	struct err why;

	r->weights = NULL;
	if (weights) {
		take_weights(new_flight(r), weights, r->n_weights);
		return;
	}
	err_set(&why, ERR_WORLD, "the weights did not come along");
	errand_refused(r, &why);
}
