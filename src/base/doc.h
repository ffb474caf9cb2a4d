/* doc.h -- JSON from outside: bounded, typed, refused with a pointer to the
 * offending place.
 *
 * The readers below take an object, a member's name and the JSON pointer of the
 * object ("" at the top).  A wrong type, a missing member and an unknown one
 * are ERR_INVALID; a value out of its bounds is ERR_RANGE.  On failure the
 * target is untouched.  The `_opt` forms leave the target as it is when the
 * member is absent or null, so that the caller puts the default there first. */
#ifndef BASE_DOC_H
#define BASE_DOC_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DOC_DEPTH_MAX 32
#define DOC_VALUES_MAX ((size_t)56 << 20)

/* Writes how many bytes the values of a JSON text would take, about, beyond the
 * text: counted from its brackets and commas, before anything is made of them.
 * ERR_TOO_BIG when they are more than DOC_VALUES_MAX. */
int doc_weigh(const char *text, size_t n, size_t *bytes, struct err *e);

/* Parses `n` bytes of text, which must be one object, no deeper than
 * DOC_DEPTH_MAX, without duplicate members, NaN or infinity.  Returns a new
 * reference, or NULL with ERR_INVALID (the sentence gives line and column), or
 * ERR_BUSY when there is no memory for it. */
json_t *doc_parse(const char *text, size_t n, struct err *e);

/* The same for text that must be one list. */
json_t *doc_parse_list(const char *text, size_t n, struct err *e);

/* Refuses a member of `obj` whose name is not in the NULL-ended list. */
int doc_only(const json_t *obj, const char *at, const char *const *names,
	struct err *e);

/* True if `v` is an integer, which it writes: as JSON Schema has it, 4.0 is
 * one, 4.5 is not.  NULL is none. */
int doc_integer(const json_t *v, int64_t *out);

/* An integer in lo..hi, of that kind. */
int doc_int(const json_t *obj, const char *at, const char *name, int64_t lo,
	int64_t hi, int64_t *out, struct err *e);
int doc_int_opt(const json_t *obj, const char *at, const char *name, int64_t lo,
	int64_t hi, int64_t *out, struct err *e);

/* A number in lo..hi, integers included. */
int doc_real(const json_t *obj, const char *at, const char *name, double lo,
	double hi, double *out, struct err *e);
int doc_real_opt(const json_t *obj, const char *at, const char *name, double lo,
	double hi, double *out, struct err *e);

/* A string of min_bytes..max_bytes without NUL; `*out` points into `obj`. */
int doc_str(const json_t *obj, const char *at, const char *name,
	size_t min_bytes, size_t max_bytes, const char **out, struct err *e);
int doc_str_opt(const json_t *obj, const char *at, const char *name,
	size_t min_bytes, size_t max_bytes, const char **out, struct err *e);

/* true or false. */
int doc_bool(const json_t *obj, const char *at, const char *name, int *out,
	struct err *e);
int doc_bool_opt(const json_t *obj, const char *at, const char *name, int *out,
	struct err *e);

/* An object, or a list with min..max elements (too few or too many is
 * ERR_RANGE); the borrowed value in `*out`. */
int doc_obj(const json_t *obj, const char *at, const char *name,
	const json_t **out, struct err *e);
int doc_obj_opt(const json_t *obj, const char *at, const char *name,
	const json_t **out, struct err *e);
int doc_list(const json_t *obj, const char *at, const char *name, size_t min,
	size_t max, const json_t **out, struct err *e);

/* What a person calls the type of `v`: "a number", "a list", ...; "nothing"
 * for NULL. */
const char *doc_type_name(const json_t *v);

#endif
