/* suggest.h -- "did you mean": the known name nearest to a misspelt one. */
#ifndef CLI_OPTIONS_SUGGEST_H
#define CLI_OPTIONS_SUGGEST_H

#include <stddef.h>

/* Letters to insert, delete, replace or swap with their neighbour to make `a`
 * into `b` (the optimal string alignment distance). */
size_t suggest_distance(const char *a, const char *b);

/* The name among `names[0..n-1]` that `typed` begins (three letters or more),
 * or else the nearest, if at most one letter in three is wrong; NULL if none
 * is near.  The first wins at equal distance. */
const char *suggest_name(const char *typed, const char *const *names, size_t n);

#endif
