/* golden_file.h -- reading what golden/make_golden.py has written.  Whatever is
 * not as expected fails the cmocka test. */
#ifndef TEST_GOLDEN_FILE_H
#define TEST_GOLDEN_FILE_H

#include <stddef.h>

#include <jansson.h>

/* The file of this name, without ".json", in the folder NEVOD_GOLDEN; the
 * caller's reference. */
json_t *golden_open(const char *name);

/* A member that must be there. */
const json_t *golden_member(const json_t *object, const char *key);

/* A member's whole number; 0 where it is absent, as not every node has it. */
int golden_int(const json_t *object, const char *key);

/* Number i of a list. */
double golden_number(const json_t *list, size_t i);

/* Writes the list's numbers, which must be exactly `n`. */
void golden_floats(const json_t *list, float *out, size_t n);

#endif
