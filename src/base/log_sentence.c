/* log_sentence.c -- finds paths by how they begin and what ends them. */
#include "base/log_sentence.h"

#include <string.h>

/* A path begins with a slash that follows nothing of a word: the id of a job
 * and "Input/output" have others. */
static int begins_path(const char *sentence, const char *at)
{
	return *at == '/' && at[1] != '/' && at[1] != ' ' && at[1] &&
	       (at == sentence || strchr(" \"'(=:,<", at[-1]));
}

/* The bytes of "//host:port", which follow a scheme; 0: it is none. */
static size_t authority(const char *sentence, const char *at)
{
	if (at == sentence || at[-1] != ':' || strncmp(at, "//", 2) != 0)
		return 0;
	return 2 + strcspn(at + 2, "/?# \"'(),;");
}

/* The bytes of a path: up to a quote, or punctuation that a blank follows. */
static size_t path_bytes(const char *at)
{
	size_t n = 0;

	while (at[n] && !strchr("\"'()<>", at[n]) &&
		!(strchr(":,;", at[n]) && (!at[n + 1] || at[n + 1] == ' ')))
		n++;
	return n;
}

/* Where the last name of a path begins, and how long it is. */
static const char *last_name(const char *at, size_t *n)
{
	const char *name = at;

	for (size_t i = 0; i < *n; i++)
		if (at[i] == '/' && i + 1 < *n)
			name = at + i + 1;
	*n -= (size_t)(name - at);
	return name;
}

static size_t add(char *out, size_t n, const char *text, size_t k)
{
	if (k > LOG_SENTENCE_BYTES - 1 - n)
		k = LOG_SENTENCE_BYTES - 1 - n;
	memcpy(out + n, text, k);
	return n + k;
}

/* Writes ".../NAME" for the path at `at`, without the query of a URL, and
 * gives the path's bytes. */
static size_t cut_path(const char *at, int of_url, char *out, size_t *n)
{
	const size_t whole = path_bytes(at);
	size_t name = of_url ? strcspn(at, "?#") : whole;
	const char *last;

	if (name > whole)
		name = whole;
	last = last_name(at, &name);
	*n = add(out, *n, of_url ? "/.../" : ".../", of_url ? 5 : 4);
	*n = add(out, *n, last, name);
	return whole;
}

/* Writes "//HOST:PORT", and not who asks there. */
static size_t add_authority(char *out, size_t n, const char *at, size_t k)
{
	const char *host = memrchr(at, '@', k);

	if (!host)
		return add(out, n, at, k);
	n = add(out, n, "//", 2);
	return add(out, n, host + 1, k - (size_t)(host + 1 - at));
}

void log_sentence(const char *sentence, char out[LOG_SENTENCE_BYTES])
{
	const char *at = sentence;
	size_t n = 0, k;

	while (*at) {
		k = authority(sentence, at);
		if (k > 0)
			n = add_authority(out, n, at, k);
		at += k;
		if (k > 0 ? *at == '/' || *at == '?'
			  : begins_path(sentence, at))
			at += cut_path(at, k > 0, out, &n);
		else if (*at)
			n = add(out, n, at++, 1);
	}
	out[n] = '\0';
}
