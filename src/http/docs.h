/* docs.h -- what every service serves beside its own routes: /healthz, /readyz,
 * /openapi.json, /docs (a page and its files, gzipped, strict CSP).  What these
 * are is the service's to say. */
#ifndef HTTP_DOCS_H
#define HTTP_DOCS_H

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

/* What the handlers of DOCS_ROUTES read: a service's context starts with one.
 */
struct docs {
	const struct asset *assets; /* static; those of /docs are served */
	size_t n_assets;
	const struct asset *openapi; /* NULL: the service has none */
	int (*ready)(void *ctx, struct err *why_not); /* NULL: always */
};

/* GET /healthz: 200 as long as the process answers at all. */
void docs_healthz(
	void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /readyz: 200, or 503 with the sentence of `ready`. */
void docs_readyz(void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /openapi.json: the service's OpenAPI document. */
void docs_openapi(
	void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /docs: the page of that path. */
void docs_page(void *ctx, const struct http_request *q, struct http_reply *r);

/* GET /docs/{file}: what that page loads. */
void docs_asset(void *ctx, const struct http_request *q, struct http_reply *r);

#define DOCS_ROUTES                                                         \
	{"GET", "/healthz", docs_healthz, HTTP_OPEN, 0, NULL},              \
		{"GET", "/readyz", docs_readyz, HTTP_OPEN, 0, NULL},        \
		{"GET", "/openapi.json", docs_openapi, HTTP_OPEN, 0, NULL}, \
		{"GET", "/docs", docs_page, HTTP_OPEN, 0, NULL},            \
	{                                                                   \
		"GET", "/docs/{file}", docs_asset, HTTP_OPEN, 0, NULL       \
	}

#endif
