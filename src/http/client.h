/* client.h -- one HTTP request, answered or failed within a deadline.
 *
 * Safe from any thread.  Redirects are not followed unless asked; nothing of
 * the environment (proxies) is used. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/trace.h"
#include "http/signing.h"

/* Connections that are kept for the next call to the same place.  A thread
 * that calls often has its own: one call at a time may use them. */
struct http_lines;

/* None yet; the caller ends with http_lines_free. */
struct http_lines *http_lines_new(void);

/* Closes them.  NULL is allowed. */
void http_lines_free(struct http_lines *l);

struct http_call {
	const char *method; /* "GET", "POST", "DELETE", "PUT" */
	const char *url;    /* http(s)://host:port/path, already encoded */
	const json_t *json; /* sent as the body, or NULL */
	const char *text;   /* the body if it is JSON printed already */
	const void *bytes;  /* the body if it is bytes, n_bytes of them */
	size_t n_bytes;
	const char *range;           /* "bytes=0-99", or NULL: all */
	const char *idempotency_key; /* header, or NULL */
	const char *token;           /* bearer token, or NULL */
	const struct trace *trace;   /* that it is a part of, or NULL */
	/* Signs it for an S3 store, which is trusted as the system trusts
	 * and shown no certificate; or NULL. */
	const struct http_signing *sign;
	int64_t timeout_ms;       /* for the whole exchange */
	int64_t connect_ms;       /* for the connection; 0 means 5,000 */
	size_t answer_max;        /* bytes of body accepted; 0 means 16 MB */
	struct http_lines *lines; /* or NULL: a connection for this call */
	/* A 307 is followed with all that was sent, the token too, but never
	 * from https to http: of a broker that stands by. */
	int follow;
	/* A connection that is made for this call breaks off when nobody is
	 * there any more, some seconds later (alive.h). */
	int minded;
	/* Looked at several times a second; true ends with ERR_CANCELLED. */
	int (*cancelled)(void *ctx);
	void *cancelled_ctx;
};

#define HTTP_LOCATION_BYTES 1024

struct http_answer {
	int status;
	char *body; /* NUL-terminated, never NULL after success */
	size_t n;
	char content_type[64];
	char etag[80];
	int retry_after_s; /* that the service asks for; 0: it does not say */
	char location[HTTP_LOCATION_BYTES]; /* of a 307 that is not followed */
};

/* Once per process, before any thread. */
void http_client_init(void);

/* Makes the exchange.  0 whatever the status.  A service that is asked too
 * often (429) is asked again when it says, if that is within timeout_ms.
 * ERR_WORLD: no connection, cut off, or no answer in time; ERR_TOO_BIG;
 * ERR_CANCELLED.  On success the caller ends with http_answer_release. */
int http_call(
	const struct http_call *c, struct http_answer *out, struct err *e);

/* Frees the body. */
void http_answer_release(struct http_answer *a);

/* 0 of a 2xx.  Any other status is an error with the service's own sentence,
 * where it gave one, and the code that http_reply_error maps to it.  `url` is
 * what was asked. */
int http_answer_refused(
	const struct http_answer *a, const char *url, struct err *e);

/* What an answer of a JSON service says: of a 2xx the object, a new reference;
 * else as http_answer_refused. */
int http_answer_json(const struct http_answer *a, const char *url, json_t **out,
	struct err *e);

/* As http_call and http_answer_json.  `*status` (may be NULL) is 0 when there
 * was no answer. */
int http_call_json(
	const struct http_call *c, json_t **out, int *status, struct err *e);

/* Percent-encodes one path segment; to be freed with free(). */
char *http_encode(const char *segment);

#endif
