/* doc_list.h -- a document that is one long list and little else, read an
 * element at a time.
 *
 * The tree of a list of 10,000 genomes takes ten times its text, and more time
 * to get from the kernel and to give back than to parse.  Here the tree is of
 * one element, in the memory of the one before; and several elements may be
 * parsed at a time. */
#ifndef BASE_DOC_LIST_H
#define BASE_DOC_LIST_H

#include <jansson.h>
#include <stddef.h>

#include "base/doc.h"

/* As DOC_VALUES_MAX, of an element: eight may be parsed at a time. */
#define DOC_ELEMENT_MAX (DOC_VALUES_MAX / 8)

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

/* The text of the next element, which is taken off the list; empty if all
 * `count` have been. */
struct doc_element {
	const char *text;
	size_t n;
};
struct doc_element doc_list_cut(struct doc_list *list);

/* An element, an object: a new reference.  0; ERR_INVALID if it is none, or no
 * JSON; ERR_TOO_BIG when its values take more than DOC_ELEMENT_MAX; ERR_BUSY as
 * doc_parse. */
int doc_element_parse(const struct doc_element *x, json_t **out, struct err *e);

#endif
