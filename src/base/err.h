/* err.h -- one error code and one sentence for every failing call.
 *
 * A function that can fail returns 0, or one of these negative codes, and takes
 * a `struct err *` as its last argument (NULL allowed, untouched on success).
 * The sentence is for a person: it names the thing and the limit, and never
 * holds a path of this machine, SQL or a stack where it may reach a client. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_code {
	ERR_INVALID = -1,   /* malformed input or a wrong type: fix the input */
	ERR_RANGE = -2,     /* well-formed but impossible: change the value */
	ERR_NOT_FOUND = -3, /* no such thing: look elsewhere */
	ERR_CONFLICT = -4,  /* not in this state: look at the state first */
	ERR_TOO_BIG = -5,   /* input over its limit: send less */
	ERR_BUSY = -6,      /* no room now: try again later */
	ERR_WORLD = -7,     /* disk, link or process failed: try again */
	ERR_GENOME = -8, /* the genome's own failure: a result, not retried */
	ERR_CANCELLED = -9, /* the caller asked for the end: do nothing more */
	ERR_DENIED = -10,   /* the caller may not: show a token */
	ERR_UNKNOWN = -11,  /* it may have happened: look before a retry */
	ERR_DAMAGED = -12,  /* what was kept has changed: restore a backup */
};

struct err {
	int code;       /* 0 or an enum err_code */
	char where[96]; /* JSON pointer to the offending value, or ""; of an
			 * ERR_GENOME the failure's code: err_genome */
	char text[400]; /* one sentence, no newline */
};

/* Sentences are cut to fit; what is no printable UTF-8 in them becomes "?". */

/* Fills `e` (NULL allowed) and returns `code`, so that a failing function ends
 * in `return err_set(e, ERR_X, "...")`.  `where` becomes "". */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set, naming the place in a JSON document: pointer `parent` followed
 * by "/" and `key`, escaped as RFC 6901 asks; `key` may be NULL for the parent
 * itself. */
int err_at(struct err *e, int code, const char *parent, const char *key,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The genome's own failure, with the code word that its result carries:
 * "memory", "diverged", ...  Returns ERR_GENOME. */
int err_genome(struct err *e, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts `prefix` and ": " before the sentence, as a call passes a failure on.
 * Returns the code unchanged. */
int err_prefix(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
