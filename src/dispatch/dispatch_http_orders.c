/* dispatch_http_orders.c -- what a peer is told, and what it says: the two
 * documents of an exchange.
 *
 * Orders: {"number", "wait_ms", "forget": [ids], "cancel": [ids], "watch":
 * [ids], "take": [jobs]}, to be done in this order; lists that would be empty
 * are absent.  A report: {"jobs": [{"id", "state", "progress", "result",
 * "failure"}]}, one for each job to watch or take.  Both are the state of
 * things, not changes to it: either may be given twice, and what was lost is
 * in the next. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/doc.h"
#include "dispatch/dispatch_http.h"
#include "dispatch/worker.h"

#define FORGET_SOON_MS 500 /* until then it waits for orders that go anyway */
#define AGAIN_MOST_MS 500  /* of a job that its peer has forgotten */
#define FREE_MAX (1 << 20)
#define ORDERS_MOST ((size_t)4 << 20) /* bytes; the rest comes later */

/* -- orders -- */

struct orders_due orders_look(const struct peer *p, int64_t now_ms)
{
	struct orders_due due = {0};

	for (const struct errand *e = p->errands; e; e = e->next) {
		const int old = now_ms - e->since_ms >= FORGET_SOON_MS;

		due.watch |= e->stage == ERRAND_THERE;
		due.urgent |= e->stage == ERRAND_NEW;
		if (e->stage != ERRAND_PARTING || e->orders)
			continue;
		due.urgent |= !e->ended;
		due.soon |= e->ended && old;
	}
	return due;
}

/* Whether an errand belongs to a list of the orders. */
typedef int belongs(const struct errand *e);

static int to_forget(const struct errand *e)
{
	return e->stage == ERRAND_PARTING && !e->orders && e->ended;
}

static int to_cancel(const struct errand *e)
{
	return e->stage == ERRAND_PARTING && !e->orders && !e->ended;
}

static int to_watch(const struct errand *e)
{
	return e->stage == ERRAND_THERE && !e->orders;
}

/* Of one that pulls: its next report is on the jobs of its last orders, and
 * others may be under way. */
static int to_watch_all(const struct errand *e)
{
	return e->stage == ERRAND_THERE || e->stage == ERRAND_TOLD;
}

static int to_take(const struct errand *e)
{
	return e->stage == ERRAND_NEW;
}

/* What is written has the number. */
static void write_list(
	struct peer *p, belongs *is, const char *name, struct buf *out)
{
	int n = 0;

	for (struct errand *e = p->errands; e; e = e->next) {
		if (!is(e) || out->len > ORDERS_MOST)
			continue;
		buf_puts(out, n++ ? "," : name, NULL);
		if (e->stage == ERRAND_NEW) {
			buf_puts(out, e->job->body, NULL);
			errand_move(e, ERRAND_TOLD);
		} else {
			buf_printf(out, NULL, "\"%s\"", e->id);
		}
		e->known = 1;
		e->orders = p->orders;
	}
	if (n)
		buf_puts(out, "]", NULL);
}

int64_t orders_write(struct peer *p, int64_t wait_ms, struct buf *out)
{
	p->orders++;
	buf_printf(out, NULL, "{\"number\":%" PRId64 ",\"wait_ms\":%" PRId64,
		p->orders, wait_ms);
	write_list(p, to_forget, ",\"forget\":[", out);
	write_list(p, to_cancel, ",\"cancel\":[", out);
	if (p->pulls)
		write_list(p, to_watch_all, ",\"watch\":[", out);
	else if (wait_ms > 0)
		write_list(p, to_watch, ",\"watch\":[", out);
	write_list(p, to_take, ",\"take\":[", out);
	buf_puts(out, "}", NULL);
	return p->orders;
}

static int is_of(const struct errand *e, int64_t first, int64_t last)
{
	return e->orders && e->orders >= first && e->orders <= last;
}

void orders_lost(struct peer *p, int64_t first, int64_t last)
{
	for (struct errand *e = p->errands; e; e = e->next) {
		if (!is_of(e, first, last))
			continue;
		if (e->stage == ERRAND_TOLD)
			errand_move(e, ERRAND_NEW);
		e->orders = 0;
	}
}

/* -- reports -- */

static void note_progress(struct open_job *j, const json_t *status)
{
	const json_t *progress;
	int64_t images;

	if (doc_obj(status, "", "progress", &progress, NULL) ||
		doc_int(progress, "", "images", 0, INT64_MAX, &images, NULL))
		return;
	/* Of two copies that is further counts. */
	if (j->errands->copy && images < j->pace.images)
		return;
	pace_note(&j->pace, images, clock_mono_ms());
}

