/* run_driver.c -- the thread that drives one run: mail in, a step, and the
 * generations that it asks for.
 *
 * All the state of the run is the thread's own. */
#include "service/driver/run_driver.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "http/client.h"
#include "run/run.h"
#include "service/driver/blob_sweep.h"
#include "service/driver/driver_begin.h"
#include "service/driver/driver_results.h"
#include "service/driver/driver_show.h"
#include "service/driver/driver_step.h"
#include "wire/generation_json.h"

#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS 3000 /* a person mends what is wrong and looks */
#define BEGIN_MOST_MS 500  /* a worker that comes has work in a moment */
#define GENOME_CALL_MS 120000
#define GENERATION_QUESTION_MAX ((size_t)1 << 30)
#define GENERATION_ANSWER_MAX ((size_t)256 << 20)

static int stopping(struct driver *d)
{
	return mailbox_has(&d->mail, MAIL_STOP);
}

static int64_t doubled(int64_t wait_ms, int64_t most_ms)
{
	return wait_ms * 2 > most_ms ? most_ms : wait_ms * 2;
}

static void sweep(struct driver *d)
{
	struct err e;

	d->sweep = 0;
	if (blob_sweep(d->world->store, d->world->blobs, &e))
		log_warn(d->world->log, "blobs-not-swept", log_run(d->uuid),
			log_trace(d->trace.id), log_reason(e.text));
}

static int must_not_wait(void *ctx)
{
	struct driver *d = ctx;

	return mailbox_has(&d->mail, MAIL_STOP) ||
	       mailbox_has(&d->mail, MAIL_ORDER);
}

static int read_generation(struct arena *mem, const struct http_answer *a,
	const char *url, const struct generation_request *q,
	struct population *out, struct err *e)
{
	int rc = http_answer_refused(a, url, e);

	return rc ? rc : generation_answer_read(mem, a->body, a->n, q, out, e);
}

/* A 4xx is the service's last word on this run; all else may pass. */
static int refused(int status)
{
	return status >= 400 && status < 500 && status != 401 &&
	       status != 403 && status != 404 && status != 408 && status != 429;
}

/* POST /v1/next_generation; the answer lives in `mem`. */
static int call_genome_service(struct driver *d, struct arena *mem,
	struct population *out, int *status, struct err *e)
{
	struct http_answer answer = {.status = 0};
	const char *place = genome_places_pick(d->world->genomes);
	struct generation_request q;
	struct buf body;
	char url[512];
	int rc;

	run_next_generation(&d->run, mem, &q);
	snprintf(url, sizeof url, "%s/v1/next_generation", place);
	buf_init(&body, GENERATION_QUESTION_MAX);
	rc = generation_request_text(&q, &body, e);
	if (rc == 0)
		rc = http_call(&(struct http_call){.method = "POST",
				       .url = url,
				       .text = body.data,
				       .token = d->world->token,
				       .trace = &d->trace,
				       .timeout_ms = GENOME_CALL_MS,
				       .answer_max = GENERATION_ANSWER_MAX,
				       .cancelled = must_not_wait,
				       .cancelled_ctx = d},
			&answer, e);
	buf_release(&body);
	*status = answer.status;
	if (rc == 0)
		rc = read_generation(mem, &answer, url, &q, out, e);
	http_answer_release(&answer);
	if (rc && rc != ERR_CANCELLED && !refused(*status))
		genome_places_failed(d->world->genomes, place);
	return rc;
}

/* The first failure is told of, those that follow are shown. */
static void note_silence(struct driver *d, const struct err *e)
{
	if (!d->view.genome.why[0])
		log_warn(d->world->log, "genome-service-away", log_run(d->uuid),
			log_trace(d->trace.id), log_reason(e->text));
	driver_wait_for(d, &d->view.genome, e->text);
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
	driver_wait_for(d, &d->view.genome, NULL);
	rc = call_genome_service(d, &mem, &population, &status, &e);
	if (rc && refused(status)) {
		ev = (struct run_event){
			.kind = RUN_EV_REFUSED, .reason = e.text};
		rc = 0;
	}
	if (rc == 0) {
		d->asking = 0;
		driver_wait_over(d, &d->view.genome);
		rc = driver_step(d, &ev, &e);
	} else if (rc != ERR_CANCELLED) {
		note_silence(d, &e);
	}
	arena_release(&mem);
	/* Its documents were millions of small pieces, which glibc would keep
	 * for the next. */
	malloc_trim(0);
	return rc ? ERR_WORLD : 0;
}

static void take_order(struct driver *d, struct mail *m)
{
	static const enum run_event_kind kind[] = {[ORDER_PAUSE] = RUN_EV_PAUSE,
		[ORDER_RESUME] = RUN_EV_RESUME,
		[ORDER_CANCEL] = RUN_EV_CANCEL};
	struct err e;
	int rc = driver_step(
		d, &(struct run_event){.kind = kind[m->order]}, &e);

	mailbox_answer(m, rc, &e);
}

static void go_on(struct driver *d)
{
	struct err e;

	d->again = driver_waits_to_begin(d) && driver_try_to_begin(d);
	if (d->again || run_state_over(d->run.state))
		return;
	if (driver_step(d, &(struct run_event){.kind = RUN_EV_CONTINUE}, &e)) {
		d->again = 1;
	} else if (d->unsure) {
		/* Perhaps all of it was saved, and nothing else is to be. */
		d->unsure = 0;
		driver_wait_over(d, &d->view.store);
	}
}

void *driver_thread(void *arg)
{
	int64_t wait_ms = RETRY_FIRST_MS;
	struct driver *d = arg;
	struct mail m;

	go_on(d);
	while (!run_state_over(d->run.state) && !stopping(d)) {
		int waiting = d->asking || d->again;

		if (d->sweep)
			sweep(d);
		if (d->asking && ask_generation(d) == 0) {
			wait_ms = RETRY_FIRST_MS;
			continue;
		}
		if (driver_waits_to_begin(d) && wait_ms > BEGIN_MOST_MS &&
			!settings_data_open(&d->run.settings))
			wait_ms = BEGIN_MOST_MS;
		if (!mailbox_take(&d->mail, waiting ? wait_ms : -1, &m)) {
			wait_ms = doubled(wait_ms, RETRY_LAST_MS);
			if (d->again)
				go_on(d);
			continue;
		}
		if (mail_is_result(&m) && driver_take_results(d, &m))
			wait_ms = RETRY_FIRST_MS;
		if (m.kind == MAIL_ORDER)
			take_order(d, &m);
		mail_release(&m);
	}
	/* No result that is still on its way is wanted. */
	if (run_state_over(d->run.state))
		dispatch_cancel(d->world->dispatch, d->uuid);
	if (d->sweep)
		sweep(d);
	log_info(d->world->log,
		run_state_over(d->run.state) ? "run-over" : "run-set-aside",
		log_run(d->uuid),
		log_text("state", run_state_name(d->run.state)),
		log_trace(d->trace.id));
	mailbox_close(&d->mail);
	return NULL;
}
