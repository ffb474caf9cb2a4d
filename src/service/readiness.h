/* readiness.h -- whether a service can do its work: what GET /readyz says.
 *
 * Anybody may ask, so it is looked at most once a second; who asks meanwhile is
 * told what was found last. */
#ifndef SERVICE_READINESS_H
#define SERVICE_READINESS_H

#include <pthread.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"

struct readiness {
	/* Finds out, within a second or two: 0 or an error. */
	int (*look)(void *ctx, struct err *e);
	void *ctx;
	const struct log *log;
	pthread_mutex_t lock; /* guards what follows */
	int64_t looked_ms;
	struct err found;
};

/* Nothing has been found yet, which is no readiness. */
void readiness_init(struct readiness *r, int (*look)(void *ctx, struct err *e),
	void *ctx, const struct log *log);

/* Nobody asks any more. */
void readiness_release(struct readiness *r);

/* 0, or the error that says what is missing; `e` may be NULL. */
int readiness_check(struct readiness *r, struct err *e);

/* ERR_WORLD unless files can be written in the folder: there is room, and the
 * disk is not read-only. */
int readiness_disk(const char *folder, struct err *e);

#endif
