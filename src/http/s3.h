/* s3.h -- where the objects of s3://BUCKET/KEY are, in a store of the
 * environment: AWS_REGION, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID,
 * AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CA_BUNDLE. */
#ifndef HTTP_S3_H
#define HTTP_S3_H

#include "base/err.h"
#include "http/signing.h"

#define S3_URL_BYTES 4096

struct s3_place {
	char bucket[S3_URL_BYTES]; /* its URL, without a slash at the end */
	const char *key;           /* within the text; may be "" */
	/* Of the environment, whose strings it points into; is_signed says that
	 * there is a key to sign with. */
	struct http_signing signing;
	int is_signed;
};

/* Takes s3://BUCKET, or s3://BUCKET/KEY, apart; the key is as it is, nothing in
 * it is encoded.  ERR_INVALID. */
int s3_place_of(const char *text, struct s3_place *out, struct err *e);

/* Writes the URL of the bucket's object of that key.  ERR_INVALID when it is
 * too long. */
int s3_object(const struct s3_place *s, const char *key, char out[S3_URL_BYTES],
	struct err *e);

#endif
