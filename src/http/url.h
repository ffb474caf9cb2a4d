/* url.h -- the base URL of a service. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/err.h"

#define HTTP_HOST_BYTES 256

/* Takes http://HOST[:PORT] apart; the port is 80 when absent, and an IPv6
 * address stands in brackets, which `host` is without.  A URL with anything
 * after the port but one slash is ERR_INVALID. */
int http_url(
	const char *url, char host[HTTP_HOST_BYTES], int *port, struct err *e);

/* Writes the URL of a numeric address or a name. */
#define HTTP_URL_BYTES (HTTP_HOST_BYTES + sizeof "http://[]:65535")
void http_url_of(const char *host, int port, char out[HTTP_URL_BYTES]);

#endif
