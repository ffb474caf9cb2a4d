/* guard.c -- who may ask: the bearer token, and pages of other origins.
 *
 * A service on the loopback address without a token trusts every program of
 * this machine, but not every page that its browser shows.  A page elsewhere
 * can make the browser send requests here, directly or under a host name of
 * its own that resolves to 127.0.0.1: so the Host must be this machine's, and
 * an Origin, where there is one, the same as the Host. */
#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

#include "http/server_private.h"

/* The length of the host in "host:port" or "[::1]:port". */
static size_t host_length(const char *authority)
{
	const char *end = authority[0] == '[' ? strchr(authority, ']') : NULL;

	if (end)
		return (size_t)(end - authority) + 1;
	return strcspn(authority, ":");
}

static int is_this_machine(const char *authority)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	size_t n = host_length(authority);

	if (authority[n] != '\0' && authority[n] != ':')
		return 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == n &&
			strncasecmp(names[i], authority, n) == 0)
			return 1;
	return 0;
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
	if (q->server->local_only && host && !is_this_machine(host))
		return err_set(e, ERR_DENIED,
			"the Host must be localhost or 127.0.0.1; start the "
			"service with --bind and --token-file for others");
	if (origin && !same_origin(origin, host))
		return err_set(e, ERR_DENIED,
			"requests from pages of another origin are refused");
	return 0;
}

int guard_token(const struct http_request *q, int *status, struct err *e)
{
	const char *want = q->server->o.token;
	const char *given = http_header(q, "Authorization");
	size_t n = want ? strlen(want) : 0;

	if (!want || (q->match.route->flags & HTTP_OPEN))
		return 0;
	*status = MHD_HTTP_UNAUTHORIZED;
	if (!given || strncasecmp(given, "Bearer ", 7) != 0)
		return err_set(e, ERR_DENIED,
			"a token is asked for: send Authorization: Bearer");
	given += 7;
	if (strlen(given) != n || CRYPTO_memcmp(given, want, n) != 0)
		return err_set(e, ERR_DENIED, "the token is not the right one");
	return 0;
}
