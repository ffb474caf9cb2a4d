/* tls.h -- certificates: what a server shows, whom it and a client trust. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include "base/err.h"

/* A server's, as PEM text; key and cert or none of both. */
struct http_tls {
	char *cert;   /* chain, ours first; NULL: plain HTTP */
	char *key;    /* of the first */
	char *client; /* clients show a certificate that these have signed;
		       * NULL: they need none */
};

/* Reads the files; the last may be NULL.  ERR_INVALID names the file: it cannot
 * be read, is no PEM, the key is another's, or open to every user of the
 * machine.  Release it whatever comes of it. */
int http_tls_read(struct http_tls *t, const char *cert, const char *key,
	const char *client, struct err *e);
/* Frees and wipes the texts; what is empty already may be released again. */
void http_tls_release(struct http_tls *t);

/* Whom calls of this process trust (a file of PEM certificates; NULL: the
 * system's), and what they show where a server asks (NULL: nothing).  Once,
 * before the first call; the texts stay the caller's.  ERR_INVALID as above. */
int http_tls_trust(
	const char *ca_file, const char *cert, const char *key, struct err *e);

/* Whether calls that trust that file would trust what a server shows that they
 * reach at `host`, a name or an address (tls_check.c).  ERR_INVALID with what
 * is wrong. */
int http_tls_check(const struct http_tls *t, const char *ca_file,
	const char *host, struct err *e);

#endif
