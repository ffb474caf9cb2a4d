/* broker_pull.c -- evolutioners that call: reports in, orders out, and the
 * bytes that go with them. */
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "service/broker/broker.h"

#define WAIT_MOST_MS 30000
#define LOOK_MS 1000 /* whether the worker is there that waits for orders */

/* One topic a worker: FNV-1a of its id. */
static uint64_t topic(const char *id)
{
	uint64_t h = 14695981039346656037u;

	while (*id)
		h = (h ^ (unsigned char)*id++) * 1099511628211u;
	return h | 1;
}

void broker_orders(void *broker, const char *id)
{
	struct broker *b = broker;

	http_news_tell(b->news, topic(id));
}

static int take_report(
	struct broker *b, const struct http_request *q, struct err *e)
{
	static const char *const names[] = {"number", "seen", "wait_ms",
		"slots", "free", "jobs", "draining", "info", NULL};
	const json_t *body = http_body(q);
	struct dispatch_caller c = {.info = NULL};
	char address[HTTP_HOST_BYTES];
	int rc = broker_member_id(q, &c.id, e);

	if (rc == 0)
		rc = doc_only(body, "", names, e);
	if (rc == 0)
		rc = doc_bool_opt(body, "", "draining", &c.draining, e);
	if (rc == 0)
		rc = doc_obj_opt(body, "", "info", &c.info, e);
	if (rc)
		return rc;
	http_client_address(q, address);
	c.address = address;
	return dispatch_report(b->dispatch, &c, body, e);
}

/* The text is one object of ours. */
static void reply_orders(struct http_reply *r, char *text)
{
	http_reply_bytes(r, 200, "application/json", text, strlen(text));
	http_reply_header(r, "Cache-Control", "no-store");
	free(text);
}

/* The report is taken in once; then there are orders, now or later. */
void broker_worker_exchange(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	int64_t *memo = http_memo(q), wait_ms = 0, left_ms;
	struct broker *b = ctx;
	struct err e = {0};
	char *text;
	int rc;

	if (doc_int_opt(http_body(q), "", "wait_ms", 0, WAIT_MOST_MS, &wait_ms,
		    &e) ||
		((*memo)++ == 0 && take_report(b, q, &e))) {
		broker_reply_failure(b, r, &e);
		return;
	}
	if (http_client_gone(q)) {
		dispatch_hung_up(b->dispatch, http_param(q, "id"));
		err_set(&e, ERR_BUSY, "the worker has hung up");
		broker_reply_failure(b, r, &e);
		return;
	}
	left_ms = wait_ms - http_waited_ms(q);
	rc = dispatch_orders(b->dispatch, http_param(q, "id"),
		left_ms <= 0 || http_draining(q), &text);
	if (rc == 1) {
		reply_orders(r, text);
	} else if (rc == 0) {
		http_reply_later(r, left_ms < LOOK_MS ? left_ms : LOOK_MS,
			topic(http_param(q, "id")));
	} else {
		err_set(&e, ERR_NOT_FOUND, "the worker has left");
		broker_reply_failure(b, r, &e);
	}
}

void broker_worker_weights(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	const char *id = NULL, *bytes;
	struct err e = {0};
	size_t n;

	bytes = http_bytes(q, &n);
	if (broker_member_id(q, &id, &e) ||
		dispatch_weights(
			b->dispatch, id, http_param(q, "job"), bytes, n, &e))
		broker_reply_failure(b, r, &e);
	else
		http_reply_json(
			r, 200, json_pack("{s:I}", "bytes", (json_int_t)n));
}

static int check_name(const char *sha256, struct err *e)
{
	if (sha256_is_hex(sha256))
		return 0;
	return err_set(e, ERR_INVALID,
		"a blob's name is a SHA-256: 64 lower-case digits");
}

/* Bytes that are named by what they are not would be kept for nobody. */
static int put_blob(struct broker *b, const char *sha256, const char *bytes,
	size_t n, struct err *e)
{
	char name[SHA256_HEX_BYTES];
	int rc;

	sha256_of(bytes, n, name);
	if (strcmp(name, sha256) != 0)
		return err_set(e, ERR_INVALID,
			"the bytes have the SHA-256 %s, not that of the path",
			name);
	blobs_enter(b->blobs);
	rc = blob_put(b->blobs, bytes, n, name, e);
	blobs_leave(b->blobs);
	return rc;
}

void broker_blob_put(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	const char *sha256 = http_param(q, "sha256");
	struct broker *b = ctx;
	struct err e = {0};
	size_t n;
	const char *bytes = http_bytes(q, &n);

	if (check_name(sha256, &e) || put_blob(b, sha256, bytes, n, &e))
		broker_reply_failure(b, r, &e);
	else
		http_reply_json(r, 200,
			json_pack("{s:s, s:I}", "sha256", sha256, "bytes",
				(json_int_t)n));
}

void broker_blob(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const char *sha256 = http_param(q, "sha256");
	struct broker *b = ctx;
	struct err e = {0};
	size_t n;
	int fd;

	if (check_name(sha256, &e)) {
		broker_reply_failure(b, r, &e);
		return;
	}
	if (blob_file(b->blobs, sha256, &fd, &n, &e))
		broker_reply_failure(b, r, &e);
	else
		http_reply_file(NULL, r, "application/octet-stream", fd, n);
}
