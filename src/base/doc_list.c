/* doc_list.c -- brackets are matched first; what is between them is parsed in
 * its turn. */
#include "base/doc_list.h"

#include <string.h>

#include "base/buf.h"

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(const char *text, size_t n, size_t at)
{
	while (at < n && is_space(text[at]))
		at++;
	return at;
}

/* Behind the string whose first quote is at `at`. */
static size_t skip_string(const char *text, size_t n, size_t at)
{
	for (at++; at < n && text[at] != '"'; at++)
		at += text[at] == '\\';
	return at < n ? at + 1 : n;
}

/* Behind the bracket that closes what is open at `at`, or `n`; `*commas` are
 * those between its elements. */
static size_t skip_nested(const char *text, size_t n, size_t at, size_t *commas)
{
	int depth = 0;

	*commas = 0;
	while (at < n) {
		const char c = text[at];

		if (c == '"') {
			at = skip_string(text, n, at);
			continue;
		}
		at++;
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		if (depth == 0)
			return at;
		*commas += c == ',' && depth == 1;
	}
	return n;
}

static int is_key(const char *text, size_t from, size_t to, const char *key)
{
	const size_t length = strlen(key);

	return to - from == length + 2 &&
	       memcmp(text + from + 1, key, length) == 0;
}

/* The place of the bracket that opens the list, or `n`.  A string that a colon
 * and a bracket follow is no value. */
static size_t find_list(const char *text, size_t n, const char *key)
{
	size_t at = skip_space(text, n, 0), commas;

	if (at < n && text[at] == '{')
		at++;
	while (at < n) {
		const size_t from = at;

		if (text[at] == '{' || text[at] == '[') {
			at = skip_nested(text, n, at, &commas);
			continue;
		}
		if (text[at++] != '"')
			continue;
		at = skip_string(text, n, from);
		if (!is_key(text, from, at, key))
			continue;
		at = skip_space(text, n, at);
		if (at == n || text[at] != ':')
			continue;
		at = skip_space(text, n, at + 1);
		if (at < n && text[at] == '[')
			return at;
	}
	return n;
}

/* Elements are weighed in their turn. */
static json_t *parse_weighed(const char *text, size_t n, struct err *e)
{
	size_t bytes;

	return doc_weigh(text, n, &bytes, e) ? NULL : doc_parse(text, n, e);
}

json_t *doc_parse_but(const char *text, size_t n, const char *key,
	struct doc_list *list, struct err *e)
{
	const size_t open = find_list(text, n, key);
	size_t close, commas;
	struct buf rest;
	json_t *doc;

	*list = (struct doc_list){.text = NULL};
	if (open == n)
		return parse_weighed(text, n, e);
	close = skip_nested(text, n, open, &commas);
	list->text = text + open + 1;
	list->n = close - open - 1 - (text[close - 1] == ']');
	if (skip_space(list->text, list->n, 0) < list->n)
		list->count = commas + 1;
	buf_init(&rest, n);
	/* Less than the text in all: there is room. */
	buf_add(&rest, text, open + 1, NULL);
	buf_add(&rest, list->text + list->n,
		n - (size_t)(list->text + list->n - text), NULL);
	doc = parse_weighed(rest.data, rest.len, e);
	buf_release(&rest);
	return doc;
}

/* The element's end: a comma at its level, or the end of all. */
static size_t element_end(const char *text, size_t n)
{
	size_t at = 0, commas;

	while (at < n && text[at] != ',') {
		if (text[at] == '"')
			at = skip_string(text, n, at);
		else if (text[at] == '{' || text[at] == '[')
			at = skip_nested(text, n, at, &commas);
		else
			at++;
	}
	return at;
}

struct doc_element doc_list_cut(struct doc_list *list)
{
	const size_t end = element_end(list->text, list->n);
	const struct doc_element x = {list->text, end};

	/* What a comma ends is followed by another. */
	list->text += end < list->n ? end + 1 : end;
	list->n -= end < list->n ? end + 1 : end;
	return x;
}

int doc_element_parse(const struct doc_element *x, json_t **out, struct err *e)
{
	struct err why;
	size_t bytes;
	int rc = doc_weigh(x->text, x->n, &bytes, e);

	if (rc)
		return rc;
	if (bytes > DOC_ELEMENT_MAX)
		return err_set(e, ERR_TOO_BIG,
			"an element of a list has too many values: they would "
			"take more than %zu MB of memory",
			DOC_ELEMENT_MAX >> 20);
	*out = doc_parse(x->text, x->n, &why);
	if (*out)
		return 0;
	if (e)
		*e = why;
	return why.code;
}
