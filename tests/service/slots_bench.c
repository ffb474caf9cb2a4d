/* slots_bench.c -- see slots_bench.h. */
#include "slots_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"

#define WAIT_MS 60000

static const struct log silent = {.service = "test", .level = LOG_ERROR};

static int prepare(void *dataset_path, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e)
{
	(void)job;
	(void)e;
	strcpy(path, dataset_path);
	return 0;
}

struct slots_bench slots_bench_new(
	char *const *argv, const char *dataset_path, struct slots_limits l)
{
	struct worker_push_options push = {.slots = l.n ? l.n : 2,
		.memory_mb = 4096,
		.forget_ms = l.forget_ms ? l.forget_ms : WORKER_PUSH_FORGET_MS,
		.keep_ms = WORKER_PUSH_KEEP_MS};
	struct slot_options o = {.argv = argv,
		.quiet_ms = l.quiet_ms ? l.quiet_ms : SLOT_QUIET_MS,
		.idle_ms = l.idle_ms ? l.idle_ms : SLOT_IDLE_MS,
		.prepare = prepare,
		.ctx = (void *)dataset_path,
		.log = &silent};
	struct slots_bench b = {.worker = worker_push_new(&push)};

	o.worker = b.worker;
	b.slots = slots_new(push.slots, &o, NULL);
	assert_non_null(b.slots);
	return b;
}

void slots_bench_free(struct slots_bench *b)
{
	slots_free(b->slots);
	worker_free(b->worker);
}

int slots_bench_submit(struct slots_bench *b, const struct job_doc *job)
{
	json_t *doc = job_write(job);
	char *body = canonical_text(doc, NULL);
	int rc = worker_push_offer(b->worker,
		&(struct worker_offer){.id = job->id,
			.body = body,
			.memory_mb = job->training.max_job_mb},
		NULL);

	free(body);
	json_decref(doc);
	return rc;
}

struct worker_status slots_bench_wait(struct slots_bench *b, const char *id)
{
	struct worker_status st;

	assert_int_equal(
		worker_push_look(b->worker, id, WAIT_MS, &st, NULL), 0);
	assert_true(worker_state_ended(st.state));
	return st;
}
