/* suggest.c -- the known name nearest to a misspelt one. */
#include "cli/options/suggest.h"

#include <string.h>

/* Names on a command line are short; what is longer is near to none. */
#define NAME_MAX_BYTES 63

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

size_t suggest_distance(const char *a, const char *b)
{
	/* d[i % 3][j]: from the first i letters of a to the first j of b. */
	size_t d[3][NAME_MAX_BYTES + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > NAME_MAX_BYTES || lb > NAME_MAX_BYTES)
		return la > lb ? la : lb;
	for (size_t j = 0; j <= lb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *row = d[i % 3], *up = d[(i - 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] = min3(up[j] + 1, row[j - 1] + 1,
				up[j - 1] + (a[i - 1] != b[j - 1]));
			if (i < 2 || j < 2 || a[i - 1] != b[j - 2] ||
				a[i - 2] != b[j - 1])
				continue;
			if (d[(i - 2) % 3][j - 2] + 1 < row[j])
				row[j] = d[(i - 2) % 3][j - 2] + 1;
		}
	}
	return d[la % 3][lb];
}

const char *suggest_name(const char *typed, const char *const *names, size_t n)
{
	size_t length = strlen(typed);
	size_t best = length / 3 > 1 ? length / 3 : 1;
	const char *found = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t d = suggest_distance(typed, names[i]);

		if (length >= 3 && strncmp(names[i], typed, length) == 0)
			return names[i];
		if (d < best || (d == best && !found)) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
