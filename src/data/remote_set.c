/* remote_set.c -- a URL, and what its files are called here. */
#include "data/remote_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/field.h"
#include "data/remote_braces.h"
#include "http/s3.h"

#define URL_BYTES S3_URL_BYTES
#define CLASSES ".classes.txt"

int remote_is(const char *name)
{
	return strncmp(name, "http://", 7) == 0 ||
	       strncmp(name, "https://", 8) == 0 ||
	       strncmp(name, "s3://", 5) == 0;
}

/* s3://BUCKET/KEY, of the store that it leaves the signing of in the set. */
static int s3_url(struct remote_set *s, const char *text, char out[URL_BYTES],
	struct err *e)
{
	struct s3_place place;
	int rc = s3_place_of(text, &place, e);

	if (rc)
		return rc;
	if (!place.key[0] || text[strlen(text) - 1] == '/')
		return err_set(e, ERR_INVALID,
			"'%.100s' is not of the form s3://BUCKET/KEY", text);
	s->signing = place.signing;
	s->is_signed = place.is_signed;
	return s3_object(&place, place.key, out, e);
}

/* -- names -- */

/* What no URL may hold as it is becomes %XX. */
static int http_text(const char *text, char out[URL_BYTES], struct err *e)
{
	size_t at = 0;

	for (const char *p = text; *p && *p != '#'; p++) {
		const unsigned char c = (unsigned char)*p;
		const int plain = c > ' ' && c < 0x7f &&
				  !strchr("\"<>\\^`{|}", c);

		if (at + 4 > URL_BYTES)
			return err_set(e, ERR_INVALID, "the URL is too long");
		at += (size_t)snprintf(
			out + at, URL_BYTES - at, plain ? "%c" : "%%%02X", c);
	}
	return 0;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int is_fit(const char *name)
{
	json_t *utf8 = json_string(name); /* NULL if it is not UTF-8 */
	const int ok = utf8 && name[0] && name[0] != '.' &&
		       !strchr(name, '/') && field_printable(name);

	json_decref(utf8);
	return ok;
}

/* The last segment of the encoded URL, decoded. */
static int file_name(
	const char *url, char out[REMOTE_NAME_BYTES], struct err *e)
{
	const char *server = strstr(url, "://") + 3;
	const char *end = server + strcspn(server, "?"), *at = end;
	size_t n = 0;

	while (at > server && at[-1] != '/')
		at--;
	if (at == server || *server == '/') /* a server, or a path, alone */
		at = end = "";
	for (; at < end && n < REMOTE_NAME_BYTES - sizeof CLASSES; at++) {
		const int two = at[0] == '%' && end - at > 2 &&
				hex(at[1]) >= 0 && hex(at[2]) >= 0;

		out[n++] = two ? (char)(16 * hex(at[1]) + hex(at[2])) : *at;
		at += two ? 2 : 0;
	}
	out[n] = '\0';
	if (at == end && strlen(out) == n && is_fit(out))
		return 0;
	return err_set(e, ERR_INVALID,
		"'%.100s' does not end in the name of a file", url);
}

/* -- the set -- */

static int compare(const void *a, const void *b)
{
	const struct remote_file *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int check_names(const struct remote_set *s, struct err *e)
{
	const struct remote_file **sorted = xcalloc(s->n, sizeof *sorted);
	int rc = 0;

	for (size_t i = 0; i < s->n; i++)
		sorted[i] = &s->files[i];
	qsort(sorted, s->n, sizeof *sorted, compare);
	for (size_t i = 1; rc == 0 && i < s->n; i++)
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			rc = err_set(e, ERR_INVALID,
				"the URL names two files \"%s\"",
				sorted[i]->name);
	free(sorted);
	return rc;
}

static struct remote_file *add_file(struct remote_set *s)
{
	if ((s->n & (s->n - 1)) == 0) /* room for a power of two */
		s->files = xrealloc(
			s->files, (s->n ? 2 * s->n : 1) * sizeof *s->files);
	return &s->files[s->n++];
}

struct reader {
	struct remote_set *set;
	int is_s3;
};

static int add(void *ctx, const char *text, struct err *e)
{
	struct reader *r = ctx;
	struct remote_set *s = r->set;
	struct remote_file f = {.url = NULL};
	char url[URL_BYTES];
	int rc = r->is_s3 ? s3_url(s, text, url, e) : http_text(text, url, e);
	struct http_place unused;

	if (rc == 0)
		rc = http_place_of(url, &unused, e);
	if (rc == 0)
		rc = file_name(url, f.name, e);
	if (rc)
		return rc;
	f.url = xstrdup(url);
	*add_file(s) = f;
	return 0;
}

/* A file's classes may have names beside it; what is asked for by a query has
 * nothing beside it. */
static void add_names(struct remote_set *s)
{
	struct remote_file *f = &s->files[0], names = {.optional = 1};
	const size_t n = strlen(f->url) + sizeof CLASSES;

	if (strchr(f->url, '?'))
		return;
	names.url = xcalloc(1, n);
	snprintf(names.url, n, "%s" CLASSES, f->url);
	snprintf(names.name, sizeof names.name, "%.*s" CLASSES,
		(int)(sizeof names.name - sizeof CLASSES), f->name);
	*add_file(s) = names;
}

int remote_set_read(const char *url, struct remote_set *out, struct err *e)
{
	struct remote_set s = {.is_folder = strchr(url, '{') != NULL};
	struct reader r = {&s, strncmp(url, "s3://", 5) == 0};
	int rc;

	if (!remote_is(url))
		return err_set(e, ERR_INVALID, "'%.100s' is no URL", url);
	rc = remote_braces(url, REMOTE_FILES_MAX, add, &r, e);
	if (rc == 0)
		rc = check_names(&s, e);
	if (rc) {
		remote_set_release(&s);
		return rc;
	}
	if (!s.is_folder)
		add_names(&s);
	*out = s;
	return 0;
}

void remote_set_release(struct remote_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->files[i].url);
	free(s->files);
	*s = (struct remote_set){.n = 0};
}
