/* run_driver.c -- the thread that drives one run: mail in, run_step, one
 * transaction, then the acts.
 *
 * All the state of the run is the thread's own.  A transaction that fails
 * because of the world is tried again until it commits, so what run_step
 * decided is never half done; one that the store refuses, or of which nobody
 * knows whether it was committed, is undone in memory too: the run is again
 * what the store says.  If the process dies first, the store still holds the
 * state before and the next start decides the same again. */
#include "service/driver/run_driver.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "base/clock.h"
#include "base/doc.h"
#include "http/client.h"
#include "wire/generation_json.h"
#include "wire/job_json.h"
#include "run/run.h"
#include "service/driver/driver_load.h"
#include "service/driver/driver_save.h"

#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS 60000
#define SAVE_RETRY_LAST_MS 3000 /* a person frees the disk and looks */
#define GENOME_CALL_MS 120000
#define RESULT_ARENA_MAX ((size_t)1 << 20)
#define GENERATION_ANSWER_MAX ((size_t)256 << 20)

static int stopping(struct driver *d)
{
	return mailbox_has(&d->mail, MAIL_STOP);
}

static int64_t doubled(int64_t wait_ms, int64_t most_ms)
{
	return wait_ms * 2 > most_ms ? most_ms : wait_ms * 2;
}

/* Waits before the store is tried again, unless told to stop. */
static void back_off(struct driver *d, int64_t *wait_ms)
{
	mailbox_wait(&d->mail, *wait_ms);
	*wait_ms = doubled(*wait_ms, SAVE_RETRY_LAST_MS);
}

/* What the run's document shows while nothing can be saved; "" clears it. */
static void show_trouble(struct driver *d, const char *why)
{
	pthread_mutex_lock(&d->view_lock);
	snprintf(d->view.trouble, sizeof d->view.trouble, "%s", why);
	pthread_mutex_unlock(&d->view_lock);
}

static void publish(struct driver *d)
{
	struct run_rung rung;
	double left = run_work_left(&d->run);
	int64_t scored = 0;

	run_rung_now(&d->run, &rung);
	for (size_t i = 0; i < d->run.n_members; i++)
		scored += d->run.members[i].scored;
	pthread_mutex_lock(&d->view_lock);
	d->view.scored = scored;
	d->view.members = (int64_t)d->run.n_members;
	d->view.rung = rung;
	d->view.work_left = left;
	d->view_since_ms = d->counted == RUN_RUNNING ? d->clock_ms : INT64_MAX;
	pthread_mutex_unlock(&d->view_lock);
}

void driver_view(struct driver *d, struct driver_view *out)
{
	int64_t now = clock_mono_ms();

	pthread_mutex_lock(&d->view_lock);
	*out = d->view;
	out->running_ms = now > d->view_since_ms ? now - d->view_since_ms : 0;
	pthread_mutex_unlock(&d->view_lock);
}

/* Commits the writes among the commands, trying again while the world is in
 * the way.  0, or ERR_WORLD when the store refuses them or the driver is told
 * to stop meanwhile, or ERR_UNKNOWN: tried again, they might be there twice. */
static int commit(struct driver *d, const struct run_commands *cmds,
	const struct job_result *result, const char *result_text, struct err *e)
{
	int64_t wait_ms = RETRY_FIRST_MS;

	for (;;) {
		int rc = driver_save(d, cmds, result, result_text, e);

		show_trouble(d, rc ? e->text : "");
		if (rc == 0)
			return 0;
		log_error(d->world->log, "save_failed", "run=%s reason=\"%s\"",
			d->uuid, e->text);
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
		log_error(d->world->log, "restore_failed",
			"run=%s reason=\"%s\"", d->uuid, e.text);
		back_off(d, &wait_ms);
	} while (!stopping(d));
}

static void submit(struct driver *d, const struct job_doc *job)
{
	json_t *doc = job_write(job);
	char *body = canonical_text(doc, NULL);

	assert(body); /* a job holds finite numbers only */
	dispatch_submit(d->world->dispatch,
		&(struct dispatch_job){
			.id = job->id, .body = body, .kernels = job->kernels});
	free(body);
	json_decref(doc);
}

