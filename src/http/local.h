/* local.h -- a request answered in this process, without a socket: the route
 * found, the body parsed, the handler called, as for one that came by wire.
 * There are no headers, nobody asks for a token, and a stream is not read. */
#ifndef HTTP_LOCAL_H
#define HTTP_LOCAL_H

#include "http/server.h"

struct http_local {
	int status;
	char *body; /* NUL-terminated; "" of a stream */
	size_t n;
	json_t *json; /* the body where it is one object, or NULL */
};

/* Asks for `target`, a path with its query, encoded; `body` is JSON or NULL. Of
 * the options, service, routes and ctx count.  The caller ends with
 * http_local_release. */
void http_local_ask(const struct http_options *o, const char *method,
	const char *target, const json_t *body, struct http_local *out);

/* Frees what the answer owns. */
void http_local_release(struct http_local *a);

#endif
