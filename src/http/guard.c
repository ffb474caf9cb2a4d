/* guard.c -- who may ask: tokens and roles, names, and pages of other origins.
 *
 * A service without a token trusts every program that reaches it, but not every
 * page that a browser shows.  A page elsewhere can make the browser send
 * requests here, directly or under a host name of its own that resolves to our
 * address: so the Host must be one by which we are known, and an Origin, where
 * there is one, the same as the Host.  A page cannot add a token to what it
 * sends, so with one any name will do. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "http/server_private.h"
#include "http/url.h"

/* The host of "host:port" or "[::1]:port", without brackets; 0 if it is no
 * authority. */
static int host_of(const char *authority, char out[HTTP_HOST_BYTES])
{
	const int six = authority[0] == '[';
	const char *start = authority + six;
	size_t n = strcspn(start, six ? "]" : ":");
	const char *after = start + n + (six && start[n] == ']');

	if (n >= HTTP_HOST_BYTES || (*after && *after != ':'))
		return 0;
	snprintf(out, HTTP_HOST_BYTES, "%.*s", (int)n, start);
	return 1;
}

static int is_address(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, bytes) == 1 ||
	       inet_pton(AF_INET6, host, bytes) == 1;
}

static int is_named(const struct http_server *s, const char *host)
{
	for (size_t i = 0; i < s->n_names; i++)
		if (strcasecmp(s->names[i], host) == 0)
			return 1;
	return 0;
}

/* On the loopback address we go by that; beyond it by any address, which no
 * page can make another's, and by our own name. */
static int is_known(const struct http_server *s, const char *authority)
{
	char host[HTTP_HOST_BYTES], own[HTTP_HOST_BYTES] = "";

	if (!host_of(authority, host))
		return 0;
	if (strcasecmp(host, "localhost") == 0 ||
		strcasecmp(host, s->o.bind) == 0 || is_named(s, host))
		return 1;
	if (s->loopback)
		return strcmp(host, "127.0.0.1") == 0 ||
		       strcmp(host, "::1") == 0;
	gethostname(own, sizeof own - 1);
	return is_address(host) || strcasecmp(host, own) == 0;
}

static int same_origin(const char *origin, const char *host)
{
	const char *authority = strstr(origin, "://");

	return authority && host && strcasecmp(authority + 3, host) == 0;
}

int guard_origin(const struct http_request *q, int *status, struct err *e)
{
	const char *host = http_header(q, "Host");
	const char *origin = http_header(q, "Origin");

	*status = MHD_HTTP_FORBIDDEN;
	if (!q->server->o.access && host && !is_known(q->server, host))
		return err_set(e, ERR_DENIED,
			"the Host is none by which this service is known: "
			"localhost and its address are; name others with "
			"--server-name, or ask for a token with --token-file");
	if (origin && !same_origin(origin, host))
		return err_set(e, ERR_DENIED,
			"requests from pages of another origin are refused");
	return 0;
}

/* The least role that may ask for it, beside an admin. */
static enum http_role needed(const struct http_request *q)
{
	if (q->match.route->flags & HTTP_WORK)
		return HTTP_ROLE_WORKER;
	return strcmp(q->match.route->method, "GET") == 0 ? HTTP_ROLE_READ
							  : HTTP_ROLE_ADMIN;
}

/* Who shows a token is one caller, from wherever it comes. */
static void be_known(struct http_request *q, const char *token)
{
	struct callers *s = q->server->callers;

	connection_known(q->came);
	caller_leave(s, q->caller);
	q->caller = caller_of_token(s, token);
}

int guard_token(struct http_request *q, int *status, struct err *e)
{
	const char *given = http_header(q, "Authorization");
	enum http_role need;

	if (!q->server->o.access || (q->match.route->flags & HTTP_OPEN))
		return 0;
	*status = MHD_HTTP_UNAUTHORIZED;
	if (!given || strncasecmp(given, "Bearer ", 7) != 0)
		return err_set(e, ERR_DENIED,
			"a token is asked for: send Authorization: Bearer");
	q->role = http_access_role(q->server->o.access, given + 7);
	if (q->role == HTTP_ROLE_NONE)
		return err_set(e, ERR_DENIED, "the token is not the right one");
	be_known(q, given + 7);
	need = needed(q);
	if (q->role == HTTP_ROLE_ADMIN || q->role == need)
		return 0;
	*status = MHD_HTTP_FORBIDDEN;
	return err_set(e, ERR_DENIED, "the token's role is %s; this needs %s%s",
		http_role_name(q->role), http_role_name(need),
		need == HTTP_ROLE_ADMIN ? "" : " or admin");
}