/* The result counts when all of it is here: weights first, then delivery. */
static int take_result(struct errand *e, const json_t *doc, struct err *why)
{
	struct dispatch_result r = {.document = NULL};
	const json_t *weights = NULL;
	const char *id;
	int rc;

	if ((rc = doc_str(
		     doc, "/result", "id", 1, DISPATCH_ID_MAX - 1, &id, why)) ||
		(rc = doc_obj_opt(doc, "/result", "weights", &weights, why)))
		return rc;
	if (strcmp(id, e->id) != 0)
		return err_set(why, ERR_INVALID,
			"the worker answered for another job");
	if (weights) {
		e->result = json_incref((json_t *)doc);
		errand_move(e, ERRAND_FETCHING);
		(e->peer->pulls ? bytes_join : bytes_fetch)(e);
		return 0;
	}
	strcpy(r.id, id);
	r.document = json_incref((json_t *)doc);
	errand_deliver(e, &r);
	return 0;
}

/* The sentence of a failure, and its code. */
static void read_failure(const json_t *status, const char *state,
	const char **code, struct err *why)
{
	const json_t *failure = NULL;
	const char *reason = state;

	*code = "";
	if (!doc_obj_opt(status, "", "failure", &failure, NULL) && failure) {
		doc_str(failure, "", "reason", 1, 1024, &reason, NULL);
		doc_str(failure, "", "code", 1, 64, code, NULL);
	}
	err_set(why, ERR_WORLD, "%s", reason);
}

static int is(const char *state, enum worker_state s)
{
	return strcmp(state, worker_state_name(s)) == 0;
}

/* The peer would not take the job, or never had it. */
static void turned_down(
	struct errand *e, const json_t *status, const char *state)
{
	const char *code;
	struct err why;

	read_failure(status, state, &code, &why);
	if (is(state, WORKER_UNKNOWN))
		/* Nobody's fault: it was started anew since. */
		errand_retry(e, AGAIN_MOST_MS, &why);
	else if (strcmp(code, WORKER_CODE_BUSY) == 0)
		errand_no_room(e, &why);
	else if (strcmp(code, WORKER_CODE_MISSING) == 0 &&
		 e->job->blobs[0][0] && !e->brought && !e->peer->pulls)
		bytes_bring(e);
	else
		errand_refused(e, &why);
}

/* What the status of a job means for the errand, which may end by it.  Whether
 * the job has ended.  ERR_INVALID for a status that is none. */
static int take_status(
	struct errand *e, const json_t *status, int *ended, struct err *why)
{
	const json_t *result = NULL;
	const char *state, *code;
	int rc;

	if ((rc = doc_str(status, "", "state", 1, 32, &state, why)) ||
		(rc = doc_obj_opt(status, "", "result", &result, why)))
		return rc;
	if (is(state, WORKER_QUEUED) || is(state, WORKER_RUNNING)) {
		if (e->stage == ERRAND_TOLD)
			errand_move(e, ERRAND_THERE);
		note_progress(e->job, status);
		return 0;
	}
	*ended = 1;
	if (result)
		return take_result(e, result, why);
	if (is(state, WORKER_UNKNOWN) || is(state, WORKER_REFUSED)) {
		turned_down(e, status, state);
		return 0;
	}
	read_failure(status, state, &code, why);
	errand_refused(e, why);
	return 0;
}

/* One member of the report's list.  Nonsense says nothing of any job. */
static void take_entry(struct peer *p, const json_t *status, int *ended)
{
	struct errand *e;
	struct err why = {0};
	const char *id;

	if (!json_is_object(status) ||
		doc_str(status, "", "id", 1, DISPATCH_ID_MAX - 1, &id, NULL))
		return;
	e = errand_find(p, id);
	if (!e || (e->stage != ERRAND_TOLD && e->stage != ERRAND_THERE))
		return;
	e->mentioned = p->reports;
	if (take_status(e, status, ended, &why))
		errand_refused(e, &why);
}

/* The errands of those orders after all that the report says: what it should
 * have told of and did not has failed. */
static void settle(struct peer *p, int64_t first, int64_t last)
{
	struct errand *e = p->errands, *next;
	struct err why;

	err_set(&why, ERR_WORLD, "the worker said nothing of the job");
	for (; e; e = next) {
		next = e->next;
		if (!is_of(e, first, last))
			continue;
		e->orders = 0;
		if (e->stage == ERRAND_PARTING)
			errand_free(e);
		else if ((e->stage == ERRAND_TOLD ||
				 e->stage == ERRAND_THERE) &&
			 e->mentioned != p->reports)
			errand_refused(e, &why);
	}
}

int report_take(
	struct peer *p, const json_t *report, int64_t first, int64_t last)
{
	const json_t *list = json_object_get(report, "jobs");
	int ended = 0;

	p->reports++;
	doc_int(report, "", "free", 0, FREE_MAX, &p->info.free, NULL);
	for (size_t i = 0; i < json_array_size(list); i++)
		take_entry(p, json_array_get(list, i), &ended);
	settle(p, first, last);
	return ended;
}
