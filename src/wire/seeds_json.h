/* seeds_json.h -- known genomes of a first generation, as a list in a
 * document. */
#ifndef WIRE_SEEDS_JSON_H
#define WIRE_SEEDS_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/field.h"
#include "neat/data_shape.h"
#include "neat/seeds.h"

/* Of all genomes of a list together, as canonical text. */
#define SEEDS_BYTES_MAX ((size_t)1 << 20)

/* What the genomes of a list take at most. */
#define SEEDS_ARENA_BYTES ((SEEDS_MAX + 1) * ((size_t)1 << 20))

/* Reads the genomes of a list at JSON pointer `at`, in either form, into `mem`.
 * They must be for those data; NULL: for any.
 * ERR_INVALID or ERR_RANGE, with the place. */
int seeds_read(struct arena *mem, const json_t *list, const char *at,
	const struct data_shape *data, const struct genome *const **out,
	size_t *n, struct err *e);

/* The list as genome_doc_write has its genomes, from one that can be read: a
 * new reference. */
json_t *seeds_write_again(const json_t *list);

/* Of a member at a json_t *: the list itself, not a new reference; NULL where
 * there is none, or an empty one.  seeds_read can read it.  ERR_TOO_BIG beyond
 * SEEDS_BYTES_MAX. */
extern const struct field_codec seeds_codec;

/* The JSON Schema of the list: a new reference. */
json_t *seeds_schema(const struct field *f);

#endif
