/* worker.c -- any way for jobs to travel to a slot and back, by its verbs. */
#include "dispatch/worker.h"

int worker_state_ended(enum worker_state s)
{
	return s >= WORKER_DONE && s <= WORKER_CANCELLED;
}

const char *worker_state_name(enum worker_state s)
{
	static const char *const names[] = {"queued", "running", "done",
		"failed", "cancelled", "unknown", "refused"};

	return names[s];
}

struct worker_job *worker_take(struct worker *w)
{
	return w->verbs->take(w);
}

int worker_wanted(struct worker *w, struct worker_job *j)
{
	return w->verbs->wanted(w, j);
}

void worker_progress(
	struct worker *w, struct worker_job *j, int64_t images, int64_t total)
{
	w->verbs->progress(w, j, images, total);
}

void worker_deliver(
	struct worker *w, struct worker_job *j, struct worker_outcome *o)
{
	w->verbs->deliver(w, j, o);
}

void worker_stop(struct worker *w)
{
	w->verbs->stop(w);
}

void worker_free(struct worker *w)
{
	if (w)
		w->verbs->free(w);
}
