/* slot_run.c -- a running job: its child, its progress, what came of it. */
#include "service/evolutioner/slot_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "base/doc.h"
#include "service/evolutioner/child.h"

#define RESULT_ARENA_MAX ((size_t)1 << 20)

_Static_assert(WORKER_REASON_MAX == CHILD_REASON_MAX, "reasons are copied");
_Static_assert(WORKER_REASON_MAX == FAILURE_REASON_MAX, "reasons are copied");
_Static_assert(WORKER_CODE_MAX == FAILURE_CODE_MAX, "codes are copied");

struct slot {
	const struct slot_options *o;
	struct worker_job *job;
	struct trace trace; /* "": of none */
	struct job_doc doc; /* without the genome and the classes' names, which
			     * the body has */
};

/* -- what the child's watch asks and tells -- */

static int unwanted(void *ctx)
{
	struct slot *s = ctx;

	return !worker_wanted(s->o->worker, s->job);
}

static void note_progress(void *ctx, int64_t images, int64_t total)
{
	struct slot *s = ctx;

	worker_progress(s->o->worker, s->job, images, total);
}

/* -- what came of it -- */

static void fail(struct worker_status *st, const char *whose, const char *code,
	const char *reason)
{
	st->state = WORKER_FAILED;
	st->whose = whose;
	snprintf(st->code, sizeof st->code, "%s", code);
	snprintf(st->reason, sizeof st->reason, "%s", reason);
}

/* What the child says is checked like anything from outside: it may have been
 * trampling on its own memory. */
static void read_result(const struct job_doc *doc, struct child_outcome *o,
	struct worker_outcome *out)
{
	struct job_result r;
	struct arena mem;
	int rc;

	arena_init(&mem, RESULT_ARENA_MAX);
	rc = result_read(&mem, o->result, &r, NULL);
	arena_release(&mem);
	if (rc || strcmp(r.id, doc->id) != 0) {
		fail(&out->status, "world", "protocol",
			"the child wrote a wrong result");
		return;
	}
	out->status.result = json_incref(o->result);
	out->weights = o->weights;
	out->n_weights = o->n_weights;
	o->weights = NULL;
	if (r.failure == FAILURE_NONE)
		out->status.state = WORKER_DONE;
	else
		fail(&out->status, "genome", r.code, r.reason);
}

static void read_crash(const struct job_doc *doc, const struct child_outcome *o,
	struct worker_outcome *out)
{
	struct job_result r = {.final = doc->final, .failure = FAILURE_CRASH};

	strcpy(r.id, doc->id);
	strcpy(r.code, o->code);
	strcpy(r.reason, o->reason);
	strcpy(r.kernels, doc->kernels);
	out->status.result = result_write(&r);
	fail(&out->status, "crash", o->code, o->reason);
}

static void read_outcome(const struct job_doc *doc, struct child_outcome *o,
	struct worker_outcome *out)
{
	switch (o->end) {
	case CHILD_RESULT: read_result(doc, o, out); break;
	case CHILD_CRASH: read_crash(doc, o, out); break;
	case CHILD_WORLD:
		fail(&out->status, "world", o->code, o->reason);
		break;
	case CHILD_UNWANTED: out->status.state = WORKER_CANCELLED; break;
	}
	json_decref(o->result);
	free(o->weights);
}

static void log_end(const struct slot *s, const struct worker_status *st)
{
	if (st->whose)
		log_warn(s->o->log, "job-failed", log_job(s->job->id),
			log_text("whose", st->whose),
			log_text("code", st->code), log_trace(s->trace.id),
			log_reason(st->reason));
	else
		log_info(s->o->log, "job-ended", log_job(s->job->id),
			log_text("state", worker_state_name(st->state)),
			log_trace(s->trace.id));
}

/* -- the run -- */

/* The child's line, to be freed: the job and where its data set is. */
static char *make_input(struct slot *s, struct err *e)
{
	json_t *body = doc_parse(s->job->body, strlen(s->job->body), e), *input;
	char path[DATASET_PATH_MAX], *line = NULL;
	struct arena mem;

	if (!body)
		return NULL;
	arena_init(&mem, JOB_GENOME_BYTES_MAX);
	if (job_read(&mem, body, &s->doc, e) == 0 &&
		s->o->prepare(s->o->ctx, &s->doc, path, e) == 0) {
		input = json_pack("{s:O, s:s, s:s, s:s, s:b, s:s?}", "job",
			body, "dataset_path", path, "trace", s->trace.id,
			"log_format", log_format_name((int)s->o->log->format),
			"quiet", s->o->log->level < LOG_INFO, "blobs_path",
			s->o->blobs_dir);
		line = canonical_text(input, e);
		json_decref(input);
	}
	s->doc.genome.graph = NULL; /* goes with the arena, ... */
	s->doc.class_names = NULL;  /* ... and these with the document */
	arena_release(&mem);
	json_decref(body);
	return line;
}

static void run_child(
	struct slot *s, const char *input, struct worker_outcome *out)
{
	struct child_task task = {
		.argv = s->o->argv,
		.input = input,
		.quiet_ms = s->o->quiet_ms,
		.idle_ms = s->o->idle_ms,
		.unwanted = unwanted,
		.progress = note_progress,
		.ctx = s,
	};
	struct child_outcome o;

	child_run(&task, &o);
	read_outcome(&s->doc, &o, out);
}

void slot_run(const struct slot_options *o, struct worker_job *job)
{
	struct slot s = {.o = o, .job = job, .trace = {.id = ""}};
	struct worker_outcome out = {.weights = NULL};
	struct err e = {0};
	char *input;

	trace_read(job->trace, &s.trace);
	input = make_input(&s, &e);
	if (input)
		run_child(&s, input, &out);
	else
		fail(&out.status, "world", "prepare", e.text);
	free(input);
	log_end(&s, &out.status);
	worker_deliver(o->worker, job, &out);
}
