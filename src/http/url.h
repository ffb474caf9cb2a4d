/* url.h -- the base URL of a service. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/err.h"

#define HTTP_HOST_BYTES 256

struct http_place {
	int tls;                    /* https */
	char host[HTTP_HOST_BYTES]; /* a name or a numeric address */
	int port;
};

/* Takes http://HOST[:PORT] or https://HOST[:PORT] apart; the port is 80 or 443
 * when absent, and an IPv6 address stands in brackets, which `host` is without.
 * A URL with anything after the port but one slash is ERR_INVALID. */
int http_url(const char *url, struct http_place *out, struct err *e);

/* Writes the place's URL. */
#define HTTP_URL_BYTES (HTTP_HOST_BYTES + sizeof "https://[]:65535")
void http_url_of(const struct http_place *p, char out[HTTP_URL_BYTES]);

#endif
