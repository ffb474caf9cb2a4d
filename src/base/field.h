/* field.h -- a document's members as rows of a table: one place for each
 * member's key, type, bounds, default and help.
 *
 * From the same rows a document is read and written, its JSON Schema is made
 * (field_schema.h), and the command line and docs/settings.md have their
 * options.  A table describes a struct; nothing in a table changes.
 *
 * What a missing member means depends on where the document comes from.  In a
 * request it means the row's `standard`; in a document that a program of any
 * version wrote it means the row's `before`: what that program did, which had
 * no such member.  A member that has been added later (`since`) is written only
 * where it differs from `before`, so that documents without it, and their
 * digests, stay as they were.
 *
 * Values in rows are text as a person types it on the command line: "0.1",
 * "true", "one-cycle", "adam,sgd". */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct field;

/* A list of rows and the struct that they describe. */
struct fields {
	const struct field *rows;
	size_t n;
	size_t size;      /* of the struct */
	const char *what; /* what a sentence calls it: "a species" */
	/* What holds between members, once all are read: 0, or an error with
	 * the place, below the JSON pointer `at`.  May be NULL. */
	int (*check)(const void *s, const char *at, struct err *e);
};

/* The table of a struct whose rows are in an array. */
#define FIELDS(type, array)                                    \
	.rows = (array), .n = sizeof(array) / sizeof *(array), \
	.size = sizeof(type)

enum field_type {
	FIELD_INT,     /* int in lo..hi */
	FIELD_WHOLE,   /* int64_t in lo..hi */
	FIELD_REAL,    /* double in lo..hi */
	FIELD_SECONDS, /* likewise, seconds; typed as "90s", "30m", "2h" or
			* "1d" */
	FIELD_FLAG,    /* int; true or false */
	FIELD_TEXT,    /* char[hi + 1]: lo..hi bytes, no control characters */
	FIELD_HASH,    /* char[65]: a SHA-256 in 64 lower-case hex digits */
	FIELD_NAME,    /* int or enum from lo on, written as name(value) */
	FIELD_NAMES, /* a list of lo..hi different names: int[hi] at `at`, their
		      * number an int at `count` */
	FIELD_OBJECT,  /* the struct of table `of`, in an object of its own */
	FIELD_LIST,    /* lo..hi objects of table `of`: a pointer to an array in
			* the reader's arena, their number a size_t at `count` */
	FIELD_INCLUDE, /* the struct of table `of`, its members among ours */
	FIELD_OWN,     /* as `codec` does it */
};

enum field_flags {
	FIELD_OPTIONAL = 1, /* without a default: leaves the struct alone */
	FIELD_LABEL = 2,    /* not in the digest: a label, or placement */
	FIELD_FILLED =
		4, /* filled in when the document is made: not in a request */
};

struct field_reader;

/* A member that no type above describes.  `s` is the struct; members before
 * this one are in it already. */
struct field_codec {
	/* `v` is the member's value at JSON pointer `at`; NULL if it is absent
	 * or null and the row has no default. */
	int (*read)(const struct field *f, const json_t *v, const char *at,
		const struct field_reader *r, void *s, struct err *e);
	/* A new reference; NULL leaves the member out. */
	json_t *(*write)(const struct field *f, const void *s);
	/* A new reference: the JSON Schema of the value. */
	json_t *(*schema)(const struct field *f);
};

struct field {
	const char *key;
	enum field_type type;
	unsigned flags; /* of enum field_flags */
	size_t at;      /* place in the struct */
	double lo, hi;  /* inclusive, at most 2^53 */

	const char *standard; /* NULL: a request must have the member */
	const char *before;   /* NULL: every document has it */
	int since; /* version of the document that the member came with; 0 for
		    * those of the first: always written */
	size_t given; /* place of an int that is true where there is a value; a
		       * missing member, or null, makes it false.  0: none, so
		       * it must not be the struct's first. */

