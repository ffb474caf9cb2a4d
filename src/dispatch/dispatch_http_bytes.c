/* dispatch_http_bytes.c -- what is too large for a document: blobs that a job
 * needs go to its peer, weights that its result names come from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/hash.h"
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
	free(f);
	return r;
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

void bytes_bring(struct errand *r)
{
	const struct http_dispatch *d = r->peer->d;
	const char *sha256 = r->brought < DISPATCH_BLOBS_MAX
				     ? r->job->blobs[r->brought]
				     : "";
	struct bytes_flight *f;
	struct err why;

	if (!sha256[0]) {
		errand_move(r, ERRAND_NEW);
		push_wake(r->peer->d);
		return;
	}
	errand_move(r, ERRAND_BRINGING);
	f = new_flight(r);
	/* It is in the cache of files as a rule: what a job needs was written,
	 * or needed, a moment ago. */
	if (d->blob(d->blob_ctx, sha256, &f->bytes, &why)) {
		end_flight(f);
		errand_refused(r, &why);
	} else {
		put_blob(f, sha256);
	}
}

/* -- weights -- */

/* Bytes with another hash are a broken link's. */
static int check(const struct errand *r, int status, const char *bytes,
	size_t n, struct err *why)
{
	const json_t *weights = json_object_get(r->result, "weights");
	char hex[SHA256_HEX_BYTES];
	const char *sha256;
	int rc = doc_str(
		weights, "/result/weights", "sha256", 64, 64, &sha256, why);

	if (rc)
		return rc;
	sha256_of(bytes, n, hex);
	if (status == 200 && strcmp(hex, sha256) == 0)
		return 0;
	return err_set(why, ERR_WORLD,
		"the weights did not arrive whole (status %d)", status);
}

/* Takes the bytes over, which are malloc's. */
static void deliver(struct errand *r, char *bytes, size_t n)
{
	struct dispatch_result out = {.weights = bytes, .n_weights = n};

	strcpy(out.id, r->id);
	out.document = json_incref(r->result);
	errand_deliver(r, &out);
}

static void fetched(void *flight, struct http_answer *a, const struct err *e)
{
	struct bytes_flight *f = flight;
	struct http_dispatch *d = f->d;
	struct err why = *e;
	struct errand *r;

	pthread_mutex_lock(&d->lock);
	r = end_flight(f);
	if (r && !why.code)
		check(r, a->status, a->body, a->n, &why);
	if (r && why.code) {
		errand_refused(r, &why);
	} else if (r) {
		deliver(r, a->body, a->n);
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
	char *bytes = r->weights;
	struct err why;

	if (!bytes) {
		err_set(&why, ERR_WORLD, "the weights did not come along");
		errand_refused(r, &why);
	} else if (check(r, 200, bytes, r->n_weights, &why)) {
		errand_refused(r, &why);
	} else {
		r->weights = NULL;
		deliver(r, bytes, r->n_weights);
	}
}
