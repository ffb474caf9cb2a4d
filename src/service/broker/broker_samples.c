/* broker_samples.c -- a data set's images, some of each class. */
#include <stdlib.h>

#include "data/dataset_writer.h"
#include "data/png.h"
#include "data/sample_sheet.h"
#include "service/broker/broker_history.h"

struct dataset *broker_dataset_open(
	struct broker *b, const char *hash, struct err *e)
{
	char path[DATASET_PATH_MAX];
	struct dataset *d;

	if (!sha256_is_hex(hash)) {
		err_set(e, ERR_INVALID,
			"a data set is named by its SHA-256, 64 lower-case "
			"hexadecimal digits");
		return NULL;
	}
	if (dataset_writer_path(b->datasets_dir, hash, path, e))
		return NULL;
	d = dataset_open(path, NULL);
	if (!d)
		err_set(e, ERR_NOT_FOUND,
			"this broker has no data set of that hash");
	return d;
}

static void *make_sheet(const struct dataset *d, size_t *n, struct err *e)
{
	struct pixels sheet;
	void *bytes = NULL;

	if (sample_sheet(d, &sheet, e))
		return NULL;
	png_write(&sheet, &bytes, n, e);
	free(sheet.values);
	return bytes;
}

void broker_dataset_samples(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct err e = {0};
	struct dataset *d = broker_dataset_open(b, http_param(q, "hash"), &e);
	void *bytes = NULL;
	size_t n;

	if (d)
		bytes = make_sheet(d, &n, &e);
	dataset_close(d);
	if (bytes)
		http_reply_bytes(r, 200, "image/png", bytes, n);
	else
		broker_reply_failure(b, r, &e);
	free(bytes);
}
