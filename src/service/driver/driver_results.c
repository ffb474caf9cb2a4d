/* driver_results.c -- results of one moment share a commit: syncing the disk is
 * what takes time. */
#include "service/driver/driver_results.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "service/driver/driver_admit.h"
#include "service/driver/driver_show.h"
#include "service/driver/driver_step.h"
#include "wire/job_json.h"

#define TOGETHER_MAX 256
#define BATCH_ARENA_MAX ((size_t)256 << 20)

/* A result on its way: its mail, what it says, and what became of it. */
struct arrival {
	struct mail mail;
	struct job_result result;
	char *text;
	int rc; /* 0: it is in the store */
	struct err why;
};

struct batch {
	struct driver *d;
	struct arrival *arrivals; /* n of them */
	size_t n;
	struct driver_event *events; /* of those that the run may have, */
	size_t *of;                  /* and whose arrival each is */
	size_t n_events;
	struct arena mem;
};

/* What a result that was read means for the run: 0 when it may have it. */
static int admit(struct driver *d, struct arrival *a)
{
	int rc = driver_admit(d, &a->mail, &a->result, &a->why);

	/* The sentence may hold a path; the log has it. */
	if (rc == ERR_WORLD)
		driver_wait_for(d, &d->view.store,
			"what a job has left cannot be written; the broker's "
			"log says why");
	if (rc == 0 && a->result.failure == FAILURE_GENOME)
		err_genome(&d->failure, a->result.code, "%s", a->result.reason);
	return rc;
}

/* Where only a share of the jobs is checked, the worker may have lied about
 * others, too: nothing is decided on this one until a person has looked. */
static int stop_for_lie(struct driver *d, struct arrival *a)
{
	const char *liar = a->mail.result.liar;
	struct job_id id;
	struct err e;

	if (!liar[0] || d->run.settings.verify_share >= 1 ||
		job_id_read(a->mail.result.id, &id, NULL))
		return 0;
	err_set(&a->why, ERR_WORLD,
		"worker %.100s gave a result of genome %lld in generation %lld "
		"that is not that of two others: its other results may be "
		"wrong; resume the run to trust them, or cancel it",
		liar, (long long)id.genome, (long long)id.generation);
	driver_step(d,
		&(struct run_event){
			.kind = RUN_EV_PAUSE, .reason = a->why.text},
		&e);
	return ERR_WORLD;
}

static void read_one(struct batch *b, size_t i)
{
	struct arrival *a = &b->arrivals[i];
	struct driver_event *ev = &b->events[b->n_events];

	a->text = canonical_text(a->mail.result.document, NULL);
	a->rc = ERR_INVALID;
	if (a->text && result_read(&b->mem, a->mail.result.document, &a->result,
			       &a->why) == 0)
		a->rc = admit(b->d, a);
	if (a->rc == 0)
		a->rc = stop_for_lie(b->d, a);
	if (a->rc)
		return;
	*ev = (struct driver_event){
		.ev = {.kind = RUN_EV_RESULT, .result = &a->result},
		.text = a->text};
	b->of[b->n_events++] = i;
}

static void note(
	struct batch *b, size_t from, size_t to, int rc, const struct err *why)
{
	for (size_t i = from; i < to; i++) {
		struct arrival *a = &b->arrivals[b->of[i]];

		a->rc = rc;
		a->why = *why;
	}
}

/* In as few transactions as the run allows; what comes after one that failed is
 * not in the store either. */
static void use(struct batch *b)
{
	struct err e = {0};
	size_t at = 0, n;
	int rc = 0;

	while (rc == 0 && at < b->n_events) {
		n = b->n_events - at;
		rc = driver_steps(b->d, &b->events[at], &n, &e);
		note(b, at, rc ? b->n_events : at + n, rc, &e);
		at += n;
	}
}

static void count(struct driver_counts *c, const struct job_result *r)
{
	c->scored += r->failure == FAILURE_NONE;
	c->failed += r->failure != FAILURE_NONE;
	c->images += r->images;
	c->cpu_ms += (int64_t)(r->cpu_s * 1e3);
}

static void settle(struct driver *d, struct arrival *a)
{
	const struct mail *m = &a->mail;

	if (a->rc == 0)
		count(d->world->counts, &a->result);

	if (a->rc != ERR_WORLD && a->rc != ERR_UNKNOWN &&
		m->kind == MAIL_RESULT)
		dispatch_done(d->world->dispatch, m->result.id);
	if (a->rc && a->rc != ERR_BUSY)
		log_error(d->world->log, "result-unusable",
			log_job(m->result.id), log_trace(d->trace.id),
			log_reason(a->why.text));
	/* What could not be used is still open: continuing submits it again. */
	if (a->rc)
		d->again = 1;
	free(a->text);
}

static void gather(struct batch *b, const struct mail *first)
{
	b->arrivals = arena_array(&b->mem, TOGETHER_MAX, sizeof *b->arrivals);
	b->events = arena_array(&b->mem, TOGETHER_MAX, sizeof *b->events);
	b->of = arena_array(&b->mem, TOGETHER_MAX, sizeof *b->of);
	b->arrivals[b->n++].mail = *first;
	while (b->n < TOGETHER_MAX &&
		mailbox_take_result(&b->d->mail, &b->arrivals[b->n].mail))
		b->n++;
}

int driver_take_results(struct driver *d, const struct mail *first)
{
	struct batch b = {.d = d};
	int used = 0;

	arena_init(&b.mem, BATCH_ARENA_MAX);
	gather(&b, first);
	blobs_enter(d->world->blobs);
	for (size_t i = 0; i < b.n; i++)
		read_one(&b, i);
	use(&b);
	blobs_leave(d->world->blobs);
	for (size_t i = 0; i < b.n; i++) {
		used |= b.arrivals[i].rc == 0;
		settle(d, &b.arrivals[i]);
		if (i > 0)
			mail_release(&b.arrivals[i].mail);
	}
	arena_release(&b.mem);
	return used;
}