static void act(struct driver *d, const struct run_commands *cmds)
{
	struct dispatch *dispatch = d->world->dispatch;

	for (const struct run_command *c = cmds->head; c; c = c->next) {
		switch (c->kind) {
		case RUN_CMD_ASK_GENERATION: d->asking = 1; break;
		case RUN_CMD_SUBMIT: submit(d, &c->job); break;
		case RUN_CMD_HOLD_JOBS: dispatch_hold(dispatch, d->uuid); break;
		case RUN_CMD_CANCEL_JOBS:
			d->asking = 0;
			dispatch_cancel(dispatch, d->uuid);
			break;
		case RUN_CMD_MISMATCH:
			log_error(d->world->log, "result_differs",
				"run=%s genome=%lld", d->uuid,
				(long long)c->member->id);
			break;
		default: break; /* the writes */
		}
	}
}

/* One event through the machine, the store and the world. */
static int step(struct driver *d, const struct run_event *ev,
	const char *result_text, struct err *e)
{
	struct run_commands cmds;
	struct arena mem;
	int rc;

	arena_init(&mem, DRIVER_ARENA_MAX);
	rc = run_step(&d->run, ev, &mem, &cmds, e);
	if (rc == 0) {
		rc = commit(d, &cmds, ev->result, result_text, e);
		if (rc == 0)
			act(d, &cmds);
		else
			restore(d);
	}
	arena_release(&mem);
	publish(d);
	return rc;
}

static int must_not_wait(void *ctx)
{
	struct driver *d = ctx;

	return mailbox_has(&d->mail, MAIL_STOP) ||
	       mailbox_has(&d->mail, MAIL_ORDER);
}

/* POST /v1/next_generation; the answer lives in `mem`. */
static int call_genome_service(struct driver *d, struct arena *mem,
	struct population *out, int *status, struct err *e)
{
	struct generation_request q;
	json_t *body, *answer;
	char url[512];
	int rc;

	run_next_generation(&d->run, mem, &q);
	body = generation_request_write(&q);
	snprintf(
		url, sizeof url, "%s/v1/next_generation", d->world->genome_url);
	rc = http_call_json(&(struct http_call){.method = "POST",
				    .url = url,
				    .json = body,
				    .token = d->world->token,
				    .timeout_ms = GENOME_CALL_MS,
				    .answer_max = GENERATION_ANSWER_MAX,
				    .cancelled = must_not_wait,
				    .cancelled_ctx = d},
		&answer, status, e);
	json_decref(body);
	if (rc)
		return rc;
	rc = generation_answer_read(mem, answer, &q, out, e);
	json_decref(answer);
	return rc;
}

/* A 4xx is the service's last word on this run; all else may pass. */
static int refused(int status)
{
	return status >= 400 && status < 500 && status != 401 &&
	       status != 403 && status != 404 && status != 408 && status != 429;
}

/* Asks once.  0 when the question is settled, ERR_WORLD to ask again. */
static int ask_generation(struct driver *d)
{
	struct population population = {0};
	struct run_event ev = {
		.kind = RUN_EV_GENERATION, .population = &population};
	struct arena mem;
	int rc, status = 0;
	struct err e;

	arena_init(&mem, DRIVER_ARENA_MAX);
	rc = call_genome_service(d, &mem, &population, &status, &e);
	if (rc && refused(status)) {
		ev = (struct run_event){
			.kind = RUN_EV_REFUSED, .reason = e.text};
		rc = 0;
	}
	if (rc == 0) {
		d->asking = 0;
		rc = step(d, &ev, NULL, &e);
	} else if (rc != ERR_CANCELLED) {
		log_warn(d->world->log, "genome_service_away",
			"run=%s reason=\"%s\"", d->uuid, e.text);
	}
	arena_release(&mem);
	return rc ? ERR_WORLD : 0;
}

/* Counts a crash of the genome's child; the third is the genome's own: 0.
 * ERR_BUSY before that: the job is to be tried again. */
static int count_crash(struct driver *d, struct job_result *res, struct err *e)
{
	struct store *store = d->world->store;
	int64_t crashes = 0;
	struct job_id id;

	if (job_id_read(res->id, &id, e) || store_begin(store, e))
		return ERR_WORLD;
	if (store_genome_crash(store, d->uuid, id.genome, &crashes, e)) {
		store_rollback(store);
		return ERR_WORLD;
	}
	if (store_commit(store, e))
		return ERR_WORLD;
	log_warn(d->world->log, "child_crashed",
		"run=%s genome=%lld crashes=%lld", d->uuid,
		(long long)id.genome, (long long)crashes);
	if (crashes < DRIVER_CRASHES_MAX)
		return ERR_BUSY;
	res->failure = FAILURE_GENOME;
	strcpy(res->code, "crash");
	return 0;
}

