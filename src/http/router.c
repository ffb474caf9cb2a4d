/* router.c -- patterns against paths, one segment at a time. */
#include "http/router.h"

#include <stdio.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that an escape "%XX" means; -1 if it is malformed. */
static int escaped_byte(const char *s, size_t n)
{
	int high, low;

	if (n < 3)
		return -1;
	high = hex_digit(s[1]);
	low = hex_digit(s[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

char *route_decode(struct arena *mem, const char *text, size_t n, int plus)
{
	char *out = arena_alloc(mem, n + 1), *to = out;

	for (size_t i = 0; i < n; i++) {
		int byte = (unsigned char)text[i];

		if (byte == '%') {
			byte = escaped_byte(text + i, n - i);
			i += 2;
		} else if (plus && byte == '+') {
			byte = ' ';
		}
		/* A NUL would hide the rest from every string function. */
		if (byte <= 0)
			return NULL;
		*to++ = (char)byte;
	}
	return out;
}

/* -- one pattern -- */

/* The length of the segment at `s`, which stands after a slash. */
static size_t segment(const char *s)
{
	return strcspn(s, "/");
}

/* Matches one segment, "text", "{name}" or "{name}.suffix": 1, 0, or
 * ERR_INVALID. */
static int match_segment(const char *pattern, size_t pattern_bytes,
	const char *text, size_t n, struct arena *mem, struct route_match *m)
{
	const char *end = memchr(pattern, '}', pattern_bytes);
	size_t rest; /* of the pattern, after the name */
	char *value;

	if (*pattern != '{')
		return n == pattern_bytes && memcmp(text, pattern, n) == 0;
	rest = (size_t)(pattern + pattern_bytes - end) - 1;
	if (n <= rest || m->n_params == ROUTE_PARAMS_MAX ||
		memcmp(text + n - rest, end + 1, rest) != 0)
		return 0;
	value = route_decode(mem, text, n - rest, 0);
	if (!value)
		return ERR_INVALID;
	m->params[m->n_params++] = (struct route_param){
		.name = pattern + 1,
		.name_bytes = (size_t)(end - pattern) - 1,
		.value = value,
	};
	return 1;
}

/* Matches a whole path: 1, 0, or ERR_INVALID. */
static int match_path(const char *pattern, const char *path, struct arena *mem,
	struct route_match *m)
{
	m->n_params = 0;
	while (*pattern == '/' && *path == '/') {
		size_t p = segment(++pattern), n = segment(++path);
		int found = match_segment(pattern, p, path, n, mem, m);

		if (found <= 0)
			return found;
		pattern += p;
		path += n;
	}
	return *pattern == '\0' && *path == '\0';
}

static int match_route(const struct http_route *r, const char *path,
	struct arena *mem, struct route_match *m)
{
	int found = match_path(r->path, path, mem, m);

	if (found == 0 && (r->flags & HTTP_LEGACY) &&
		strncmp(path, "/api/", 5) == 0)
		found = match_path(r->path, path + 4, mem, m);
	return found;
}

/* -- the table -- */

static int same_method(const char *route, const char *asked)
{
	return strcmp(route, asked) == 0 ||
	       (strcmp(route, "GET") == 0 && strcmp(asked, "HEAD") == 0);
}

/* Adds a method to the list for a 405, once. */
static void allow(struct route_match *m, const char *method)
{
	size_t at = strlen(m->allow);

	if (strstr(m->allow, method))
		return;
	snprintf(m->allow + at, sizeof m->allow - at, "%s%s%s", at ? ", " : "",
		method, strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

int route_find(const struct http_route *routes, size_t n, const char *method,
	const char *path, struct arena *mem, struct route_match *out,
	struct err *e)
{
	out->route = NULL;
	out->allow[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		int found = match_route(&routes[i], path, mem, out);

		if (found < 0)
			return err_set(e, ERR_INVALID,
				"the path has a malformed percent escape");
		if (found && same_method(routes[i].method, method)) {
			out->route = &routes[i];
			return 0;
		}
		if (found)
			allow(out, routes[i].method);
	}
	if (out->allow[0])
		return err_set(e, ERR_CONFLICT,
			"%s is not served here; this path takes %s", method,
			out->allow);
	return err_set(e, ERR_NOT_FOUND, "there is nothing at %s", path);
}
