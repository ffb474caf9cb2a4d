/* hands.h -- threads for what may block: a few, and one more whenever all of
 * them are held up. */
#ifndef HTTP_HANDS_H
#define HTTP_HANDS_H

#include "base/err.h"

struct hands;

/* Something to be run once, on any thread; its owner's. */
struct task {
	void (*run)(struct task *t);
	struct task *next; /* of those that wait */
};

/* No threads yet: they come with the tasks. */
struct hands *hands_new(void);

/* Runs the task as soon as a thread is free; after hands_close, at once and on
 * the caller's thread.  Safe from any thread. */
void hands_give(struct hands *h, struct task *t);

/* To be called every few milliseconds: where tasks have waited since the last
 * call and none was begun, there is a thread more.  Whether tasks wait. */
int hands_watch(struct hands *h);

/* Waits for all tasks that were given and for the threads to end. */
void hands_close(struct hands *h);

/* Frees what was closed.  NULL allowed. */
void hands_free(struct hands *h);

#endif
