/* client.c -- libcurl, driven so that a caller who loses interest is heard
 * within a fifth of a second. */
#include "http/client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/canonical.h"
#include "base/doc.h"

#define CONNECT_MS 5000
#define ANSWER_MAX ((size_t)16 << 20)
#define LISTEN_EVERY_MS 200
#define SENTENCE_MAX 300

struct http_lines {
	CURLM *multi;
	CURL *easy;
};

void http_client_init(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		abort();
}

struct http_lines *http_lines_new(void)
{
	struct http_lines *l = xcalloc(1, sizeof *l);

	l->multi = curl_multi_init();
	l->easy = curl_easy_init();
	if (!l->multi || !l->easy)
		abort();
	return l;
}

void http_lines_free(struct http_lines *l)
{
	if (!l)
		return;
	curl_easy_cleanup(l->easy);
	curl_multi_cleanup(l->multi);
	free(l);
}

/* What is collected while the answer comes in. */
struct incoming {
	struct buf body;
	struct http_answer *answer;
	int too_big;
	int whole_head; /* the empty line after the headers has come */
};

static size_t take_body(char *bytes, size_t size, size_t n, void *p)
{
	struct incoming *in = p;

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
	struct incoming *in = p;
	struct http_answer *a = in->answer;

	in->whole_head = size * n > 0 && (line[0] == '\r' || line[0] == '\n');
	keep_header(line, size * n, "Content-Type:", a->content_type,
		sizeof a->content_type);
	keep_header(line, size * n, "ETag:", a->etag, sizeof a->etag);
	return size * n;
}

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
	/* No "Expect: 100-continue": it costs a round trip a request. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	char bearer[2048];

	if (c->json || c->text)
		list = add_header(list, "Content-Type", "application/json");
	if (c->idempotency_key)
		list = add_header(list, "Idempotency-Key", c->idempotency_key);
	if (c->token) {
		snprintf(bearer, sizeof bearer, "Bearer %s", c->token);
		list = add_header(list, "Authorization", bearer);
	}
	return list;
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
	curl_easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
}

/* `body` is NULL or what is sent. */
static void set_request(CURL *h, const struct http_call *c, const char *body,
	struct curl_slist *headers)
{
	curl_easy_setopt(h, CURLOPT_URL, c->url);
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	if (body || strcmp(c->method, "POST") == 0) {
		curl_easy_setopt(h, CURLOPT_POST, 1L);
		curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
			(curl_off_t)(body ? strlen(body) : 0));
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, body ? body : "");
	}
	if (strcmp(c->method, "GET") != 0)
		curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, c->method);
}

