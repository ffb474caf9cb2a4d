/* docs.c -- health, and files that a service has within itself. */
#include "http/docs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/hash.h"

#define PLAIN_MAX ((size_t)16 << 20)
#define ETAG_BYTES 36
#define METRICS_MAX ((size_t)4 << 20)
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Of what is to be asked for again each time, and of what never changes. */
#define CACHE_ASK "no-cache"
#define CACHE_KEEP "public, max-age=31536000, immutable"

/* Everything comes from this service, nothing is inlined, nothing is framed.
 * Swagger UI's icons are data: URLs in its style sheet. */
#define PAGE_POLICY                                                   \
	"default-src 'none'; script-src 'self'; style-src 'self'; "   \
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; " \
	"form-action 'none'; frame-ancestors 'none'"

const struct asset *asset_find(
	const struct asset *assets, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(assets[i].path, path) == 0)
			return &assets[i];
	return NULL;
}

/* With a name, so that a client knows whom it has found. */
static void reply_status(
	const struct docs *d, const char *status, struct http_reply *r)
{
	http_reply_json(r, 200,
		json_pack(
			"{s:s, s:s}", "status", status, "service", d->service));
}

void docs_healthz(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct docs *d = ctx;

	(void)q;
	reply_status(d, "ok", r);
}

void docs_readyz(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct docs *d = ctx;
	struct err e = {0};

	(void)q;
	if (d->ready && d->ready(ctx, &e))
		http_reply_problem(r, 503, &e);
	else
		reply_status(d, "ready", r);
}

/* The last four bytes of a gzip file are its plain size. */
static size_t plain_size(const struct asset *a)
{
	const unsigned char *tail = a->gzip + a->n - 4;

	return (size_t)tail[0] | (size_t)tail[1] << 8 | (size_t)tail[2] << 16 |
	       (size_t)tail[3] << 24;
}

/* Inflates an asset, whose bytes are our own and so cannot be wrong. */
char *asset_plain(const struct asset *a, size_t *n)
{
	z_stream z = {.next_in = (unsigned char *)a->gzip,
		.avail_in = (unsigned)a->n};
	char *plain;

	*n = plain_size(a);
	if (*n > PLAIN_MAX || inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		abort();
	plain = xcalloc(1, *n);
	z.next_out = (unsigned char *)plain;
	z.avail_out = (unsigned)*n;
	if (inflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	inflateEnd(&z);
	return plain;
}

static int takes_gzip(const struct http_request *q)
{
	const char *accepts = http_header(q, "Accept-Encoding");

	return accepts && strstr(accepts, "gzip") &&
	       !strstr(accepts, "gzip;q=0");
}

static int has_it(const struct http_request *q, const char *etag)
{
	const char *known = http_header(q, "If-None-Match");

	return known && strstr(known, etag);
}

/* -- for who takes no gzip: inflated as it is read -- */

static z_stream *inflating(const struct asset *a)
{
	z_stream *z = xcalloc(1, sizeof *z);

	z->next_in = (unsigned char *)a->gzip;
	z->avail_in = (unsigned)a->n;
	if (inflateInit2(z, 16 + MAX_WBITS) != Z_OK)
		abort();
	return z;
}

static int inflate_more(void *stream, char *out, size_t max)
{
	z_stream *z = stream;

	z->next_out = (unsigned char *)out;
	z->avail_out = (unsigned)max;
	/* Our own bytes: they are whole and right. */
	inflate(z, Z_NO_FLUSH);
	return z->avail_out == max ? -1 : (int)(max - z->avail_out);
}

static void inflate_done(void *stream)
{
	inflateEnd(stream);
	free(stream);
}

static void send_asset(const struct asset *a, const char *cache,
	const struct http_request *q, struct http_reply *r)
{
	char hash[SHA256_HEX_BYTES], etag[ETAG_BYTES];

	sha256_of(a->gzip, a->n, hash);
	snprintf(etag, sizeof etag, "\"%.32s\"", hash);
	http_reply_header(r, "ETag", etag);
	http_reply_header(r, "Cache-Control", cache);
	http_reply_header(r, "Vary", "Accept-Encoding");
	http_reply_header(r, "Content-Security-Policy", PAGE_POLICY);
	http_reply_header(r, "Referrer-Policy", "no-referrer");
	if (has_it(q, etag)) {
		http_reply_bytes(r, 304, a->type, "", 0);
	} else if (takes_gzip(q)) {
		http_reply_header(r, "Content-Encoding", "gzip");
		http_reply_static(r, 200, a->type, a->gzip, a->n);
	} else {
		http_reply_stream_of(r, a->type, plain_size(a), inflate_more,
			inflate_done, inflating(a));
	}
}

/* The asset, or a 404 for NULL. */
static void reply(const struct asset *a, const char *cache,
	const struct http_request *q, struct http_reply *r)
{
	struct err e;

	if (a) {
		send_asset(a, cache, q, r);
		return;
	}
	err_set(&e, ERR_NOT_FOUND, "there is no such page");
	http_reply_error(r, &e);
}

void docs_metrics(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct docs *d = ctx;
	struct metrics m;

	buf_init(&m.text, METRICS_MAX);
	metrics_server(&m, q);
	if (d->metrics)
		d->metrics(ctx, &m);
	http_reply_bytes(r, 200, METRICS_TYPE, m.text.data, m.text.len);
	buf_release(&m.text);
}

void docs_openapi(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct docs *d = ctx;

	reply(d->openapi, CACHE_ASK, q, r);
}

/* The file of the path's last part below that folder. */
static const struct asset *file_below(
	const struct docs *d, const char *folder, const struct http_request *q)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, http_param(q, "file"));
	return asset_find(d->assets, d->n_assets, path);
}

void docs_home(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct docs *d = ctx;

	reply(d->home, CACHE_ASK, q, r);
}

void docs_home_asset(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	reply(file_below(ctx, "/assets", q), CACHE_KEEP, q, r);
}

void docs_page(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct docs *d = ctx;

	reply(asset_find(d->assets, d->n_assets, "/docs"), CACHE_ASK, q, r);
}

void docs_asset(void *ctx, const struct http_request *q, struct http_reply *r)
{
	reply(file_below(ctx, "/docs", q), CACHE_ASK, q, r);
}
