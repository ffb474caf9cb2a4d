/* download.c -- one GET on a libcurl handle of its own. */
#include "http/download.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "http/address.h"
#include "http/client_private.h"
#include "http/signing_private.h"

#define CONNECT_MS 15000
#define SLOW_BYTES 100 /* fewer in a second, for so many seconds, is a stop */
#define SLOW_S 30

struct download {
	const struct http_download *d;
	struct http_downloaded *out;
	CURL *h;
	uint64_t at; /* of the next byte */
	int body;    /* has begun */
	int denied, enough;
	struct err why; /* the sink's */
};

/* -- where to -- */

static curl_socket_t open_socket(
	void *p, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct download *x = p;

	(void)purpose;
	if (x->d->public_only && !http_address_public(&a->addr)) {
		x->denied = 1;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static int look_up(void *p, curl_off_t all, curl_off_t now, curl_off_t up_all,
	curl_off_t up_now)
{
	const struct download *x = p;

	(void)all;
	(void)now;
	(void)up_all;
	(void)up_now;
	return x->d->cancelled && x->d->cancelled(x->d->ctx);
}

/* -- what comes -- */

static void keep(
	const char *line, size_t n, const char *name, char *out, size_t max)
{
	const size_t len = strlen(name);

	if (n <= len || strncasecmp(line, name, len) != 0)
		return;
	line += len;
	n -= len;
	while (n > 0 && *line == ' ')
		line++, n--;
	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	if (n < max)
		snprintf(out, max, "%.*s", (int)n, line);
}

/* "bytes 0-0/123", and of a range beyond the end "bytes *\/123". */
static void read_range(struct download *x, const char *text)
{
	const char *slash = strchr(text, '/');
	uint64_t from, to;

	if (slash && sscanf(slash, "/%" SCNu64, &x->out->bytes) == 1)
		x->out->has_bytes = 1;
	if (sscanf(text, "bytes %" SCNu64 "-%" SCNu64, &from, &to) == 2)
		x->at = from;
}

static size_t take_header(char *line, size_t size, size_t n, void *p)
{
	struct download *x = p;
	struct http_downloaded *out = x->out;
	char range[96] = "", length[32] = "";

	n *= size;
	if (n > 5 && strncmp(line, "HTTP/", 5) == 0) { /* a head begins */
		*out = (struct http_downloaded){.status = 0};
		x->at = 0;
	}
	keep(line, n, "ETag:", out->etag, sizeof out->etag);
	keep(line, n, "Last-Modified:", out->modified, sizeof out->modified);
	keep(line, n, "Content-Range:", range, sizeof range);
	keep(line, n, "Content-Length:", length, sizeof length);
	if (range[0])
		read_range(x, range);
	else if (length[0] && !out->has_bytes)
		out->has_bytes = sscanf(length, "%" SCNu64, &out->bytes) == 1;
	return n;
}

static long status_of(const struct download *x)
{
	long status = 0;

	curl_easy_getinfo(x->h, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* The first bytes: are they those that were asked for? */
static int begin_body(struct download *x)
{
	const long status = status_of(x);

	x->body = 1;
	if (status == 206 && x->at != x->d->from)
		return err_set(&x->why, ERR_WORLD,
			"the server sent bytes from %" PRIu64
			" on where those from %" PRIu64 " on were asked for",
			x->at, x->d->from);
	return 0;
}

static size_t take_body(char *bytes, size_t size, size_t n, void *p)
{
	struct download *x = p;
	const long status = status_of(x);

	n *= size;
	if (!x->body && begin_body(x))
		return 0;
	/* A server that knows no ranges sends all of it. */
	if (x->d->first_byte_alone || status < 200 || status > 299) {
		x->enough = 1;
		return 0;
	}
	if (x->d->take && x->d->take(x->d->ctx, x->at, bytes, n, &x->why))
		return 0;
	x->at += n;
	return n;
}

/* -- what goes out -- */

static void set_range(struct download *x, struct curl_slist **headers)
{
	const struct http_download *d = x->d;
	char range[48], line[256];

	if (d->first_byte_alone)
		snprintf(range, sizeof range, "0-0");
	else
		snprintf(range, sizeof range, "%" PRIu64 "-", d->from);
	if (d->first_byte_alone || d->from > 0)
		curl_easy_setopt(x->h, CURLOPT_RANGE, range);
	if (d->from > 0 && d->if_range) {
		snprintf(line, sizeof line, "If-Range: %s", d->if_range);
		*headers = curl_slist_append(*headers, line);
	}
}

static void set_up(struct download *x, struct curl_slist **headers)
{
	CURL *h = x->h;

	curl_easy_setopt(h, CURLOPT_URL, x->d->url);
	curl_easy_setopt(h, CURLOPT_NOBODY, x->d->head_alone ? 1L : 0L);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L); /* as it is signed */
	curl_easy_setopt(h, CURLOPT_USERAGENT, "nevod/" NEVOD_VERSION);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
	curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, x);
	curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, look_up);
	curl_easy_setopt(h, CURLOPT_XFERINFODATA, x);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, x);
	set_range(x, headers);
	if (x->d->sign)
		signing_set(h, x->d->sign, NULL, 0, headers);
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, *headers);
}

/* -- what came of it -- */

static int explain(const struct download *x, CURLcode code, struct err *e)
{
	char who[EXCHANGE_WHO_BYTES];

	exchange_authority(x->d->url, who);
	if (x->denied)
		return err_set(e, ERR_DENIED,
			"%s is an address of this machine or of a private net",
			who);
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return err_set(e, ERR_CANCELLED, "the download was given up");
	if (x->why.code) {
		if (e)
			*e = x->why;
		return x->why.code;
	}
	return err_set(e, ERR_WORLD, "%s does not answer: %s", who,
		curl_easy_strerror(code));
}

static void note_end(struct download *x)
{
	char *to = NULL;

	x->out->status = (int)status_of(x);
	curl_easy_getinfo(x->h, CURLINFO_REDIRECT_URL, &to);
	if (to && strlen(to) < sizeof x->out->redirect)
		strcpy(x->out->redirect, to);
}

int http_download(const struct http_download *d, struct http_downloaded *out,
	struct err *e)
{
	struct curl_slist *headers = NULL;
	struct download x = {.d = d, .out = out, .h = curl_easy_init()};
	CURLcode code;
	int rc = 0;

	*out = (struct http_downloaded){.status = 0};
	if (!x.h)
		abort();
	set_up(&x, &headers);
	code = curl_easy_perform(x.h);
	if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && x.enough))
		note_end(&x);
	else
		rc = explain(&x, code, e);
	curl_easy_cleanup(x.h);
	curl_slist_free_all(headers);
	return rc;
}
