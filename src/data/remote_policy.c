/* remote_policy.c -- a list of servers. */
#include "data/remote_policy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/download.h"

static int is_default(int port)
{
	return port == 80 || port == 443;
}

/* True if the entry names the place, alone. */
static int names(const char *entry, const struct http_place *at)
{
	char with_port[sizeof at->host + 8];
	const int six = strchr(at->host, ':') != NULL;

	if (is_default(at->port) && strcasecmp(entry, at->host) == 0)
		return 1;
	snprintf(with_port, sizeof with_port, "%s%s%s:%d", six ? "[" : "",
		at->host, six ? "]" : "", at->port);
	return strcasecmp(entry, with_port) == 0;
}

static int is_listed(const struct remote_policy *p, const struct http_place *at)
{
	for (size_t i = 0; i < p->n_hosts; i++)
		if (names(p->hosts[i], at))
			return 1;
	return 0;
}

static int allows_public(const struct remote_policy *p)
{
	for (size_t i = 0; i < p->n_hosts; i++)
		if (strcmp(p->hosts[i], "*") == 0)
			return 1;
	return p->typed;
}

static int is_same(const struct http_place *a, const struct http_place *b)
{
	return strcmp(a->host, b->host) == 0 && a->port == b->port;
}

int remote_policy_check(const struct remote_policy *p, const char *url,
	const char *named, int *public_only, struct err *e)
{
	static const struct remote_policy nobody;
	struct http_place at, meant;
	int rc = http_place_of(url, &at, e);

	if (rc == 0)
		rc = http_place_of(named, &meant, e);
	if (rc)
		return rc;
	if (!p)
		p = &nobody;
	*public_only = !is_listed(p, &at) &&
		       !(p->typed && is_same(&at, &meant));
	if (!*public_only || allows_public(p))
		return 0;
	return err_set(e, ERR_DENIED,
		"data sets are not fetched from %.100s here: the service must "
		"be started with --allow-host for that",
		at.host);
}
