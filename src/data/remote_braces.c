/* remote_braces.c -- one pair of braces at a time, from the left. */
#include "data/remote_braces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define TEXT_BYTES 2048
#define DIGITS_MAX 9

struct expansion {
	size_t n, most;
	int (*each)(void *ctx, const char *text, struct err *e);
	void *ctx;
};

static int expand(struct expansion *x, const char *text, struct err *e);

/* The text with `n` bytes of `word` in place of its first braces. */
static int put(struct expansion *x, const char *text, const char *word,
	size_t n, struct err *e)
{
	const char *open = strchr(text, '{'), *close = strchr(open, '}');
	char *next = xcalloc(1, TEXT_BYTES);
	int rc;

	if (snprintf(next, TEXT_BYTES, "%.*s%.*s%s", (int)(open - text), text,
		    (int)n, word, close + 1) < TEXT_BYTES)
		rc = expand(x, next, e);
	else
		rc = err_set(e, ERR_INVALID, "the URL is too long");
	free(next);
	return rc;
}

/* "000..123": the two numbers and how many digits the first has. */
static int read_range(
	const char *in, size_t n, long *from, long *to, int *digits)
{
	char text[2 * DIGITS_MAX + 3];
	size_t first, second;

	if (n >= sizeof text)
		return 0;
	snprintf(text, sizeof text, "%.*s", (int)n, in);
	first = strspn(text, "0123456789");
	if (first < 1 || first > DIGITS_MAX ||
		strncmp(text + first, "..", 2) != 0)
		return 0;
	second = strspn(text + first + 2, "0123456789");
	if (second < 1 || second > DIGITS_MAX || text[first + 2 + second])
		return 0;
	*from = strtol(text, NULL, 10);
	*to = strtol(text + first + 2, NULL, 10);
	*digits = (int)first;
	return *from <= *to;
}

static int each_number(struct expansion *x, const char *text, long from,
	long to, int digits, struct err *e)
{
	int rc = 0;

	for (long i = from; rc == 0 && i <= to; i++) {
		char word[24];
		int n = snprintf(word, sizeof word, "%0*ld", digits, i);

		rc = put(x, text, word, (size_t)n, e);
	}
	return rc;
}

static int each_word(struct expansion *x, const char *text, const char *in,
	size_t n, struct err *e)
{
	const char *end = in + n;
	int rc = 0;

	while (rc == 0 && in <= end) {
		const char *comma = memchr(in, ',', (size_t)(end - in));
		const char *stop = comma ? comma : end;

		rc = put(x, text, in, (size_t)(stop - in), e);
		in = stop + 1;
	}
	return rc;
}

static int expand(struct expansion *x, const char *text, struct err *e)
{
	const char *open = strchr(text, '{');
	const char *close = open ? strchr(open, '}') : NULL;
	long from, to;
	int digits;
	size_t n;

	if (!open && x->n == x->most)
		return err_set(e, ERR_RANGE,
			"the URL stands for more than %zu files", x->most);
	if (!open) {
		x->n++;
		return x->each(x->ctx, text, e);
	}
	n = close ? (size_t)(close - open - 1) : 0;
	if (close && read_range(open + 1, n, &from, &to, &digits))
		return each_number(x, text, from, to, digits, e);
	if (!close || !memchr(open, ',', n + 1) || memchr(open + 1, '{', n))
		return err_set(e, ERR_INVALID,
			"braces in a URL hold a range, {000..123}, or names, "
			"{train,test}");
	return each_word(x, text, open + 1, n, e);
}

int remote_braces(const char *pattern, size_t most,
	int (*each)(void *ctx, const char *text, struct err *e), void *ctx,
	struct err *e)
{
	struct expansion x = {.most = most, .each = each, .ctx = ctx};

	return expand(&x, pattern, e);
}
