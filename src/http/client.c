/* client.c -- libcurl, driven so that a caller who loses interest is heard
 * within a fifth of a second. */
#include "http/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "base/clock.h"
#include "base/doc.h"
#include "http/client_private.h"

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

/* Drives the exchange to its end; its code. */
static int drive(struct http_lines *l, const struct http_call *c)
{
	int running = 1, left, rc = CURLE_OK;
	CURLMsg *message;

	if (curl_multi_add_handle(l->multi, l->easy))
		return CURLE_FAILED_INIT;
	while (running) {
		if (c->cancelled && c->cancelled(c->cancelled_ctx)) {
			rc = EXCHANGE_GIVEN_UP;
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

static int call_on(struct http_lines *l, const struct http_call *c,
	struct http_answer *out, struct err *e)
{
	struct exchange x;

	exchange_begin(&x, l->easy, c);
	return exchange_end(&x, drive(l, c), out, e);
}

/* When to ask again, by the monotonic clock, or 0: not at all. */
static int64_t again_ms(const struct http_answer *a, int64_t end_ms)
{
	const int64_t at_ms = clock_mono_ms() +
			      (int64_t)a->retry_after_s * 1000;

	return a->status == 429 && a->retry_after_s > 0 && at_ms < end_ms
		       ? at_ms
		       : 0;
}

static int wait_until(const struct http_call *c, int64_t at_ms, struct err *e)
{
	int64_t left_ms;

	while ((left_ms = at_ms - clock_mono_ms()) > 0) {
		if (c->cancelled && c->cancelled(c->cancelled_ctx))
			return err_set(
				e, ERR_CANCELLED, "the request was given up");
		clock_sleep_ms(
			left_ms < LISTEN_EVERY_MS ? left_ms : LISTEN_EVERY_MS);
	}
	return 0;
}

/* Until it is not told to ask later. */
static int call_patiently(struct http_lines *l, struct http_call *c,
	struct http_answer *out, struct err *e)
{
	const int64_t end_ms = clock_mono_ms() + c->timeout_ms;
	int64_t at_ms;
	int rc;

	while ((rc = call_on(l, c, out, e)) == 0 &&
		(at_ms = again_ms(out, end_ms))) {
		http_answer_release(out);
		rc = wait_until(c, at_ms, e);
		if (rc)
			return rc;
		c->timeout_ms = end_ms - at_ms;
	}
	return rc;
}

int http_call(const struct http_call *c, struct http_answer *out, struct err *e)
{
	char *body = c->json ? canonical_text_as_added(c->json, e) : NULL;
	struct http_lines *own = c->lines ? NULL : http_lines_new();
	struct http_call sent = *c;
	int rc;

	*out = (struct http_answer){.status = 0};
	if (body)
		sent.text = body;
	if (c->json && !body)
		rc = e ? e->code : ERR_RANGE;
	else
		rc = call_patiently(own ? own : c->lines, &sent, out, e);
	http_lines_free(own);
	free(body);
	return rc;
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
static int refused(const char *url, const struct http_answer *a, struct err *e)
{
	json_t *doc = doc_parse(a->body, a->n, NULL);
	const char *sentence = json_string_value(json_object_get(doc, "error"));
	const char *pointer = json_string_value(
		json_object_get(doc, "pointer"));
	char who[EXCHANGE_WHO_BYTES];
	int rc;

	if (sentence)
		rc = err_set(e, code_of_status(a->status), "%.*s", SENTENCE_MAX,
			sentence);
	else
		rc = err_set(e, code_of_status(a->status),
			"%s answered with status %d",
			exchange_authority(url, who), a->status);
	if (e && pointer)
		snprintf(e->where, sizeof e->where, "%s", pointer);
	json_decref(doc);
	return rc;
}

int http_answer_refused(
	const struct http_answer *a, const char *url, struct err *e)
{
	return a->status >= 200 && a->status <= 299 ? 0 : refused(url, a, e);
}

int http_answer_json(const struct http_answer *a, const char *url, json_t **out,
	struct err *e)
{
	int rc = http_answer_refused(a, url, e);

	if (rc)
		return rc;
	*out = doc_parse(a->body, a->n, e);
	if (!*out)
		return err_set(e, ERR_WORLD, "the answer is not a JSON object");
	return 0;
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
	rc = http_answer_json(&a, c->url, out, e);
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
