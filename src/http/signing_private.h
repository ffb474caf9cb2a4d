/* signing_private.h -- a signature put on a libcurl handle. */
#ifndef HTTP_SIGNING_PRIVATE_H
#define HTTP_SIGNING_PRIVATE_H

#include <curl/curl.h>
#include <stddef.h>

#include "http/signing.h"

/* Has the handle's request signed, whose body is those bytes (NULL: none), and
 * adds the headers that a store wants to the list.  The URL's query, if it has
 * one, must be encoded and in the order of its names. */
void signing_set(CURL *h, const struct http_signing *s, const void *body,
	size_t n, struct curl_slist **headers);

#endif
