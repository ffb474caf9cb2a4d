/* url.c -- scheme, host and port: all that a base URL has. */
#include "http/url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
#define IPV6_BYTES "0123456789abcdefABCDEF:."

/* The port in `text`, which may end in a slash; -1 if it is none. */
static int read_port(const char *text, int usual)
{
	char *end;
	long port;

	if (*text == '\0' || strcmp(text, "/") == 0)
		return usual;
	if (*text != ':' || !isdigit((unsigned char)text[1]))
		return -1;
	port = strtol(text + 1, &end, 10);
	if ((*end && strcmp(end, "/") != 0) || port < 1 || port > 65535)
		return -1;
	return (int)port;
}

/* What follows the scheme; NULL if that is none of ours. */
static const char *after_scheme(const char *url, int *tls)
{
	*tls = strncmp(url, "https://", 8) == 0;
	if (*tls)
		return url + 8;
	return strncmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

int http_url(const char *url, struct http_place *out, struct err *e)
{
	const char *start = after_scheme(url, &out->tls), *end = NULL;
	size_t n = 0;

	if (start && *start == '[') {
		n = strspn(++start, IPV6_BYTES);
		end = start[n] == ']' ? start + n + 1 : NULL;
	} else if (start) {
		n = strspn(start, NAME_BYTES);
		end = start + n;
	}
	out->port = end ? read_port(end, out->tls ? 443 : 80) : -1;
	if (n < 1 || n >= HTTP_HOST_BYTES || out->port < 0)
		return err_set(e, ERR_INVALID,
			"'%.100s' is not a URL of the form http://HOST:PORT "
			"or https://HOST:PORT",
			url);
	snprintf(out->host, sizeof out->host, "%.*s", (int)n, start);
	return 0;
}

void http_url_of(const struct http_place *p, char out[HTTP_URL_BYTES])
{
	const int six = strchr(p->host, ':') != NULL;

	snprintf(out, HTTP_URL_BYTES, "%s://%s%.*s%s:%d",
		p->tls ? "https" : "http", six ? "[" : "", HTTP_HOST_BYTES - 1,
		p->host, six ? "]" : "", p->port);
}
