/* broker_members.c -- evolutioners that join and leave by themselves. */
#include <string.h>

#include "base/doc.h"
#include "base/version.h"
#include "http/url.h"
#include "service/broker/broker.h"

#define ID_BYTES \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

int broker_member_id(
	const struct http_request *q, const char **out, struct err *e)
{
	const char *id = http_param(q, "id");
	const size_t n = strlen(id);

	if (n == 0 || n >= DISPATCH_MEMBER_ID_MAX || strspn(id, ID_BYTES) != n)
		return err_set(e, ERR_INVALID,
			"a worker's id has 1 to %d letters, digits, dots, "
			"dashes and underscores",
			DISPATCH_MEMBER_ID_MAX - 1);
	*out = id;
	return 0;
}

/* Its own, or that of the address that the request comes from. */
static int read_url(
	const struct http_request *q, char out[HTTP_URL_BYTES], struct err *e)
{
	const json_t *body = http_body(q);
	struct http_place at = {.tls = 0};
	const char *url = NULL;
	int64_t number = 0;
	int rc;

	if ((rc = doc_str_opt(
		     body, "", "url", 1, HTTP_URL_BYTES - 1, &url, e)) ||
		(rc = doc_int_opt(body, "", "port", 1, 65535, &number, e)) ||
		(rc = doc_bool_opt(body, "", "tls", &at.tls, e)))
		return rc;
	if (!url == !number)
		return err_at(e, ERR_INVALID, "", "url",
			"either the worker's URL or its \"port\" is asked for");
	if (!url) {
		http_client_address(q, at.host);
		at.port = (int)number;
	} else if (http_url(url, &at, e)) {
		return err_at(e, ERR_INVALID, "", "url",
			"must have the form http://HOST:PORT or "
			"https://HOST:PORT");
	}
	http_url_of(&at, out);
	return 0;
}

static int check_version(const json_t *body, struct err *e)
{
	const char *version = NULL;
	int rc = doc_str_opt(body, "", "version", 1, 40, &version, e);

	return rc || !version ? rc : version_check(version, e);
}

void broker_worker_join(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	static const char *const names[] = {
		"url", "port", "tls", "draining", "version", NULL};
	struct dispatch_member m = {.draining = 0};
	char url[HTTP_URL_BYTES];
	struct broker *b = ctx;
	struct err e = {0};

	m.url = url;
	if (broker_member_id(q, &m.id, &e) ||
		doc_only(http_body(q), "", names, &e) || read_url(q, url, &e) ||
		doc_bool_opt(http_body(q), "", "draining", &m.draining, &e) ||
		check_version(http_body(q), &e) ||
		dispatch_join(b->dispatch, &m, &e)) {
		broker_reply_failure(b, r, &e);
		return;
	}
	http_reply_json(r, 200,
		json_pack("{s:s, s:s, s:b}", "id", m.id, "url", url, "draining",
			m.draining));
}

void broker_worker_leave(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	const char *id = NULL;
	struct err e = {0};

	if (broker_member_id(q, &id, &e) || dispatch_leave(b->dispatch, id, &e))
		broker_reply_failure(b, r, &e);
	else
		http_reply_json(r, 200, json_pack("{s:s}", "id", id));
}
