/* mailbox.h -- a queue from many threads to one. */
#ifndef SERVICE_DRIVER_MAILBOX_H
#define SERVICE_DRIVER_MAILBOX_H

#include <pthread.h>
#include <stdint.h>

#include "base/err.h"
#include "dispatch/dispatch.h"

/* CACHED: a result that no worker has sent. */
enum mail_kind { MAIL_RESULT, MAIL_CACHED, MAIL_ORDER, MAIL_STOP };

/* Where the sender of an order waits; freed by whichever of the two ends
 * comes last.  The mailbox's own. */
struct mail_answer {
	int rc, done, waiting;
	struct err e;
};

struct mail {
	enum mail_kind kind;
	struct dispatch_result result; /* RESULT, CACHED; owned */
	int order;                     /* ORDER */
	struct mail_answer *answer;    /* ORDER */
	struct mailbox *box;
	struct mail *next;
};

struct mailbox {
	pthread_mutex_t lock; /* guards all below, and every answer */
	pthread_cond_t changed;
	struct mail *head, **tail;
	int closed, stop, orders; /* orders: how many are queued */
};

/* An empty mailbox; ends with mailbox_release. */
void mailbox_init(struct mailbox *b);

/* Frees what nobody took. */
void mailbox_release(struct mailbox *b);

/* Appends a copy; what it owns goes along, also when the box is closed and the
 * mail is thrown away. */
void mailbox_put(struct mailbox *b, const struct mail *m);

/* Puts an order before all else but earlier orders, and waits up to `wait_ms`
 * for the answer.  Its code, or
 * ERR_NOT_FOUND when the box is closed, ERR_BUSY when time is up (the order
 * may still be carried out). */
int mailbox_order(struct mailbox *b, int order, int64_t wait_ms, struct err *e);

/* Answers a taken order: 0, or a code with its error. */
void mailbox_answer(struct mail *m, int rc, const struct err *e);

/* Takes the next mail, waiting up to `wait_ms` (-1: for ever).  False when the
 * time is up or the box was told to stop. */
int mailbox_take(struct mailbox *b, int64_t wait_ms, struct mail *out);

/* Takes the next mail if it is a result; false when it is none, there is none
 * or the box was told to stop. */
int mailbox_take_result(struct mailbox *b, struct mail *out);

/* Waits up to `wait_ms` for a stop. */
void mailbox_wait(struct mailbox *b, int64_t wait_ms);

/* True if an ORDER is queued, or STOP was put. */
int mailbox_has(struct mailbox *b, enum mail_kind kind);

/* No more mail; orders that wait get ERR_NOT_FOUND. */
void mailbox_close(struct mailbox *b);

/* True if it has a result. */
int mail_is_result(const struct mail *m);

/* Frees what a taken mail owns. */
void mail_release(struct mail *m);

#endif
