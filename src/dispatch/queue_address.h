/* queue_address.h -- where a queue of jobs is, and who we are there. */
#ifndef DISPATCH_QUEUE_ADDRESS_H
#define DISPATCH_QUEUE_ADDRESS_H

/* Strings are the owner's. */
struct queue_address {
	const char *url;   /* nats://host:4222 or tls://..., with user:password@
			    * or without; several, separated by commas */
	const char *creds; /* a file with a user's credentials, or NULL */
	const char *ca_file; /* PEM; NULL: whom the system trusts */
};

#endif
