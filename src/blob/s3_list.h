/* s3_list.h -- a page of the list of a bucket's objects, as S3 answers
 * (ListObjectsV2). */
#ifndef BLOB_S3_LIST_H
#define BLOB_S3_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define S3_TOKEN_BYTES 1100

/* Calls `one` with the last segment of each key, as far as it fits, and when
 * the object was stored, in seconds since 1970; then says in `token` how the
 * next page is asked for ("": there is none).  ERR_WORLD when the text is no
 * such page, what `one` returned. */
int s3_list_read(const char *xml,
	int (*one)(
		void *ctx, const char *name, int64_t stored_s, struct err *e),
	void *ctx, char token[S3_TOKEN_BYTES], struct err *e);

#endif
