/* slot_run.c -- a running job: its child, its progress, what came of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "service/evolutioner/child.h"
#include "service/evolutioner/slots_private.h"

_Static_assert(FAILURE_REASON_MAX == CHILD_REASON_MAX, "reasons are copied");

/* -- what the child's watch asks and tells -- */

static int unwanted(void *ctx)
{
	struct slot_job *j = ctx;
	struct slots *s = j->slots;
	int yes;

	pthread_mutex_lock(&s->lock);
	if (clock_mono_ms() - j->asked_ms > s->o.forget_ms)
		j->cancelled = 1;
	yes = j->cancelled || s->stopping;
	pthread_mutex_unlock(&s->lock);
	return yes;
}

static void note_progress(void *ctx, int64_t images, int64_t total)
{
	struct slot_job *j = ctx;

	pthread_mutex_lock(&j->slots->lock);
	j->status.images = images;
	j->status.total = total;
	pthread_mutex_unlock(&j->slots->lock);
}

/* -- what came of it; touches nothing that others see -- */

struct ended {
	struct slot_status status;
	char *weights;
	size_t n_weights;
};

static void fail(struct slot_status *st, const char *whose, const char *code,
	const char *reason)
{
	st->state = SLOT_FAILED;
	st->whose = whose;
	snprintf(st->code, sizeof st->code, "%s", code);
	snprintf(st->reason, sizeof st->reason, "%s", reason);
}

/* What the child says is checked like anything from outside: it may have been
 * trampling on its own memory. */
static void read_result(
	const struct job_doc *doc, struct child_outcome *o, struct ended *out)
{
	struct job_result r;
	struct err e = {0};

	if (result_read(o->result, &r, &e) || strcmp(r.id, doc->id) != 0) {
		fail(&out->status, "world", "protocol",
			"the child wrote a wrong result");
		return;
	}
	out->status.result = json_incref(o->result);
	out->weights = o->weights;
	out->n_weights = o->n_weights;
	o->weights = NULL;
	if (r.failure == FAILURE_NONE)
		out->status.state = SLOT_DONE;
	else
		fail(&out->status, "genome", r.code, r.reason);
}

static void read_crash(const struct job_doc *doc, const struct child_outcome *o,
	struct ended *out)
{
	struct job_result r = {.failure = FAILURE_CRASH};

	strcpy(r.id, doc->id);
	strcpy(r.code, o->code);
	strcpy(r.reason, o->reason);
	out->status.result = result_write(
		&r, doc->final, NULL, doc->kernels, 0);
	fail(&out->status, "crash", o->code, o->reason);
}

static void read_outcome(
	const struct job_doc *doc, struct child_outcome *o, struct ended *out)
{
	switch (o->end) {
	case CHILD_RESULT: read_result(doc, o, out); break;
	case CHILD_CRASH: read_crash(doc, o, out); break;
	case CHILD_WORLD:
		fail(&out->status, "world", o->code, o->reason);
		break;
	case CHILD_UNWANTED: out->status.state = SLOT_CANCELLED; break;
	}
	json_decref(o->result);
	free(o->weights);
}

static void log_end(const struct slot_job *j, const struct slot_status *st)
{
	if (st->whose)
		log_warn(j->slots->o.log, "job-failed",
			"job=%s whose=%s code=%s reason=\"%s\"", j->doc.id,
			st->whose, st->code, st->reason);
	else
		log_info(j->slots->o.log, "job-ended", "job=%s state=%s",
			j->doc.id, slot_state_name(st->state));
}

/* -- the thread -- */

static void begin(struct slot_job *j)
{
	pthread_mutex_lock(&j->slots->lock);
	j->status.state = SLOT_RUNNING;
	pthread_mutex_unlock(&j->slots->lock);
}

/* From here on the job may be forgotten at any time. */
static void finish(struct slot_job *j, const struct ended *ended)
{
	struct slots *s = j->slots;

	pthread_mutex_lock(&s->lock);
	int64_t images = j->status.images, total = j->status.total;

	j->status = ended->status;
	j->status.images = images;
	j->status.total = total;
	j->weights = ended->weights;
	j->n_weights = ended->n_weights;
	j->ended_ms = clock_mono_ms();
	s->n_running--;
	s->used_mb -= j->doc.max_job_mb;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

void *slot_run(void *job)
{
	struct slot_job *j = job;
	struct child_task task = {
		.argv = j->slots->o.argv,
		.input = j->input,
		.quiet_ms = j->slots->o.quiet_ms,
		.unwanted = unwanted,
		.progress = note_progress,
		.ctx = j,
	};
	struct child_outcome outcome;
	struct ended ended = {0};

	begin(j);
	child_run(&task, &outcome);
	read_outcome(&j->doc, &outcome, &ended);
	log_end(j, &ended.status);
	finish(j, &ended);
	return NULL;
}