/* Drives the exchange to its end; libcurl's code, or -1 when cancelled. */
static int exchange(struct http_lines *l, const struct http_call *c)
{
	int running = 1, left, rc = CURLE_OK;
	CURLMsg *message;

	if (curl_multi_add_handle(l->multi, l->easy))
		return CURLE_FAILED_INIT;
	while (running) {
		if (c->cancelled && c->cancelled(c->cancelled_ctx)) {
			rc = -1;
			break;
		}
		if (curl_multi_perform(l->multi, &running) ||
			(running && curl_multi_poll(l->multi, NULL, 0,
					    LISTEN_EVERY_MS, NULL))) {
			rc = CURLE_FAILED_INIT;
			break;
		}
	}
	while (rc == CURLE_OK &&
		(message = curl_multi_info_read(l->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			rc = (int)message->data.result;
	curl_multi_remove_handle(l->multi, l->easy);
	return rc;
}

/* The authority of the URL, for sentences: a path may hold identifiers. */
static const char *authority(const char *url, char out[200])
{
	const char *start = strstr(url, "://");

	start = start ? start + 3 : url;
	snprintf(out, 200, "%.*s", (int)strcspn(start, "/?"), start);
	return out;
}

static int explain(
	const struct http_call *c, int rc, int too_big, struct err *e)
{
	char who[200];

	if (rc == -1)
		return err_set(e, ERR_CANCELLED, "the request was given up");
	if (too_big)
		return err_set(e, ERR_TOO_BIG,
			"the answer of %s is over its limit",
			authority(c->url, who));
	return err_set(e, ERR_WORLD, "%s does not answer: %s",
		authority(c->url, who), curl_easy_strerror((CURLcode)rc));
}

/* Sends `body` (NULL: none) and collects the answer in `in`.  libcurl's code,
 * or -1 when cancelled. */
static int ask(struct http_lines *l, const struct http_call *c,
	const char *body, struct incoming *in)
{
	struct curl_slist *headers = request_headers(c);
	long status = 0;
	int rc;

	curl_easy_reset(l->easy);
	set_limits(l->easy, c);
	set_request(l->easy, c, body ? body : c->text, headers);
	curl_easy_setopt(l->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(l->easy, CURLOPT_WRITEDATA, in);
	curl_easy_setopt(l->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(l->easy, CURLOPT_HEADERDATA, in);
	rc = exchange(l, c);
	curl_easy_getinfo(l->easy, CURLINFO_RESPONSE_CODE, &status);
	in->answer->status = (int)status;
	curl_slist_free_all(headers);
	/* libcurl takes headers that are cut off for an answer without body. */
	return rc == CURLE_OK && !in->whole_head ? CURLE_RECV_ERROR : rc;
}

static int ask_on(struct http_lines *kept, const struct http_call *c,
	const char *body, struct incoming *in)
{
	struct http_lines *own = kept ? NULL : http_lines_new();
	int rc = ask(kept ? kept : own, c, body, in);

	http_lines_free(own);
	return rc;
}

int http_call(const struct http_call *c, struct http_answer *out, struct err *e)
{
	char *body = c->json ? canonical_text_as_added(c->json, e) : NULL;
	struct incoming in = {.answer = out};
	int rc;

	*out = (struct http_answer){.status = 0};
	if (c->json && !body)
		return e ? e->code : ERR_RANGE;
	buf_init(&in.body, c->answer_max ? c->answer_max : ANSWER_MAX);
	rc = ask_on(c->lines, c, body, &in);
	free(body);
	if (rc != CURLE_OK) {
		buf_release(&in.body);
		return explain(c, rc, in.too_big, e);
	}
	out->n = in.body.len;
	out->body = buf_take(&in.body);
	return 0;
}

void http_answer_release(struct http_answer *a)
{
	free(a->body);
	a->body = NULL;
}

static int code_of_status(int status)
{
	switch (status) {
	case 400: return ERR_INVALID;
	case 401:
	case 403: return ERR_DENIED;
	case 404: return ERR_NOT_FOUND;
	case 409: return ERR_CONFLICT;
	case 413: return ERR_TOO_BIG;
	case 422: return ERR_RANGE;
	case 429:
	case 503: return ERR_BUSY;
	default: return ERR_WORLD;
	}
}

/* The service's own sentence, where it gave one. */
static int refused(
	const struct http_call *c, const struct http_answer *a, struct err *e)
{
	json_t *doc = doc_parse(a->body, a->n, NULL);
	const char *sentence = json_string_value(json_object_get(doc, "error"));
	const char *pointer = json_string_value(
		json_object_get(doc, "pointer"));
	char who[200];
	int rc;

	if (sentence)
		rc = err_set(e, code_of_status(a->status), "%.*s", SENTENCE_MAX,
			sentence);
	else
		rc = err_set(e, code_of_status(a->status),
			"%s answered with status %d", authority(c->url, who),
			a->status);
	if (e && pointer)
		snprintf(e->where, sizeof e->where, "%s", pointer);
	json_decref(doc);
	return rc;
}

int http_call_json(
	const struct http_call *c, json_t **out, int *status, struct err *e)
{
	struct http_answer a;
	int rc;

	if (status)
		*status = 0;
	rc = http_call(c, &a, e);
	if (rc)
		return rc;
	if (status)
		*status = a.status;
	if (a.status < 200 || a.status > 299) {
		rc = refused(c, &a, e);
	} else {
		*out = doc_parse(a.body, a.n, e);
		if (!*out)
			rc = err_set(e, ERR_WORLD,
				"the answer is not a JSON object");
	}
	http_answer_release(&a);
	return rc;
}

char *http_encode(const char *segment)
{
	static const char digit[] = "0123456789ABCDEF";
	char *out = xcalloc(3 * strlen(segment) + 1, 1), *p = out;

	for (const char *s = segment; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || strchr("-._~", c)) {
			*p++ = *s;
			continue;
		}
		*p++ = '%';
		*p++ = digit[c >> 4];
		*p++ = digit[c & 15];
	}
	return out;
}
