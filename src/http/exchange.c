/* exchange.c -- a request put on a libcurl handle, its answer taken off it. */
#include "http/client_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "http/alive.h"
#include "http/signing_private.h"

#define CONNECT_MS 5000
#define REDIRECTS_MAX 3L
#define ANSWER_MAX ((size_t)16 << 20)

/* -- what comes in -- */

static size_t take_body(char *bytes, size_t size, size_t n, void *p)
{
	struct exchange *in = p;

	if (buf_add(&in->body, bytes, size * n, NULL)) {
		in->too_big = 1;
		return 0;
	}
	return size * n;
}

static void keep_header(
	const char *line, size_t n, const char *name, char *out, size_t max)
{
	size_t len = strlen(name);

	if (n <= len || strncasecmp(line, name, len) != 0)
		return;
	line += len;
	n -= len;
	while (n > 0 && (*line == ' ' || *line == '\t'))
		line++, n--;
	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	snprintf(out, max, "%.*s", (int)n, line);
}

static size_t take_header(char *line, size_t size, size_t n, void *p)
{
	struct exchange *in = p;
	struct http_answer *a = &in->answer;
	char seconds[8] = "";

	/* Of several heads, those of redirects, the last counts. */
	if (size * n > 5 && strncmp(line, "HTTP/", 5) == 0)
		*a = (struct http_answer){.status = 0};
	in->whole_head = size * n > 0 && (line[0] == '\r' || line[0] == '\n');
	keep_header(line, size * n, "Content-Type:", a->content_type,
		sizeof a->content_type);
	keep_header(line, size * n, "ETag:", a->etag, sizeof a->etag);
	keep_header(line, size * n, "Retry-After:", seconds, sizeof seconds);
	keep_header(
		line, size * n, "Location:", a->location, sizeof a->location);
	if (seconds[0])
		a->retry_after_s = atoi(seconds);
	return size * n;
}

/* -- what goes out -- */

static struct curl_slist *add_header(
	struct curl_slist *list, const char *name, const char *value)
{
	char line[4096];
	struct curl_slist *longer;

	snprintf(line, sizeof line, "%s: %s", name, value);
	longer = curl_slist_append(list, line);
	if (!longer)
		abort();
	return longer;
}

static struct curl_slist *request_headers(const struct http_call *c)
{
	/* No "Expect: 100-continue": it costs a round trip a request.  libcurl
	 * would sign that header, which then is not sent. */
	struct curl_slist *list = c->sign ? NULL
					  : curl_slist_append(NULL, "Expect:");
	char bearer[2048], parent[TRACE_PARENT_BYTES];

	if (c->text)
		list = add_header(list, "Content-Type", "application/json");
	if (c->bytes)
		list = add_header(
			list, "Content-Type", "application/octet-stream");
	if (c->range)
		list = add_header(list, "Range", c->range);
	if (c->idempotency_key)
		list = add_header(list, "Idempotency-Key", c->idempotency_key);
	if (c->token) {
		snprintf(bearer, sizeof bearer, "Bearer %s", c->token);
		list = add_header(list, "Authorization", bearer);
	}
	if (c->trace) {
		trace_write(c->trace, parent);
		list = add_header(list, "traceparent", parent);
	}
	return list;
}

static int on_socket(void *unused, curl_socket_t fd, curlsocktype what)
{
	(void)unused;
	(void)what;
	alive_mind(fd);
	return CURL_SOCKOPT_OK;
}

static void set_limits(CURL *h, const struct http_call *c)
{
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(c->connect_ms ? c->connect_ms : CONNECT_MS));
	/* libcurl's own would be set after ours. */
	curl_easy_setopt(h, CURLOPT_TCP_KEEPALIVE, c->minded ? 0L : 1L);
	if (c->minded)
		curl_easy_setopt(h, CURLOPT_SOCKOPTFUNCTION, on_socket);
}

static void set_redirects(CURL *h, const struct http_call *c)
{
	const int tls = strncmp(c->url, "https:", 6) == 0;

	if (!c->follow)
		return;
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(h, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
	curl_easy_setopt(h, CURLOPT_UNRESTRICTED_AUTH, 1L);
	curl_easy_setopt(h, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
	curl_easy_setopt(
		h, CURLOPT_REDIR_PROTOCOLS_STR, tls ? "https" : "http,https");
}

static void set_trust(CURL *h)
{
	curl_easy_setopt(h, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (http_trust.ca_file)
		curl_easy_setopt(h, CURLOPT_CAINFO, http_trust.ca_file);
	if (http_trust.cert) {
		curl_easy_setopt(h, CURLOPT_SSLCERT, http_trust.cert);
		curl_easy_setopt(h, CURLOPT_SSLKEY, http_trust.key);
	}
}

static void set_request(
	CURL *h, const struct http_call *c, struct curl_slist **headers)
{
	const char *body = c->text ? c->text : c->bytes;
	const size_t n = c->text ? strlen(c->text) : c->n_bytes;

	curl_easy_setopt(h, CURLOPT_URL, c->url);
	if (c->sign) {
		curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
		signing_set(h, c->sign, body, n, headers);
	}
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, *headers);
	if (body || strcmp(c->method, "POST") == 0) {
		curl_easy_setopt(h, CURLOPT_POST, 1L);
		curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, body ? body : "");
	}
	if (strcmp(c->method, "GET") != 0)
		curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, c->method);
}

const char *exchange_authority(const char *url, char out[EXCHANGE_WHO_BYTES])
{
	const char *start = strstr(url, "://");

	start = start ? start + 3 : url;
	snprintf(out, EXCHANGE_WHO_BYTES, "%.*s", (int)strcspn(start, "/?"),
		start);
	return out;
}

static int explain(const struct exchange *x, int code, struct err *e)
{
	if (code == EXCHANGE_GIVEN_UP)
		return err_set(e, ERR_CANCELLED, "the request was given up");
	if (x->too_big)
		return err_set(e, ERR_TOO_BIG,
			"the answer of %s is over its limit", x->who);
	return err_set(e, ERR_WORLD, "%s does not answer: %s", x->who,
		curl_easy_strerror((CURLcode)code));
}

void exchange_begin(struct exchange *x, CURL *easy, const struct http_call *c)
{
	*x = (struct exchange){.easy = easy, .headers = request_headers(c)};
	exchange_authority(c->url, x->who);
	buf_init(&x->body, c->answer_max ? c->answer_max : ANSWER_MAX);
	curl_easy_reset(easy);
	set_limits(easy, c);
	set_redirects(easy, c);
	if (!c->sign)
		set_trust(easy);
	set_request(easy, c, &x->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
}

int exchange_end(
	struct exchange *x, int code, struct http_answer *out, struct err *e)
{
	long status = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(x->headers);
	/* libcurl takes headers that are cut off for an answer without body. */
	if (code == CURLE_OK && !x->whole_head)
		code = CURLE_RECV_ERROR;
	if (code != CURLE_OK) {
		buf_release(&x->body);
		return explain(x, code, e);
	}
	*out = x->answer;
	out->status = (int)status;
	out->n = x->body.len;
	out->body = buf_take(&x->body);
	return 0;
}
