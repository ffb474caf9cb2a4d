/* membership.h -- an evolutioner that joins brokers by itself: it tells them
 * that it is there, again and again, and says goodbye.
 *
 * A broker that does not answer is told in its turn: when it is there, it has
 * its evolutioners within a few seconds, whoever was first. */
#ifndef SERVICE_EVOLUTIONER_MEMBERSHIP_H
#define SERVICE_EVOLUTIONER_MEMBERSHIP_H

#include <stddef.h>

#include "base/err.h"
#include "base/log.h"

struct membership;

struct membership_options {
	const char *const *brokers; /* base URLs; not copied */
	size_t n_brokers;
	const char *token; /* or NULL */
	/* Where brokers reach us; NULL: at the address that they see our
	 * requests come from, at this port. */
	const char *url;
	int port, tls;
	const struct log *log;
};

/* Starts to tell them.  NULL with ERR_WORLD. */
struct membership *membership_new(
	const struct membership_options *o, struct err *e);

/* From now on brokers are told that no more jobs are taken. */
void membership_drain(struct membership *m);

/* Says goodbye to all, at most for a second or two, and frees.  NULL
 * allowed. */
void membership_free(struct membership *m);

#endif
