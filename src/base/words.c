/* words.c -- goes from blank to blank. */
#include "base/words.h"

#include <string.h>

const char *words_next(const char **list, size_t *n)
{
	const char *word = *list + strspn(*list, " ");

	*n = strcspn(word, " ");
	*list = word + *n;
	return *n > 0 ? word : NULL;
}

int words_have(const char *list, const char *word, size_t n)
{
	const char *p;
	size_t len;

	while ((p = words_next(&list, &len)))
		if (len == n && memcmp(p, word, n) == 0)
			return 1;
	return 0;
}
