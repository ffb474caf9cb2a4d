/* query.c -- what stands behind the question mark: names that the route has,
 * values decoded. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "http/server_private.h"

#define NAME_SHOWN 60 /* bytes of an unknown name that are said back */

/* One "name=value" of the query, as it came. */
struct pair {
	const char *text;
	size_t n, name_bytes;
};

/* The next pair of *query that is not empty, which moves on past it. */
static int next_pair(const char **query, struct pair *out)
{
	const char *equals;

	*query += strspn(*query, "&");
	out->text = *query;
	out->n = strcspn(out->text, "&");
	equals = memchr(out->text, '=', out->n);
	out->name_bytes = equals ? (size_t)(equals - out->text) : out->n;
	*query += out->n;
	return out->n > 0;
}

/* The name, decoded, or NULL. */
static const char *pair_name(const struct http_request *q, const struct pair *p)
{
	struct arena *mem = (struct arena *)&q->mem; /* the request's own */

	return route_decode(mem, p->text, p->name_bytes, 1);
}

static const char *pair_value(
	const struct http_request *q, const struct pair *p)
{
	struct arena *mem = (struct arena *)&q->mem;

	if (p->name_bytes == p->n)
		return "";
	return route_decode(
		mem, p->text + p->name_bytes + 1, p->n - p->name_bytes - 1, 1);
}

/* -- names -- */

int request_query(struct http_request *q)
{
	const char *known = q->match.route->query, *rest = q->query;
	struct pair p;

	/* Existing clients may send what they like. */
	if (strncmp(q->path, "/v1/", 4) != 0)
		return 0;
	while (next_pair(&rest, &p)) {
		const char *name = pair_name(q, &p);

		if (name && known && words_have(known, name, strlen(name)))
			continue;
		err_set(&q->why, ERR_INVALID,
			"there is no query parameter \"%.*s\" here; %s%s",
			p.name_bytes < NAME_SHOWN ? (int)p.name_bytes
						  : NAME_SHOWN,
			p.text, known ? "known: " : "this path takes none",
			known ? known : "");
		return q->refused = MHD_HTTP_BAD_REQUEST;
	}
	return 0;
}

/* -- values -- */

const char *http_query(const struct http_request *q, const char *name)
{
	const char *rest = q->query;
	struct pair p;

	while (next_pair(&rest, &p)) {
		const char *given = pair_name(q, &p), *value;

		if (!given || strcmp(given, name) != 0)
			continue;
		/* A badly escaped one counts as none. */
		value = pair_value(q, &p);
		if (value)
			return value;
	}
	return NULL;
}

int http_query_int(const struct http_request *q, const char *name, int64_t lo,
	int64_t hi, int64_t *out, struct err *e)
{
	const char *text = http_query(q, name);
	char *end;
	long long v;

	if (!text)
		return 0;
	errno = 0;
	v = strtoll(text, &end, 10);
	if (*end || end == text || !strchr("-0123456789", text[0]))
		return err_set(e, ERR_INVALID,
			"the query parameter \"%s\" must be an integer", name);
	if (errno || v < lo || v > hi)
		return err_set(e, ERR_RANGE,
			"the query parameter \"%s\" must be from %lld to %lld",
			name, (long long)lo, (long long)hi);
	*out = v;
	return 0;
}
