/* remote_set.h -- the files of a data set that is named by a URL.
 *
 * https://HOST/PATH/set.npz is one file.  Several are named as WebDataset does
 * it: https://HOST/PATH/set-train-{000000..000009}.tar, and
 * {train,t10k}-{images-idx3,labels-idx1}-ubyte.gz are MNIST's four.
 * s3://BUCKET/KEY is a key as it is, in a store of the environment: AWS_REGION,
 * AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN, AWS_CA_BUNDLE. */
#ifndef DATA_REMOTE_SET_H
#define DATA_REMOTE_SET_H

#include <stddef.h>

#include "base/err.h"
#include "http/download.h"

#define REMOTE_FILES_MAX 4096
#define REMOTE_NAME_BYTES 201

struct remote_file {
	char *url; /* of http or https, encoded */
	char name[REMOTE_NAME_BYTES];
	int optional; /* classes.txt beside a file: it may not be there */
};

struct remote_set {
	struct remote_file *files;
	size_t n;
	int is_folder; /* there may be several */
	int is_signed; /* ... by `signing` */
	struct http_signing signing;
};

/* True if a data set's name is a URL. */
int remote_is(const char *name);

/* Takes a URL apart; to be released.  ERR_INVALID, also for a file's name that
 * cannot be one here; ERR_RANGE for too many files. */
int remote_set_read(const char *url, struct remote_set *out, struct err *e);

/* Frees the files. */
void remote_set_release(struct remote_set *s);

#endif
