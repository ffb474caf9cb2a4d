/* blob_s3.c -- objects below a prefix of a bucket, one a blob, by plain GET,
 * HEAD, PUT and DELETE.
 *
 * A PUT is durable, and seen by whoever asks, when it is answered.  The store
 * may have a bad moment: what it did not do is asked for again, a few times. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "blob/blob_backend.h"
#include "blob/s3_list.h"
#include "http/client.h"
#include "http/download.h"
#include "http/s3.h"

#define KEY_MAX 1024   /* bytes, as S3 has it */
#define PREFIX_MAX 900 /* ... and a hash fits in after it */
#define TRIES 4
#define FIRST_PAUSE_MS 200
#define CALL_MS 30000
#define PUT_MS 300000
#define LIST_MAX ((size_t)4 << 20)

struct s3 {
	char *url; /* place's key points into it */
	struct s3_place place;
	char *prefix; /* with a slash at its end, or "" */
};

/* -- what answers mean -- */

static int refused(int status, struct err *e)
{
	if (status == 404)
		return blob_absent(e);
	if (status == 401 || status == 403)
		return err_set(e, ERR_DENIED,
			"the S3 store refuses the blobs' keys (status %d): "
			"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
			"AWS_REGION must be those of the bucket",
			status);
	if (status >= 300 && status <= 399)
		return err_set(e, ERR_WORLD,
			"the S3 store leads elsewhere: is AWS_REGION that of "
			"the bucket?");
	return err_set(
		e, ERR_WORLD, "the S3 store answered with status %d", status);
}

static int may_help(int rc, int status)
{
	return rc == ERR_WORLD &&
	       (status == 0 || status == 408 || status == 429 || status >= 500);
}

/* True if there is another try, after a pause. */
static int pause_before(int *failures)
{
	if (++*failures >= TRIES)
		return 0;
	clock_sleep_ms((int64_t)FIRST_PAUSE_MS << (2 * (*failures - 1)));
	return 1;
}

static int object_url(const struct s3 *s, const char *name,
	char url[S3_URL_BYTES], struct err *e)
{
	char key[KEY_MAX + 1];

	if (snprintf(key, sizeof key, "%s%s", s->prefix, name) >=
		(int)sizeof key)
		return err_set(e, ERR_INVALID, "the blobs' prefix is too long");
	return s3_object(&s->place, key, url, e);
}

/* The call is made until it is done, or refused; the body, of an answer that
 * one is wanted of, is the caller's. */
static int call(
	const struct s3 *s, struct http_call *c, char **body, struct err *e)
{
	struct http_answer a = {.status = 0};
	int rc, failures = 0;

	c->sign = &s->place.signing;
	do {
		a.status = 0;
		rc = http_call(c, &a, e);
		if (rc == 0 && (a.status < 200 || a.status > 299))
			rc = refused(a.status, e);
		if (rc == 0 && body)
			*body = a.body;
		else if (a.status)
			http_answer_release(&a);
	} while (may_help(rc, a.status) && pause_before(&failures));
	return rc;
}

/* -- all of them -- */

struct page {
	const struct blob_told *told;
	int64_t age_s, now_s;
};

static int tell_object(
	void *page, const char *name, int64_t stored_s, struct err *e)
{
	const struct page *p = page;

	if (!sha256_is_hex(name)) /* somebody else's */
		return 0;
	return p->age_s == 0 || p->now_s - stored_s >= p->age_s
		       ? p->told->one(p->told->ctx, name, e)
		       : 0;
}

/* Names in their order, as they are signed. */
static int list_url(const struct s3 *s, const char *token, int max,
	char url[S3_URL_BYTES], struct err *e)
{
	char *prefix = http_encode(s->prefix), *encoded = http_encode(token);
	const int n = snprintf(url, S3_URL_BYTES,
		"%s/?%s%s%slist-type=2&max-keys=%d&prefix=%s", s->place.bucket,
		token[0] ? "continuation-token=" : "", encoded,
		token[0] ? "&" : "", max, prefix);

	free(prefix);
	free(encoded);
	return n < S3_URL_BYTES
		       ? 0
		       : err_set(e, ERR_INVALID, "the URL is too long");
}

static int list(const struct s3 *s, const char *token, int max, char **xml,
	struct err *e)
{
	char url[S3_URL_BYTES];
	int rc = list_url(s, token, max, url, e);

	if (rc)
		return rc;
	rc = call(s,
		&(struct http_call){.method = "GET",
			.url = url,
			.timeout_ms = CALL_MS,
			.answer_max = LIST_MAX},
		xml, e);
	if (rc == ERR_NOT_FOUND)
		rc = err_set(e, ERR_NOT_FOUND,
			"the S3 store has no bucket of that name");
	return rc;
}

static int s3_each(struct blob_place *place, int64_t age_s,
	const struct blob_told *told, struct err *e)
{
	struct page p = {told, age_s, 0};
	char token[S3_TOKEN_BYTES] = "", *xml;
	int rc;

	do {
		rc = list((struct s3 *)place, token, 1000, &xml, e);
		if (rc)
			return rc;
		p.now_s = (int64_t)time(NULL);
		rc = s3_list_read(xml, tell_object, &p, token, e);
		free(xml);
	} while (rc == 0 && token[0]);
	return rc;
}

/* -- the place -- */

static void s3_close(struct blob_place *place)
{
	struct s3 *s = (struct s3 *)place;

	free(s->prefix);
	free(s->url);
	free(s);
}

