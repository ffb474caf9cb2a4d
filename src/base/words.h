/* words.h -- a list of words in one string, with blanks between:
 * "avx2-2 simd128-2". */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>

/* The next word of *list, which moves on past it, and its length; NULL at the
 * end. */
const char *words_next(const char **list, size_t *n);

/* True if one of the words is word[0..n-1]. */
int words_have(const char *list, const char *word, size_t n);

#endif
