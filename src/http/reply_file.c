/* reply_file.c -- a file, whole or a range of it. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/server_private.h"

/* What of a file is asked for. */
struct range {
	int given;
	uint64_t from, n; /* n is 0 when nothing of it is there */
};

/* Digits, and what follows them. */
static int read_number(const char **text, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return 0;
	errno = 0;
	*out = strtoull(*text, &end, 10);
	*text = end;
	return errno == 0;
}

/* "FROM-", "FROM-LAST" or "-COUNT", each to the end of the text. */
static int read_spec(const char *text, uint64_t size, struct range *out)
{
	uint64_t from, last = UINT64_MAX;

	if (*text == '-') {
		text++;
		if (!read_number(&text, &from) || *text)
			return 0;
		out->n = from < size ? from : size;
		out->from = size - out->n;
		return 1;
	}
	if (!read_number(&text, &from) || *text++ != '-')
		return 0;
	if (*text && (!read_number(&text, &last) || *text || last < from))
		return 0;
	out->from = from;
	if (from < size)
		out->n = last < size ? last - from + 1 : size - from;
	return 1;
}

/* Anything but one range of bytes is answered with the whole. */
static struct range read_range(const char *header, uint64_t size)
{
	static const char unit[] = "bytes=";
	struct range r = {0};

	if (header && strncmp(header, unit, sizeof unit - 1) == 0)
		r.given = read_spec(header + sizeof unit - 1, size, &r);
	return r.given ? r : (struct range){.n = size};
}

static void reply_none(struct http_reply *r, uint64_t size)
{
	struct err e;
	char text[48];

	snprintf(text, sizeof text, "bytes */%" PRIu64, size);
	http_reply_header(r, "Content-Range", text);
	err_set(&e, ERR_RANGE, "the file has %" PRIu64 " bytes", size);
	http_reply_problem(r, MHD_HTTP_RANGE_NOT_SATISFIABLE, &e);
}

void http_reply_file(const struct http_request *q, struct http_reply *r,
	const char *type, int fd, size_t size)
{
	const struct range part = read_range(
		q ? http_header(q, "Range") : NULL, size);
	char text[96];

	if (part.given && part.n == 0) {
		close(fd);
		reply_none(r, size);
		return;
	}
	reply_descriptor(r, part.given ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK,
		fd, part.from, part.n);
	http_reply_header(r, "Content-Type", type);
	if (q)
		http_reply_header(r, "Accept-Ranges", "bytes");
	if (!part.given)
		return;
	snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%zu",
		part.from, part.from + part.n - 1, size);
	http_reply_header(r, "Content-Range", text);
}
