/* signing.h -- how requests to an S3 store are signed (version 4), which is
 * libcurl's work, and whom the store is believed by. */
#ifndef HTTP_SIGNING_H
#define HTTP_SIGNING_H

struct http_signing {
	const char *region; /* "us-east-1" */
	const char *key, *secret;
	const char *session; /* token of a passing key, or NULL */
	const char *ca_file; /* of a store that is not public: PEM; NULL: the
			      * system's authorities */
};

#endif
