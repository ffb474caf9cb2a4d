/* server.h -- a REST service: routes, limits, errors, streams.  With client.h
 * the only code that knows libmicrohttpd and libcurl.
 *
 * One thread reads and writes all connections; handlers run on others, which
 * are as many as handlers block.  A request reaches its handler whole: method
 * and path matched, body read within the route's limit and parsed, bearer
 * token checked, the query's names those of the route.  All else is answered
 * here: 404, 405 with Allow, 413, 415, 400 with a JSON pointer, 401, 403, 429
 * and 503 over a limit (caller_limits.h), 503 while draining.  Errors under
 * /v1/ and of /readyz are RFC 9457 problem documents (application/problem+json:
 * type, title, status, detail, error, and pointer where there is one);
 * elsewhere
 * {"error": "...", "message": "..."}, the same sentence twice. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "base/trace.h"
#include "http/access.h"
#include "http/caller_limits.h"
#include "http/news.h"
#include "http/route.h"
#include "http/tls.h"
#include "http/url.h"

struct http_server;

struct http_options {
	const char *service;        /* for the log and the Server header */
	const char *bind;           /* an IPv4 or IPv6 address */
	int port;                   /* 0 takes a free one */
	struct http_access *access; /* who may ask; NULL: anybody */
	const struct http_tls *tls; /* NULL: plain HTTP */
	struct http_limits limits;
	const char *const *names;        /* names by which it is known, beside
					  * its own; ends with NULL, or NULL */
	const struct http_route *routes; /* static; first match wins */
	size_t n_routes;
	/* Of a route that is HTTP_LED: false where it is ours to answer; else
	 * it has answered.  NULL: all are ours. */
	int (*elsewhere)(
		void *ctx, const struct http_request *q, struct http_reply *r);
	void *ctx;
	struct http_news *news; /* that handlers wait for, or NULL */
	const struct log *log;
};

/* Starts to serve.  NULL with ERR_CONFLICT (the port is taken; the sentence
 * names it and says what to do) or ERR_WORLD.  Options are copied, except that
 * access, tls, routes, ctx, news and log stay the caller's. */
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

/* Writes the numeric address that the request comes from; of a neighbour in an
 * IPv4 network as such. */
void http_client_address(
	const struct http_request *q, char out[HTTP_HOST_BYTES]);

/* A request header, or NULL. */
const char *http_header(const struct http_request *q, const char *name);

/* The body: an object (POST, PUT and PATCH; an empty one is an empty object).
 */
const json_t *http_body(const struct http_request *q);

/* The body of a route that takes bytes, or text that it parses, *n of them;
 * valid during the handler. */
const char *http_bytes(const struct http_request *q, size_t *n);

/* True when the client has closed its end, or is gone without a word for some
 * seconds (alive.h): a handler that waits looks here, for nobody will read the
 * answer. */
int http_client_gone(const struct http_request *q);

/* The trace that the request is a part of: the client's, or one that begins
 * with it. */
const struct trace *http_trace(const struct http_request *q);

/* The id of the request's trace, for the log of what became of it. */
const char *http_reply_trace(const struct http_reply *r);

/* True once the server drains: a handler that waits looks here. */
int http_draining(const struct http_request *q);

/* For how long the request has been with its handler; 0 the first time that it
 * is called. */
int64_t http_waited_ms(const struct http_request *q);

/* A number that stays with the request between calls of its handler; 0 at
 * first. */
int64_t *http_memo(const struct http_request *q);

/* -- what a handler writes: exactly one of these -- */

/* No answer yet: the handler is called again with the same request when there
 * is news of `topic` (news.h; 0: none), and in `wait_ms` at the latest, give or
 * take the clock's tick.  Takes no thread meanwhile.  A handler that still has
 * none while the server drains is answered for, with a 503. */
void http_reply_later(struct http_reply *r, int64_t wait_ms, uint64_t topic);

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

/* Bytes that stay where they are for ever: nothing is copied. */
void http_reply_static(struct http_reply *r, int status, const char *type,
	const void *bytes, size_t n);

/* A file's bytes, or the one range of them that the request asks for (RFC 9110,
 * section 14): 206, or 416 when there are none; with q NULL always all.  `fd`
 * is taken over; its `size` must not change. */
void http_reply_file(const struct http_request *q, struct http_reply *r,
	const char *type, int fd, size_t size);

/* A stream: `next` is called again and again, from any thread, for up to `max`
 * more bytes and returns how many it wrote, 0 when there are none now, to be
 * called again in a moment, or -1 at the end.  It does not wait itself.  `done`
 * frees `stream`, also when the client goes away.  Chunked, flushed at every
 * piece. */
void http_reply_stream(struct http_reply *r, const char *type,
	int (*next)(void *stream, char *out, size_t max),
	void (*done)(void *stream), void *stream);

/* The same of `size` bytes in all, which the client is told first: `next` gives
 * so many. */
void http_reply_stream_of(struct http_reply *r, const char *type, uint64_t size,
	int (*next)(void *stream, char *out, size_t max),
	void (*done)(void *stream), void *stream);

/* 307: the same request is to be made of the server at that base URL, without a
 * slash at its end; the sentence says why. */
void http_reply_elsewhere(
	struct http_reply *r, const char *base, const char *why);

/* Adds a header to whatever is replied. */
void http_reply_header(
	struct http_reply *r, const char *name, const char *value);

#endif
