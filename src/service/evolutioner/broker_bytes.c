/* broker_bytes.c -- GET and PUT /v1/blobs/{sha256} of brokers. */
#include "service/evolutioner/broker_bytes.h"

#include <stdio.h>

#include "base/hash.h"
#include "http/client.h"
#include "wire/job_json.h"

#define BYTES_MS 120000
#define CONNECT_MS 3000
#define URL_BYTES 1024

/* `url` is the caller's, URL_BYTES long. */
static struct http_call call(const struct broker_bytes *b, const char *broker,
	const char *method, const char *sha256, char *url)
{
	snprintf(url, URL_BYTES, "%s/v1/blobs/%s", broker, sha256);
	return (struct http_call){.method = method,
		.url = url,
		.token = b->token,
		.timeout_ms = BYTES_MS,
		.connect_ms = CONNECT_MS,
		.follow = 1, /* to the broker that leads */
		.cancelled = b->cancelled,
		.cancelled_ctx = b->ctx};
}

static int fetch_from(const struct broker_bytes *b, const char *broker,
	const char *sha256, struct err *e)
{
	char url[URL_BYTES];
	struct http_call get = call(b, broker, "GET", sha256, url);
	struct http_answer a;
	int rc;

	get.answer_max = JOB_PARENT_BYTES_MAX;
	rc = http_call(&get, &a, e);
	if (rc)
		return rc;
	if (a.status == 200)
		rc = blob_cache_put(b->blobs, sha256, a.body, a.n, e);
	else
		rc = err_set(e, ERR_WORLD,
			"the broker does not give the weights %s (status %d)",
			sha256, a.status);
	http_answer_release(&a);
	return rc;
}

int broker_bytes_parents(
	const struct broker_bytes *b, const json_t *job, struct err *e)
{
	const json_t *parents = json_object_get(job, "parents");
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < json_array_size(parents); i++) {
		const char *sha256 = json_string_value(
			json_array_get(parents, i));

		if (!sha256 || !sha256_is_hex(sha256))
			return err_at(e, ERR_INVALID, "", "parents",
				"must be SHA-256s");
		if (blob_cache_has(b->blobs, sha256))
			continue;
		rc = ERR_WORLD;
		for (size_t k = 0; rc && k < b->n_brokers; k++)
			rc = fetch_from(b, b->brokers[k], sha256, e);
	}
	return rc;
}

int broker_bytes_keep(const struct broker_bytes *b, const char *sha256,
	const void *bytes, size_t n, struct err *e)
{
	char url[URL_BYTES];
	int rc = ERR_WORLD;

	for (size_t k = 0; rc && k < b->n_brokers; k++) {
		struct http_call put = call(
			b, b->brokers[k], "PUT", sha256, url);
		json_t *answer;

		put.bytes = bytes;
		put.n_bytes = n;
		rc = http_call_json(&put, &answer, NULL, e);
		if (rc == 0)
			json_decref(answer);
	}
	return rc;
}
