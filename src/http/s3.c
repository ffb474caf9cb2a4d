/* s3.c -- below the endpoint that the environment names, if it does, else
 * Amazon's. */
#include "http/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "http/client.h"

#define BUCKET_MIN 3
#define BUCKET_MAX 63

static const char *from_environment(const char *name, const char *absent)
{
	const char *v = getenv(name);

	return v && v[0] ? v : absent;
}

static void read_signing(struct s3_place *s)
{
	s->signing = (struct http_signing){
		.region = from_environment("AWS_REGION", "us-east-1"),
		.key = from_environment("AWS_ACCESS_KEY_ID", NULL),
		.secret = from_environment("AWS_SECRET_ACCESS_KEY", NULL),
		.session = from_environment("AWS_SESSION_TOKEN", NULL),
		.ca_file = from_environment("AWS_CA_BUNDLE", NULL),
	};
	s->is_signed = s->signing.key && s->signing.secret;
}

static int bucket_url(struct s3_place *s, const char *bucket, int n)
{
	const char *endpoint = from_environment("AWS_ENDPOINT_URL", NULL);
	int wrote;

	if (endpoint)
		wrote = snprintf(s->bucket, S3_URL_BYTES, "%.*s/%.*s",
			(int)(strlen(endpoint) -
				(endpoint[strlen(endpoint) - 1] == '/')),
			endpoint, n, bucket);
	else
		wrote = snprintf(s->bucket, S3_URL_BYTES,
			"https://%.*s.s3.%s.amazonaws.com", n, bucket,
			s->signing.region);
	return wrote < S3_URL_BYTES;
}

int s3_place_of(const char *text, struct s3_place *out, struct err *e)
{
	const char *bucket = text + strlen("s3://");
	size_t n;

	if (strncmp(text, "s3://", 5) != 0)
		return err_set(e, ERR_INVALID,
			"'%.100s' does not begin with s3://", text);
	n = strcspn(bucket, "/");
	if (n < BUCKET_MIN || n > BUCKET_MAX ||
		strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789.-") < n)
		return err_set(e, ERR_INVALID,
			"'%.100s' names no bucket: %d to %d lower-case "
			"letters, digits, dots and hyphens",
			text, BUCKET_MIN, BUCKET_MAX);
	read_signing(out);
	out->key = bucket + n + (bucket[n] == '/');
	if (!bucket_url(out, bucket, (int)n))
		return err_set(e, ERR_INVALID, "the URL is too long");
	return 0;
}

/* "/" and a segment, encoded, for each segment of the key. */
int s3_object(const struct s3_place *s, const char *key, char out[S3_URL_BYTES],
	struct err *e)
{
	size_t at = strlen(s->bucket);

	memcpy(out, s->bucket, at + 1);
	while (*key) {
		const size_t n = strcspn(key, "/");
		char *segment = xcalloc(1, n + 1), *encoded;
		int wrote;

		memcpy(segment, key, n);
		encoded = http_encode(segment);
		wrote = snprintf(out + at, S3_URL_BYTES - at, "/%s", encoded);
		free(encoded);
		free(segment);
		if (wrote < 0 || (size_t)wrote >= S3_URL_BYTES - at)
			return err_set(e, ERR_INVALID, "the URL is too long");
		at += (size_t)wrote;
		key += n + (key[n] == '/');
	}
	return 0;
}
