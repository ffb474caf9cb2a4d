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
static int read_port(const char *text)
{
	char *end;
	long port;

	if (*text == '\0' || strcmp(text, "/") == 0)
		return 80;
	if (*text != ':' || !isdigit((unsigned char)text[1]))
		return -1;
	port = strtol(text + 1, &end, 10);
	if ((*end && strcmp(end, "/") != 0) || port < 1 || port > 65535)
		return -1;
	return (int)port;
}

int http_url(
	const char *url, char host[HTTP_HOST_BYTES], int *port, struct err *e)
{
	static const char scheme[] = "http://";
	const char *start = url + sizeof scheme - 1, *end = NULL;
	size_t n = 0;

	if (strncmp(url, scheme, sizeof scheme - 1) == 0 && *start == '[') {
		n = strspn(++start, IPV6_BYTES);
		end = start[n] == ']' ? start + n + 1 : NULL;
	} else if (strncmp(url, scheme, sizeof scheme - 1) == 0) {
		n = strspn(start, NAME_BYTES);
		end = start + n;
	}
	if (!end || n < 1 || n >= HTTP_HOST_BYTES || read_port(end) < 0)
		return err_set(e, ERR_INVALID,
			"'%.100s' is not a URL of the form http://HOST:PORT",
			url);
	snprintf(host, HTTP_HOST_BYTES, "%.*s", (int)n, start);
	*port = read_port(end);
	return 0;
}

void http_url_of(const char *host, int port, char out[HTTP_URL_BYTES])
{
	const int six = strchr(host, ':') != NULL;

	snprintf(out, HTTP_URL_BYTES, "http://%s%.*s%s:%d", six ? "[" : "",
		HTTP_HOST_BYTES - 1, host, six ? "]" : "", port);
}