static int read_place(struct s3 *s, struct err *e)
{
	size_t n;
	int rc = s3_place_of(s->url, &s->place, e);

	if (rc)
		return rc;
	if (!s->place.is_signed)
		return err_set(e, ERR_INVALID,
			"blobs in an S3 store need AWS_ACCESS_KEY_ID and "
			"AWS_SECRET_ACCESS_KEY in the environment");
	n = strlen(s->place.key);
	if (n > PREFIX_MAX)
		return err_set(e, ERR_INVALID,
			"the blobs' prefix has %zu bytes: %d is the most", n,
			PREFIX_MAX);
	s->prefix = xcalloc(1, n + 2);
	snprintf(s->prefix, n + 2, "%s%s", s->place.key,
		n > 0 && s->place.key[n - 1] != '/' ? "/" : "");
	return 0;
}

/* The keys and the bucket are tried, so that what is wrong is said now. */
static int try_place(const struct s3 *s, struct err *e)
{
	char *xml;
	int rc = list(s, "", 1, &xml, e);

	if (rc == 0)
		free(xml);
	return rc;
}

static struct blob_place *s3_open(const char *url, struct err *e)
{
	struct s3 *s = xcalloc(1, sizeof *s);

	s->url = xstrdup(url);
	if (read_place(s, e) == 0 && try_place(s, e) == 0)
		return (struct blob_place *)s;
	s3_close((struct blob_place *)s);
	return NULL;
}

/* -- in -- */

static int s3_put(struct blob_place *place, const char *name, const void *bytes,
	size_t n, struct err *e)
{
	const struct s3 *s = (struct s3 *)place;
	char url[S3_URL_BYTES];
	int rc = object_url(s, name, url, e);

	if (rc)
		return rc;
	rc = call(s,
		&(struct http_call){.method = "PUT",
			.url = url,
			.bytes = n > 0 ? bytes : "",
			.n_bytes = n,
			.timeout_ms = PUT_MS},
		NULL, e);
	if (rc == ERR_NOT_FOUND)
		rc = err_set(e, ERR_WORLD, "the blobs' bucket is gone");
	return rc;
}

/* -- out -- */

static int look_at(const struct s3 *s, const char *name,
	struct http_downloaded *out, struct err *e)
{
	char url[S3_URL_BYTES];
	int rc = object_url(s, name, url, e), failures = 0;

	if (rc)
		return rc;
	do {
		rc = http_download(&(struct http_download){.url = url,
					   .head_alone = 1,
					   .sign = &s->place.signing},
			out, e);
		if (rc == 0 && (out->status < 200 || out->status > 299))
			rc = refused(out->status, e);
	} while (may_help(rc, out->status) && pause_before(&failures));
	return rc;
}

static int s3_size(
	struct blob_place *place, const char *name, size_t *n, struct err *e)
{
	struct http_downloaded head;
	int rc = look_at((struct s3 *)place, name, &head, e);

	if (rc == 0 && !head.has_bytes)
		rc = err_set(e, ERR_WORLD,
			"the S3 store does not say how long a blob is");
	if (rc == 0)
		*n = (size_t)head.bytes;
	return rc;
}

struct reading {
	const struct blob_sink *to;
	uint64_t at;
	int failed; /* the sink's, after which there is no other try */
};

static int take(
	void *reading, uint64_t at, const char *bytes, size_t n, struct err *e)
{
	struct reading *r = reading;

	if (at != r->at)
		return err_set(e, ERR_WORLD,
			"the S3 store does not go on where it was");
	r->failed = r->to->take(r->to->ctx, bytes, n, e);
	r->at += n;
	return r->failed;
}

/* One that breaks off goes on where it was. */
static int s3_read(struct blob_place *place, const char *name,
	const struct blob_sink *to, struct err *e)
{
	const struct s3 *s = (struct s3 *)place;
	struct reading r = {.to = to};
	struct http_downloaded got;
	char url[S3_URL_BYTES];
	int rc = object_url(s, name, url, e), failures = 0;

	if (rc)
		return rc;
	do {
		rc = http_download(&(struct http_download){.url = url,
					   .from = r.at,
					   .sign = &s->place.signing,
					   .take = take,
					   .ctx = &r},
			&got, e);
		if (rc == 0 && (got.status < 200 || got.status > 299))
			rc = refused(got.status, e);
		else if (rc)
			got.status = 0;
	} while (!r.failed && may_help(rc, got.status) &&
		 pause_before(&failures));
	return rc;
}

/* -- away -- */

/* "Sun, 06 Nov 1994 08:49:37 GMT"; what cannot be read is young. */
static int is_of_age(const struct http_downloaded *head, int64_t age_s)
{
	struct tm t = {.tm_sec = 0};

	if (age_s == 0)
		return 1;
	return strptime(head->modified, "%a, %d %b %Y %H:%M:%S", &t) &&
	       (int64_t)time(NULL) - (int64_t)timegm(&t) >= age_s;
}

/* It may have been stored again since it was listed. */
static int s3_remove(struct blob_place *place, const char *name, int64_t age_s,
	struct err *e)
{
	const struct s3 *s = (struct s3 *)place;
	struct http_downloaded head;
	char url[S3_URL_BYTES];
	int rc = object_url(s, name, url, e);

	if (rc == 0 && age_s > 0)
		rc = look_at(s, name, &head, e);
	if (rc == 0 && age_s > 0 && !is_of_age(&head, age_s))
		return 0;
	if (rc == 0)
		rc = call(s,
			&(struct http_call){.method = "DELETE",
				.url = url,
				.timeout_ms = CALL_MS},
			NULL, e);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

const struct blob_backend blob_s3 = {
	.scheme = "s3",
	.open = s3_open,
	.close = s3_close,
	.put = s3_put,
	.read = s3_read,
	.size = s3_size,
	.each = s3_each,
	.remove = s3_remove,
};