	const char *(*name)(int value); /* of lo and on; NULL beyond the last */
	size_t count;
	const struct fields *of;
	/* INCLUDE, instead of `of`: one of several tables for the same bytes,
	 * chosen by members that were read before; NULL beyond the last. */
	int (*choose)(const void *s);
	const struct fields *(*choice)(int i);
	const struct field_codec *codec;
	/* OWN: what is written to keep and to digest, where that is less than
	 * the codec writes to show; a new reference.  NULL: the same. */
	json_t *(*keep)(const struct field *f, const void *s);

	const char *unit; /* what --help calls the value: "N", "MB" */
	const char *help; /* what it is, in a line; NULL: no option */
};

/* Where a document comes from. */
enum field_origin {
	FIELD_REQUEST, /* a person or a client: `standard` holds */
	FIELD_STORED,  /* a program of ours, of any version: `before` holds */
};

struct field_reader {
	enum field_origin origin;
	struct arena *mem; /* of lists and of what codecs read; may be NULL
			    * where there are none */
	void *context;     /* for codecs */
	int lenient;       /* members that no row has are passed over */
};

/* Reads the object `v`, found at JSON pointer `at`, into *s by the rows of `t`.
 * ERR_INVALID (a type, a missing member, an unknown one) or ERR_RANGE (a
 * value), with the place; *s is then as it was. */
int fields_read(const struct fields *t, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e);

/* The struct that an empty document means; every row must have a value. */
void fields_default(const struct fields *t, enum field_origin origin, void *s);

/* What is written. */
enum field_purpose {
	FIELD_SHOW,   /* every member: for people and clients */
	FIELD_KEEP,   /* those of `since` only where they differ from `before`:
		       * for stores, jobs and other programs of ours */
	FIELD_DIGEST, /* likewise, and no labels */
};

/* A new reference, members in the order of the rows. */
json_t *fields_write(
	const struct fields *t, enum field_purpose purpose, const void *s);
/* The same into an object that is there already. */
void fields_add(const struct fields *t, enum field_purpose purpose,
	const void *s, json_t *v);

/* The highest `since` of what FIELD_KEEP writes: 0 where an old reader knows
 * every member. */
int fields_since(const struct fields *t, const void *s);

/* The highest `since` of all rows, of included tables, objects and lists too,
 * choices apart: what fields_since gives at most. */
int fields_latest(const struct fields *t);

/* 0 if the numbers and names of *s, lists of objects apart, are within the
 * bounds of their rows, else ERR_RANGE with a sentence. */
int fields_in_bounds(const struct fields *t, const void *s, struct err *e);

/* The row of that key, those of included tables among them, or NULL.  Of tables
 * to choose from, that of *s; all of them if `s` is NULL. */
const struct field *fields_find(
	const struct fields *t, const void *s, const char *key);

/* The JSON value that `text` means for this row, a new reference; NULL with
 * ERR_INVALID or ERR_RANGE, whose sentence calls it `label`.  Only of rows that
 * a person can type: not OBJECT, LIST, INCLUDE or OWN. */
json_t *field_parse(const struct field *f, const char *text, const char *label,
	struct err *e);

/* True if valid UTF-8 text has no control characters: C0, DEL, C1. */
int field_printable(const char *s);

/* The table that an INCLUDE row brings into *s. */
const struct fields *fields_included(const struct field *f, const void *s);

/* The lowest value that has a name, of rows of names. */
int field_first_name(const struct field *f);

/* The value of that name in any letter case, or -1. */
int field_named(const struct field *f, const char *text);

/* The names in a sentence: "constant", "cosine" or "one-cycle". */
#define FIELD_NAMES_BYTES 240
void field_names_say(const struct field *f, char out[FIELD_NAMES_BYTES]);

/* Reads a list of lo..hi objects into an array in the reader's arena: what a
 * row of type LIST does, for codecs.  `v` is the list, found at `at`. */
int fields_read_list(const struct fields *t, const json_t *v, const char *at,
	size_t lo, size_t hi, const struct field_reader *r, void **out,
	size_t *n, struct err *e);

#endif
