/* signing.h -- how requests to an S3 store are signed (version 4), which is
 * libcurl's work. */
#ifndef HTTP_SIGNING_H
#define HTTP_SIGNING_H

struct http_signing {
	const char *region; /* "us-east-1" */
	const char *key, *secret;
	const char *session; /* token of a passing key, or NULL */
};

#endif
