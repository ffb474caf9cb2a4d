/* driver_step.c -- events through the machine, one transaction, then the acts.
 *
 * A transaction that fails because of the world is tried again until it
 * commits, so what run_step decided is never half done; one that the store
 * refuses, or of which nobody knows whether it was committed, is undone in
 * memory too: the run is again what the store says.  If the process dies first,
 * the store still holds the state before and the next start decides the same
 * again. */
#include "service/driver/driver_step.h"

#include "base/arena.h"
#include "service/driver/driver_load.h"
#include "service/driver/driver_save.h"
#include "service/driver/driver_show.h"
#include "service/driver/submission.h"

#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS 3000 /* a person mends what is wrong and looks */

static int stopping(struct driver *d)
{
	return mailbox_has(&d->mail, MAIL_STOP);
}

/* Waits before the store is tried again, unless told to stop. */
static void back_off(struct driver *d, int64_t *wait_ms)
{
	mailbox_wait(&d->mail, *wait_ms);
	*wait_ms = *wait_ms * 2 > RETRY_LAST_MS ? RETRY_LAST_MS : *wait_ms * 2;
}

/* Commits the writes of all events, trying again while the world is in the way.
 * 0, or ERR_WORLD when the store refuses them or the driver is told to stop
 * meanwhile, or ERR_UNKNOWN: tried again, they might be there twice. */
static int commit(struct driver *d, const struct driver_event *events, size_t n,
	struct err *e)
{
	int64_t wait_ms = RETRY_FIRST_MS;

	for (;;) {
		int rc = driver_save(d, events, n, e);

		if (rc == 0) {
			if (driver_saves(events, n))
				driver_wait_over(d, &d->view.store);
			return 0;
		}
		driver_wait_for(d, &d->view.store, e->text);
		log_error(d->world->log, "save-failed", log_run(d->uuid),
			log_trace(d->trace.id), log_reason(e->text));
		if (rc == ERR_UNKNOWN)
			return rc;
		if (rc == ERR_WORLD)
			back_off(d, &wait_ms);
		if (rc != ERR_WORLD || stopping(d))
			return e->code = ERR_WORLD;
	}
}

/* After a failed commit: the run is what the store has, so that nothing is
 * decided on what was not saved. */
static void restore(struct driver *d)
{
	int64_t wait_ms = RETRY_FIRST_MS;
	struct err e;

	d->asking = 0;
	d->again = 1;
	do {
		run_release(&d->run);
		arena_release(&d->row_mem);
		if (driver_load(d, &e) == 0)
			return;
		log_error(d->world->log, "restore-failed", log_run(d->uuid),
			log_trace(d->trace.id), log_reason(e.text));
		back_off(d, &wait_ms);
	} while (!stopping(d));
}

static void act(struct driver *d, const struct run_commands *cmds)
{
	struct dispatch *dispatch = d->world->dispatch;
	const struct run_command *c = cmds->head;

	while ((c = submit_jobs(d, c))) {
		switch (c->kind) {
		case RUN_CMD_ASK_GENERATION: d->asking = 1; break;
		case RUN_CMD_HOLD_JOBS: dispatch_hold(dispatch, d->uuid); break;
		case RUN_CMD_CANCEL_JOBS:
			d->asking = 0;
			dispatch_cancel(dispatch, d->uuid);
			break;
		case RUN_CMD_MISMATCH:
			log_error(d->world->log, "result-differs",
				log_run(d->uuid), log_genome(c->member->id),
				log_trace(d->trace.id));
			break;
		default: break; /* the writes */
		}
		c = c->next;
	}
}

/* A new generation, and the end of the run, take names off blobs. */
static void note_sweep(struct driver *d, const struct run_commands *cmds)
{
	const struct run_command *c = cmds->head;

	while (c && c->kind != RUN_CMD_SAVE_MEMBERS)
		c = c->next;
	if (d->run.settings.inherit && (c || run_state_over(d->run.state)))
		d->sweep = 1;
}

/* True if the commands are those of a result after which more of its kind come:
 * it is kept, and the run goes on as before.  What else a step does rests on
 * all that was decided before it, and the transaction ends with it. */
static int more_may_follow(const struct run_commands *cmds)
{
	const struct run_command *c = cmds->head;

	while (c && (c->kind == RUN_CMD_SAVE_RESULT ||
			    c->kind == RUN_CMD_SAVE_FOLD ||
			    c->kind == RUN_CMD_SAVE_RUN ||
			    c->kind == RUN_CMD_SUBMIT ||
			    c->kind == RUN_CMD_MISMATCH))
		c = c->next;
	return c == NULL;
}

/* Events are taken until one ends the transaction; how many, in *n. */
static int decide(struct driver *d, struct driver_event *events, size_t *n,
	struct arena *mem, struct err *e)
{
	const size_t most = *n;
	int rc;

	for (*n = 0; *n < most;) {
		struct driver_event *ev = &events[*n];

		rc = run_step(&d->run, &ev->ev, mem, &ev->cmds, e);
		if (rc)
			return rc;
		++*n;
		if (!more_may_follow(&ev->cmds))
			break;
	}
	return 0;
}

int driver_steps(
	struct driver *d, struct driver_event *events, size_t *n, struct err *e)
{
	struct arena mem;
	int rc;

	arena_init(&mem, DRIVER_ARENA_MAX);
	rc = decide(d, events, n, &mem, e);
	if (rc == 0) {
		rc = commit(d, events, *n, e);
		for (size_t i = 0; rc == 0 && i < *n; i++) {
			act(d, &events[i].cmds);
			note_sweep(d, &events[i].cmds);
		}
		if (rc) {
			restore(d);
			d->unsure = rc == ERR_UNKNOWN;
		}
	}
	arena_release(&mem);
	driver_publish(d);
	return rc;
}

int driver_step(struct driver *d, const struct run_event *ev, struct err *e)
{
	struct driver_event event = {.ev = *ev};
	size_t one = 1;

	return driver_steps(d, &event, &one, e);
}
