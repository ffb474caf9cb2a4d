/* doc_list.h -- a document that is one long list and little else, read an
 * element at a time.
 *
 * The tree of a list of 10,000 genomes takes ten times its text, and more time
 * to get from the kernel and to give back than to parse.  Here the tree is of
 * one element, in the memory of the one before. */
#ifndef BASE_DOC_LIST_H
#define BASE_DOC_LIST_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

/* The elements that are left, in the text that they came from. */
struct doc_list {
	size_t count; /* of all elements, if they are JSON */
	const char *text;
	size_t n;
};

/* Parses `n` bytes of text as doc_parse does, and ERR_TOO_BIG as doc_weigh, but
 * for the elements of the member `key`, a list: in the object that is returned
 * it is empty.  `*list` has them, as long as the text lives.  A document
 * without such a list is returned as it is, with none.  The text of elements is
 * looked at when it is their turn. */
json_t *doc_parse_but(const char *text, size_t n, const char *key,
	struct doc_list *list, struct err *e);

/* The next element, an object: a new reference.  0; ERR_INVALID if it is none,
 * or no JSON, or all `count` have been; ERR_TOO_BIG as doc_weigh; ERR_BUSY as
 * doc_parse. */
int doc_list_next(struct doc_list *list, json_t **out, struct err *e);

#endif
