/* router.h -- which route a method and a path mean.
 *
 * Paths are matched as they came, segment by segment, and only parameters are
 * percent-decoded, each by itself: a slash that came as %2F stays within its
 * parameter. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "base/arena.h"
#include "base/err.h"
#include "http/route.h"

#define ROUTE_PARAMS_MAX 4
#define ROUTE_ALLOW_BYTES 64

struct route_param {
	const char *name; /* within the pattern, up to its brace */
	size_t name_bytes;
	const char *value;
};

struct route_match {
	const struct http_route *route;
	struct route_param params[ROUTE_PARAMS_MAX];
	int n_params;
	char allow[ROUTE_ALLOW_BYTES]; /* for a 405: "GET, HEAD, POST" */
};

/* Finds the route of `n` that answers `method` on `path` (without query).
 * Parameters live in `mem`.  A HEAD takes the route of GET.  0; ERR_NOT_FOUND
 * when no route has the path; ERR_CONFLICT when one has, for another method
 * (then `allow` lists them); ERR_INVALID when the path is badly escaped. */
int route_find(const struct http_route *routes, size_t n, const char *method,
	const char *path, struct arena *mem, struct route_match *out,
	struct err *e);

/* Decodes `n` bytes of percent-encoded text into `mem`; '+' is a space where
 * `plus` is set, as in a query.  NULL if an escape is malformed or gives a
 * NUL. */
char *route_decode(struct arena *mem, const char *text, size_t n, int plus);

#endif
