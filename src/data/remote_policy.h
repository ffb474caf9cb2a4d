/* remote_policy.h -- from which servers data sets may be fetched.
 *
 * A service that fetches what a stranger names would be the stranger's hand in
 * the net that it stands in.  So it fetches from nobody, but those that it was
 * told of. */
#ifndef DATA_REMOTE_POLICY_H
#define DATA_REMOTE_POLICY_H

#include <stddef.h>

#include "base/err.h"

struct remote_policy {
	/* "HOST" (the ports 80 and 443), "HOST:PORT", or "*": every server with
	 * a public address. */
	const char *const *hosts;
	size_t n_hosts;
	/* The URL is of a person's own command line: the server that it names
	 * is meant, and whoever has a public address may be where it leads. */
	int typed;
};

/* 0 if `url` may be fetched, as a part of a set that was named by `named`, and
 * whether it must have a public address.  ERR_INVALID for what is no URL;
 * ERR_DENIED with a sentence that names the server.  A policy of NULL allows
 * nothing. */
int remote_policy_check(const struct remote_policy *p, const char *url,
	const char *named, int *public_only, struct err *e);

#endif
