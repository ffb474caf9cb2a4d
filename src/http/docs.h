/* docs.h -- what every service serves beside its own routes: /healthz, /readyz,
 * /metrics, /openapi.json, a home page at / and /docs (with their files,
 * gzipped, under a strict CSP).  What these are is the service's to say. */
#ifndef HTTP_DOCS_H
#define HTTP_DOCS_H

#include "http/metrics.h"
#include "http/server.h"

struct asset {
	const char *path; /* "/docs/swagger-ui.css" */
	const char *type;
	const unsigned char *gzip; /* the bytes as served */
	size_t n;
};

/* The asset of that path, or NULL. */
const struct asset *asset_find(
	const struct asset *assets, size_t n, const char *path);

/* Its plain bytes, *n of them, to be freed. */
char *asset_plain(const struct asset *a, size_t *n);

/* What the handlers of DOCS_ROUTES read: a service's context starts with one.
 */
struct docs {
	const char *service;        /* its name */
	const struct asset *assets; /* static; those of /docs are served */
	size_t n_assets;
	const struct asset *home;    /* the page at /; NULL: there is none */
	const struct asset *openapi; /* NULL: the service has none */
	int (*ready)(void *ctx, struct err *why_not); /* NULL: always */
	/* Writes what GET /metrics shows beside what every service has; NULL:
	 * nothing. */
	void (*metrics)(void *ctx, struct metrics *m);
};

/* GET /healthz: 200 as long as the process answers at all; which service. */
void docs_healthz(
	void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /readyz: 200, or a 503 problem with the sentence of
 * `ready`. */
void docs_readyz(void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /metrics. */
void docs_metrics(
	void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /openapi.json: the service's OpenAPI document. */
void docs_openapi(
	void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /: the service's page for people. */
void docs_home(void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /assets/{file}: what that page loads.  A file whose content changes has
 * another name then, so a browser need never ask for it again. */
void docs_home_asset(
	void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /docs: the page of that path. */
void docs_page(void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /docs/{file}: what that page loads. */
void docs_asset(void *ctx, const struct http_request *q, struct http_reply *r);

#define DOCS_ROUTES                                                         \
	{"GET", "/", docs_home, HTTP_OPEN, 0, NULL},                        \
		{"GET", "/healthz", docs_healthz, HTTP_OPEN, 0, NULL},      \
		{"GET", "/readyz", docs_readyz, HTTP_OPEN, 0, NULL},        \
		{"GET", "/metrics", docs_metrics, 0, 0, NULL},              \
		{"GET", "/openapi.json", docs_openapi, HTTP_OPEN, 0, NULL}, \
		{"GET", "/docs", docs_page, HTTP_OPEN, 0, NULL},            \
	{                                                                   \
		"GET", "/docs/{file}", docs_asset, HTTP_OPEN, 0, NULL       \
	}

#endif
