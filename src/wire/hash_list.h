/* hash_list.h -- a short list of SHA-256 in a document. */
#ifndef WIRE_HASH_LIST_H
#define WIRE_HASH_LIST_H

#include "base/field.h"
#include "base/hash.h"

/* Of a row with at most `hi` of them: char[hi][SHA256_HEX_BYTES] at `at`, their
 * number an int at `count`.  A list that is empty is left out. */
extern const struct field_codec hash_list_codec;

#endif
