/* fuzz_s3_list.c -- whatever an S3 store says, what is told are segments of
 * keys, and a token fits. */
#include <stdlib.h>
#include <string.h>

#include "blob/s3_list.h"
#include "fuzz.h"

static int tell(void *ctx, const char *name, int64_t stored_s, struct err *e)
{
	(void)ctx;
	(void)stored_s;
	(void)e;
	must(!strchr(name, '/'));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *xml = calloc(1, n + 1), token[S3_TOKEN_BYTES];

	memcpy(xml, data, n);
	if (s3_list_read(xml, tell, NULL, token, NULL) == 0)
		must(strlen(token) < S3_TOKEN_BYTES);
	free(xml);
	return 0;
}
