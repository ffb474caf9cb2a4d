/* slots_bench.h -- slots whose children are a test's, and the table that feeds
 * them. */
#ifndef TESTS_SLOTS_BENCH_H
#define TESTS_SLOTS_BENCH_H

#include "dispatch/worker_push.h"
#include "service/evolutioner/slots.h"

struct slots_bench {
	struct worker *worker;
	struct slots *slots;
};

/* 0 is a default: 2 slots, the times of a real worker. */
struct slots_limits {
	int n;
	int64_t quiet_ms, idle_ms, forget_ms;
};

/* Every job's data set is at `dataset_path`, which must live on. */
struct slots_bench slots_bench_new(
	char *const *argv, const char *dataset_path, struct slots_limits l);
void slots_bench_free(struct slots_bench *b);

/* As worker_push_offer. */
int slots_bench_submit(struct slots_bench *b, const struct job_doc *job);

/* How the job ended, which must be soon. */
struct worker_status slots_bench_wait(struct slots_bench *b, const char *id);

#endif
