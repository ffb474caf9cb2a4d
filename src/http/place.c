/* place.c -- a URL taken apart by the library that will follow it: two readers
 * of one URL may differ. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "http/download.h"

static int part(CURLU *u, CURLUPart what, char *out, size_t max)
{
	char *text = NULL;
	CURLUcode rc = curl_url_get(u, what, &text, CURLU_DEFAULT_PORT);
	const int fits = rc == CURLUE_OK && strlen(text) < max;

	if (fits)
		strcpy(out, text);
	curl_free(text);
	return fits;
}

static int has(CURLU *u, CURLUPart what)
{
	char *text = NULL;
	const int yes = curl_url_get(u, what, &text, 0) == CURLUE_OK;

	curl_free(text);
	return yes;
}

static void plain_host(char *host)
{
	const size_t n = strlen(host);

	for (char *c = host; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (n > 2 && host[0] == '[') {
		memmove(host, host + 1, n - 2);
		host[n - 2] = '\0';
	}
}

static int take_apart(CURLU *u, struct http_place *out)
{
	char scheme[16], port[8];

	if (!part(u, CURLUPART_SCHEME, scheme, sizeof scheme) ||
		!part(u, CURLUPART_HOST, out->host, sizeof out->host) ||
		!part(u, CURLUPART_PORT, port, sizeof port))
		return 0;
	plain_host(out->host);
	out->port = atoi(port);
	out->secure = strcmp(scheme, "https") == 0;
	return out->host[0] && (out->secure || strcmp(scheme, "http") == 0);
}

int http_place_of(const char *url, struct http_place *out, struct err *e)
{
	CURLU *u = curl_url();
	struct http_place p = {.port = 0};
	int rc = 0;

	if (!u)
		abort();
	if (curl_url_set(u, CURLUPART_URL, url, 0) || !take_apart(u, &p))
		rc = err_set(e, ERR_INVALID,
			"'%.100s' is no URL of the form https://HOST/PATH",
			url);
	else if (has(u, CURLUPART_USER) || has(u, CURLUPART_PASSWORD))
		rc = err_set(e, ERR_INVALID,
			"a URL must not hold a user or a password: it is kept "
			"and shown");
	curl_url_cleanup(u);
	if (rc == 0)
		*out = p;
	return rc;
}
