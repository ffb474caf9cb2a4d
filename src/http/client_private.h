/* client_private.h -- one request and its answer on a libcurl handle: what the
 * client that waits (client.h) and the one that does not (loop.h) share. */
#ifndef HTTP_CLIENT_PRIVATE_H
#define HTTP_CLIENT_PRIVATE_H

#include <curl/curl.h>

#include "base/buf.h"
#include "http/client.h"

#define EXCHANGE_WHO_BYTES 200
#define EXCHANGE_GIVEN_UP (-1) /* beside libcurl's codes */

struct exchange {
	CURL *easy; /* the caller's, until the end of the exchange */
	struct curl_slist *headers;
	struct buf body;
	struct http_answer answer; /* what its headers say */
	int too_big;
	int whole_head; /* the empty line after the headers has come */
	char who[EXCHANGE_WHO_BYTES]; /* is asked */
};

/* What http_tls_trust was told. */
extern struct trust {
	const char *ca_file, *cert, *key;
} http_trust;

/* Readies the handle, which the caller then drives; the call's text or bytes
 * must live until the end, and its json is not looked at.  The exchange must
 * stay where it is. */
void exchange_begin(struct exchange *x, CURL *easy, const struct http_call *c);

/* What came of it, by libcurl's code or EXCHANGE_GIVEN_UP: as http_call. */
int exchange_end(
	struct exchange *x, int code, struct http_answer *out, struct err *e);

/* The authority of the URL, for sentences: a path may hold identifiers. */
const char *exchange_authority(const char *url, char out[EXCHANGE_WHO_BYTES]);

#endif
