/* signing.c -- what libcurl is told so that it signs. */
#include <stdio.h>

#include "base/hash.h"
#include "http/signing_private.h"

void signing_set(CURL *h, const struct http_signing *s, const void *body,
	size_t n, struct curl_slist **headers)
{
	char how[96], line[4096], sum[SHA256_HEX_BYTES];

	snprintf(how, sizeof how, "aws:amz:%s:s3", s->region);
	curl_easy_setopt(h, CURLOPT_AWS_SIGV4, how);
	curl_easy_setopt(h, CURLOPT_USERNAME, s->key);
	curl_easy_setopt(h, CURLOPT_PASSWORD, s->secret);
	if (s->ca_file)
		curl_easy_setopt(h, CURLOPT_CAINFO, s->ca_file);
	/* The hash of the body, of none too: S3 wants it, whoever signs. */
	sha256_of(body ? body : "", body ? n : 0, sum);
	snprintf(line, sizeof line, "x-amz-content-sha256: %s", sum);
	*headers = curl_slist_append(*headers, line);
	if (s->session) {
		snprintf(line, sizeof line, "x-amz-security-token: %s",
			s->session);
		*headers = curl_slist_append(*headers, line);
	}
}
