/* news.h -- how a service tells the requests that wait for it.
 *
 * A handler that has no answer yet says what it waits for (http_reply_later)
 * and is called again when there is news of it, or when its time is up.  It
 * takes no thread meanwhile.  A topic is any number but 0: that of the object
 * that changes, made from its address. */
#ifndef HTTP_NEWS_H
#define HTTP_NEWS_H

#include <stdint.h>

struct http_news;

/* The news of nothing yet; to be freed after the server that has it. */
struct http_news *http_news_new(void);

/* Of whom nobody waits for any more; NULL allowed. */
void http_news_free(struct http_news *n);

/* There is news of that topic: what was to be seen before this call began is
 * seen by a handler that is called again.  Safe from any thread. */
void http_news_tell(struct http_news *n, uint64_t topic);

/* The topic of an object. */
uint64_t http_topic(const void *object);

#endif
