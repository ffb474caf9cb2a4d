/* broker_csv.c -- a page of a list as CSV. */
#include "service/broker/broker_csv.h"

#include <string.h>

#include "base/csv.h"

#define CSV_BYTES_MAX ((size_t)64 << 20)

int csv_wanted(const struct http_request *q)
{
	const char *accept = http_header(q, "Accept");

	return accept && strncmp(accept, "text/csv", 8) == 0;
}

void csv_reply(struct http_reply *r, const json_t *items)
{
	const json_t *first = json_array_get(items, 0), *item;
	struct buf out;
	size_t i;

	buf_init(&out, CSV_BYTES_MAX);
	csv_add_head(&out, first, NULL);
	json_array_foreach((json_t *)items, i, item)
		csv_add_row(&out, first, item, NULL);
	http_reply_bytes(r, 200, "text/csv", out.data, out.len);
	buf_release(&out);
}
