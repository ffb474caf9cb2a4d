/* broker_page.h -- lists of what a run has made, a page at a time.
 *
 * A list is {"items": [...], "next": key}: at most `limit` items after the key
 * `after`, in the list's order, which may be newest first; "next" is null on
 * the last page, and "total" is there where they are counted.  Who asks for
 * text/csv gets the items so.  All lists are answered alike; each has a filler
 * of its own. */
#ifndef SERVICE_BROKER_BROKER_PAGE_H
#define SERVICE_BROKER_BROKER_PAGE_H

#include "service/broker/broker.h"

/* The query parameters of every list. */
#define PAGE_QUERY "limit after"

/* The page that a request asks for, while it is filled. */
struct page {
	struct broker *broker;
	const struct http_request *request;
	const struct store_run *run; /* that the path names */
	struct arena *mem;           /* for rows; released with the reply */
	int64_t after;               /* -1: from the list's start */
	int64_t generation;          /* -1: none was named */
	size_t limit;                /* 1 up to the list's most */
	size_t fetch;                /* rows: one beyond it tells of more */
	json_t *items;               /* what page_put has put there */
	int64_t last;                /* key of the last of them */
	int more;                    /* there are items after it */
	int64_t total;               /* items on all pages; -1: not counted */
};

/* Puts the items that the page asks for on it, in order; an error is what the
 * client is told instead. */
typedef int page_filler(struct page *p, struct err *e);

/* Puts an item, whose reference is taken over, at the end of the page.  One
 * that finds it full is not put: it belongs to the next page. */
void page_put(struct page *p, int64_t key, json_t *item);

/* Answers the request with the page that it asks for, of at most `most` items,
 * or why there is none. */
void page_answer(struct broker *b, const struct http_request *q,
	struct http_reply *r, page_filler *fill, int64_t most);

#endif
