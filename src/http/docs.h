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

/* Handlers for the routes of DOCS_ROUTES.  A service's context starts with a
 * `struct docs`, which they read. */
struct docs {
	const struct asset *assets; /* static; those of /docs are served */
	size_t n_assets;
	const struct asset *openapi; /* NULL: the service has none */
	int (*ready)(void *ctx, struct err *why_not); /* NULL: always */
};
void docs_healthz(
	void *ctx, const struct http_request *q, struct http_reply *r);
void docs_readyz(void *ctx, const struct http_request *q, struct http_reply *r);
void docs_openapi(
	void *ctx, const struct http_request *q, struct http_reply *r);
void docs_page(void *ctx, const struct http_request *q, struct http_reply *r);
void docs_asset(void *ctx, const struct http_request *q, struct http_reply *r);

#define DOCS_ROUTES                                                   \
	{"GET", "/healthz", docs_healthz, HTTP_OPEN, 0},              \
		{"GET", "/readyz", docs_readyz, HTTP_OPEN, 0},        \
		{"GET", "/openapi.json", docs_openapi, HTTP_OPEN, 0}, \
		{"GET", "/docs", docs_page, HTTP_OPEN, 0},            \
	{                                                             \
		"GET", "/docs/{file}", docs_asset, HTTP_OPEN, 0       \
	}

#endif
