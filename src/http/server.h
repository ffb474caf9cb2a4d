/* server.h -- a REST service: routes, limits, errors, streams.  With client.h
 * the only code that knows libmicrohttpd and libcurl.
 *
 * Every connection has a thread.  A request reaches its handler whole: method
 * and path matched, body read within the route's limit and parsed, bearer
 * token checked, the query's names those of the route.  All else is answered
 * here: 404, 405 with Allow, 413, 415, 400 with a JSON pointer, 401, 503 while
 * draining.  Errors under /v1/ are
 * RFC 9457 problem documents (application/problem+json: type, title, status,
 * detail, error, and pointer where there is one); elsewhere
 * {"error": "...", "message": "..."}, the same sentence twice. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "http/route.h"

struct http_server;

struct http_options {
	const char *service;             /* for the log and the Server header */
	const char *bind;                /* an IPv4 or IPv6 address */
	int port;                        /* 0 takes a free one */
	const char *token;               /* bearer token, or NULL for none */
	const struct http_route *routes; /* static; first match wins */
	size_t n_routes;
	void *ctx;
	const struct log *log;
};

/* Starts to serve.  NULL with ERR_CONFLICT (the port is taken; the sentence
 * names it and says what to do) or ERR_WORLD.  Options are copied, except that
 * routes, ctx and log stay the caller's. */
struct http_server *http_server_new(
	const struct http_options *o, struct err *e);

/* The port that is served. */
int http_server_port(const struct http_server *s);

/* From now on new requests get a 503; streams are told to end. */
void http_server_drain(struct http_server *s);

/* Drains, waits up to `wait_ms` for handlers to return, stops and frees. */
void http_server_free(struct http_server *s, int64_t wait_ms);

/* -- what a handler reads -- */

/* The path parameter, decoded; never NULL for a name in the pattern. */
const char *http_param(const struct http_request *q, const char *name);

/* The query parameter, decoded, or NULL. */
const char *http_query(const struct http_request *q, const char *name);

/* An integer query parameter in lo..hi; `*out` stays as it is when absent.
 * ERR_INVALID or ERR_RANGE. */
int http_query_int(const struct http_request *q, const char *name, int64_t lo,
	int64_t hi, int64_t *out, struct err *e);

/* A request header, or NULL. */
const char *http_header(const struct http_request *q, const char *name);

/* The body: an object (POST and PUT; an empty body is an empty object). */
const json_t *http_body(const struct http_request *q);

/* True once the server drains: a handler that waits looks here. */
int http_draining(const struct http_request *q);

/* -- what a handler writes: exactly one of these -- */

/* Status and a JSON body, whose reference is taken over. */
void http_reply_json(struct http_reply *r, int status, json_t *body);

/* The error with the status that its code asks for: INVALID 400, RANGE and
 * GENOME 422, NOT_FOUND 404, CONFLICT 409, TOO_BIG 413, DENIED 403, BUSY 503
 * with Retry-After, WORLD 503, and anything else 500. */
void http_reply_error(struct http_reply *r, const struct err *e);

/* As http_reply_error with a status of its own. */
void http_reply_problem(struct http_reply *r, int status, const struct err *e);

/* Bytes that are copied. */
void http_reply_bytes(struct http_reply *r, int status, const char *type,
	const void *bytes, size_t n);

/* A stream: `next` is called again and again for up to `max` more bytes and
 * returns how many it wrote, 0 to be called again (after having waited a
 * little itself), or -1 at the end.  `done` frees `stream`, also when the
 * client goes away.  Chunked, flushed at every piece. */
void http_reply_stream(struct http_reply *r, const char *type,
	int (*next)(void *stream, char *out, size_t max),
	void (*done)(void *stream), void *stream);

/* Adds a header to whatever is replied. */
void http_reply_header(
	struct http_reply *r, const char *name, const char *value);

#endif
