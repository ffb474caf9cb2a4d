/* tls_peer.c -- the certificate that a client has shown. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "http/server_private.h"

/* libmicrohttpd asks for one and leaves the judgement to us. */
static int is_trusted(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	unsigned status = 0;

	return info && info->tls_session &&
	       gnutls_certificate_verify_peers2(info->tls_session, &status) ==
		       GNUTLS_E_SUCCESS &&
	       status == 0;
}

int guard_peer(const struct http_request *q, int *status, struct err *e)
{
	const struct http_tls *t = q->server->o.tls;

	if (!t || !t->client || is_trusted(q->connection))
		return 0;
	*status = MHD_HTTP_FORBIDDEN;
	return err_set(e, ERR_DENIED,
		"a client's certificate is asked for, signed by who is "
		"trusted here: give --tls-cert and --tls-key");
}