/* Keeps the weights of a final job before its row may name them. */
static int keep_weights(struct driver *d, const struct mail *m,
	const struct job_result *res, struct err *e)
{
	char name[SHA256_HEX_BYTES];
	int rc;

	if (!res->weights[0] || res->failure != FAILURE_NONE)
		return 0;
	if (!m->result.weights)
		return err_set(
			e, ERR_INVALID, "the weights did not come along");
	rc = blob_put(d->world->blobs, m->result.weights, m->result.n_weights,
		name, e);
	if (rc == 0 && strcmp(name, res->weights) != 0)
		rc = err_set(e, ERR_INVALID, "the weights are not those named");
	return rc;
}

/* What a result that was read means: the writes it asks for are committed, or
 * an error says why not; ERR_BUSY: the job is to be run again. */
static int use_result(struct driver *d, const struct mail *m,
	struct job_result *res, const char *text, struct err *e)
{
	int rc = keep_weights(d, m, res, e);

	if (rc == 0 && res->failure == FAILURE_CRASH)
		rc = count_crash(d, res, e);
	if (rc)
		return rc;
	return step(d,
		&(struct run_event){.kind = RUN_EV_RESULT, .result = res}, text,
		e);
}

/* 0 when the result was used.  It is done when it is in the store, or can never
 * be: what the world kept from the store comes again. */
static int take_result(struct driver *d, const struct mail *m)
{
	char *text = canonical_text(m->result.document, NULL);
	struct job_result res;
	struct err e = {0};
	struct arena mem;
	int rc = ERR_INVALID;

	arena_init(&mem, RESULT_ARENA_MAX);
	if (text && result_read(&mem, m->result.document, &res, &e) == 0)
		rc = use_result(d, m, &res, text, &e);
	if (rc != ERR_WORLD && rc != ERR_UNKNOWN)
		dispatch_done(d->world->dispatch, m->result.id);
	if (rc && rc != ERR_BUSY)
		log_error(d->world->log, "result_unusable",
			"run=%s job=%s reason=\"%s\"", d->uuid, m->result.id,
			e.text);
	/* What could not be used is still open: continuing submits it again. */
	if (rc)
		d->again = 1;
	free(text);
	arena_release(&mem);
	return rc;
}

static void take_order(struct driver *d, struct mail *m)
{
	static const enum run_event_kind kind[] = {[ORDER_PAUSE] = RUN_EV_PAUSE,
		[ORDER_RESUME] = RUN_EV_RESUME,
		[ORDER_CANCEL] = RUN_EV_CANCEL};
	struct err e;
	int rc = step(d, &(struct run_event){.kind = kind[m->order]}, NULL, &e);

	mailbox_answer(m, rc, &e);
}

static void go_on(struct driver *d)
{
	struct err e;

	d->again = 0;
	if (step(d, &(struct run_event){.kind = RUN_EV_CONTINUE}, NULL, &e))
		d->again = 1;
}

void *driver_thread(void *arg)
{
	int64_t wait_ms = RETRY_FIRST_MS;
	struct driver *d = arg;
	struct mail m;

	go_on(d);
	while (!run_state_over(d->run.state) && !stopping(d)) {
		int waiting = d->asking || d->again;

		if (d->asking && ask_generation(d) == 0) {
			wait_ms = RETRY_FIRST_MS;
			continue;
		}
		if (!mailbox_take(&d->mail, waiting ? wait_ms : -1, &m)) {
			wait_ms = doubled(wait_ms, RETRY_LAST_MS);
			if (d->again)
				go_on(d);
			continue;
		}
		if (m.kind == MAIL_RESULT && take_result(d, &m) == 0)
			wait_ms = RETRY_FIRST_MS;
		if (m.kind == MAIL_ORDER)
			take_order(d, &m);
		mail_release(&m);
	}
	/* No result that is still on its way is wanted. */
	if (run_state_over(d->run.state))
		dispatch_cancel(d->world->dispatch, d->uuid);
	log_info(d->world->log,
		run_state_over(d->run.state) ? "run_over" : "run_set_aside",
		"run=%s state=%s", d->uuid, run_state_name(d->run.state));
	mailbox_close(&d->mail);
	return NULL;
}
