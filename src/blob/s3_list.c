/* s3_list.c -- three elements looked for in a document whose other parts are
 * passed over: what we want of them needs no reader of all XML. */
#include "blob/s3_list.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define NAME_BYTES 128

/* What stands between <tag> and </tag> from `at` on, before `end`; NULL: no
 * such element. */
static const char *element(
	const char *at, const char *end, const char *tag, size_t *n)
{
	char open[40], close[40];
	const char *from, *to;

	snprintf(open, sizeof open, "<%s>", tag);
	snprintf(close, sizeof close, "</%s>", tag);
	from = strstr(at, open);
	if (!from || from >= end)
		return NULL;
	from += strlen(open);
	to = strstr(from, close);
	if (!to || to > end)
		return NULL;
	*n = (size_t)(to - from);
	return from;
}

/* The segment after the last slash: a hash needs no escapes. */
static void last_segment(const char *key, size_t n, char out[NAME_BYTES])
{
	size_t from = n;

	while (from > 0 && key[from - 1] != '/')
		from--;
	snprintf(out, NAME_BYTES, "%.*s", (int)(n - from), key + from);
}

/* "2026-11-29T10:00:00.000Z" */
static int read_time(const char *text, size_t n, int64_t *out)
{
	char copy[40];
	struct tm t = {.tm_sec = 0};

	if (n >= sizeof copy)
		return -1;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (!strptime(copy, "%Y-%m-%dT%H:%M:%S", &t))
		return -1;
	*out = (int64_t)timegm(&t);
	return 0;
}

static int no_list(struct err *e)
{
	return err_set(
		e, ERR_WORLD, "the S3 store's answer is no list of objects");
}

/* Of base64, as stores make them: what an escape could stand for is not in
 * it. */
static int read_token(const char *xml, const char *end,
	char token[S3_TOKEN_BYTES], struct err *e)
{
	size_t n = 0;
	const char *text = element(xml, end, "NextContinuationToken", &n);

	token[0] = '\0';
	if (!text)
		return 0;
	if (n >= S3_TOKEN_BYTES || memchr(text, '&', n))
		return no_list(e);
	memcpy(token, text, n);
	token[n] = '\0';
	return 0;
}

int s3_list_read(const char *xml,
	int (*one)(
		void *ctx, const char *name, int64_t stored_s, struct err *e),
	void *ctx, char token[S3_TOKEN_BYTES], struct err *e)
{
	const char *end = xml + strlen(xml), *at = xml, *object;
	size_t n, n_key, n_time;
	int rc = 0;

	if (!strstr(xml, "<ListBucketResult"))
		return no_list(e);
	while (rc == 0 && (object = element(at, end, "Contents", &n))) {
		const char *stop = object + n;
		const char *key = element(object, stop, "Key", &n_key);
		const char *time = element(
			object, stop, "LastModified", &n_time);
		char name[NAME_BYTES];
		int64_t stored_s;

		if (!key || !time || read_time(time, n_time, &stored_s))
			return no_list(e);
		last_segment(key, n_key, name);
		rc = one(ctx, name, stored_s, e);
		at = stop;
	}
	return rc ? rc : read_token(xml, end, token, e);
}
