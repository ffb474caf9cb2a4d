/* seal.h -- which samples are the test part of a data set that has none: a
 * tenth of each class, the same ones always. */
#ifndef DATA_SEAL_H
#define DATA_SEAL_H

#include <stddef.h>

struct seal;

/* For so many samples of each class; counts are copied.  The caller ends with
 * seal_free. */
struct seal *seal_new(const size_t *counts, int classes);

/* NULL is allowed. */
void seal_free(struct seal *s);

/* Samples that it takes in all: at least one, unless no class has two. */
size_t seal_count(const struct seal *s);

/* The next sample of the data set's order is of that class: true if it belongs
 * to the test part.  One more than were counted does not. */
int seal_takes(struct seal *s, int class);

/* Back before the first sample. */
void seal_rewind(struct seal *s);

#endif
