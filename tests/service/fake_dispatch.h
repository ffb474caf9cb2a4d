/* fake_dispatch.h -- a dispatch without workers: it remembers what it is told,
 * and delivers what the test says. */
#ifndef TESTS_FAKE_DISPATCH_H
#define TESTS_FAKE_DISPATCH_H

#include "dispatch/dispatch.h"

#define FAKE_KERNELS "simd128-2" /* of its one worker */

/* Ends with dispatch_free. */
struct dispatch *fake_dispatch_new(void);

/* The next result that is taken; the document's reference is taken over, the
 * weights are copied. */
void fake_dispatch_deliver(struct dispatch *d, const char *id, json_t *document,
	const void *weights, size_t n_weights);

/* How often the job was submitted, done, and under a prefix that was
 * cancelled. */
int fake_dispatch_submitted(struct dispatch *d, const char *id);
int fake_dispatch_done(struct dispatch *d, const char *id);
int fake_dispatch_cancelled(struct dispatch *d, const char *id);

/* Waits for the job to be submitted or done so often, in all; fails the test
 * when that takes too long. */
void fake_dispatch_await_submitted(struct dispatch *d, const char *id, int n);
void fake_dispatch_await_done(struct dispatch *d, const char *id, int n);

/* The id of the job that was submitted last, "" before the first; the body that
 * it had, a new reference. */
void fake_dispatch_last(
	struct dispatch *d, char id[DISPATCH_ID_MAX], json_t **body);

/* From now on every load shows that a job has failed so often. */
void fake_dispatch_fail(
	struct dispatch *d, int64_t attempts, const char *trouble);

/* Whether the one worker answers; it does at first. */
void fake_dispatch_lose(struct dispatch *d, int lost);

#endif
