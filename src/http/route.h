/* route.h -- a row of a service's table: a method and a path, and who answers.
 *
 * A path pattern names its parameters in braces, "/v1/runs/{uuid}", as OpenAPI
 * does, and text may follow in the same segment, "{id}.svg"; parameters arrive
 * percent-decoded, so a parameter may hold a slash that came as %2F. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include <stddef.h>

#define HTTP_BODY_MAX ((size_t)1 << 20) /* a route's default limit */

struct http_request; /* valid during the handler */
struct http_reply;   /* filled in by the handler */

/* Answers one request.  `ctx` is the service's.  Called from many threads. */
typedef void http_handler(
	void *ctx, const struct http_request *q, struct http_reply *r);

enum http_flags {
	HTTP_OPEN = 1,   /* no token asked: /healthz, /docs, ... */
	HTTP_LEGACY = 2, /* also answers under /api/ */
	HTTP_BYTES = 4,  /* the body is bytes, not JSON */
	HTTP_WORK = 8,   /* services ask it of each other: see access.h */
	HTTP_TEXT = 16,  /* it is JSON that the handler parses: http_bytes */
	HTTP_HEAVY = 32, /* its handler may take many megabytes */
	HTTP_LED = 64,   /* another server may have to answer: `elsewhere` */
};

struct http_route {
	const char *method, *path;
	http_handler *handler;
	unsigned flags;
	size_t body_max;   /* 0 means HTTP_BODY_MAX */
	const char *query; /* names of its query parameters, with blanks
			    * between; NULL: none.  Under /v1/ any other is
			    * refused. */
};

#endif
