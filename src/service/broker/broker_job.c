/* broker_job.c -- a training of the past: the job that it was, made again from
 * the store, and what came of it, so that anybody can train it once more. */
#include <stdlib.h>

#include "run/run.h"
#include "service/broker/broker_history.h"
#include "service/driver/driver_load.h"
#include "service/driver/genome_weights.h"
#include "service/stored.h"

/* What the store has of one training. */
struct training_row {
	int rung;
	double fitness;
	const double *loss;  /* NULL: the genome was not ranked by it */
	const char *failure; /* code, or NULL */
	const char *result;
};

/* A request, and what is read for it. */
struct asking {
	struct broker *broker;
	struct arena mem;
	struct store_run row;
	struct run run;
	struct store_genome genome;
	struct store_rung *rungs; /* those of the search, then finalists' */
	size_t n_rungs;
	int64_t rung; /* asked for */
};

/* -- what came of it -- */

/* The rung that the result in the genome's own row is of: a failure's, or the
 * only one. */
static int64_t own_rung(const struct asking *a)
{
	int64_t n = 0;

	while (n < (int64_t)a->n_rungs && a->rungs[n].rung < RUNG_FINALIST)
		n++;
	return n;
}

static const struct store_rung *find_rung(const struct asking *a, int64_t rung)
{
	for (size_t i = 0; i < a->n_rungs; i++)
		if (a->rungs[i].rung == rung)
			return &a->rungs[i];
	return NULL;
}

/* The code of a fold that failed: no other row is of a failure. */
static const char *failure_of(struct asking *a, const struct store_rung *row)
{
	struct job_result r = {.failure = FAILURE_NONE};
	json_t *doc = stored_json(row->result);
	const int failed = result_read(&a->mem, doc, &r, NULL) == 0 &&
			   r.failure != FAILURE_NONE;

	json_decref(doc);
	return failed ? arena_strdup(&a->mem, r.code) : NULL;
}

static int find_training(
	struct asking *a, struct training_row *out, struct err *e)
{
	const struct store_rung *row = find_rung(a, a->rung);
	const struct store_genome *g = &a->genome;

	*out = (struct training_row){.rung = (int)a->rung};
	if (row) {
		out->fitness = row->fitness;
		out->loss = &row->loss;
		out->result = row->result;
		out->failure = failure_of(a, row);
		return 0;
	}
	if (!g->scored || !g->result || own_rung(a) != a->rung)
		return err_set(e, ERR_NOT_FOUND,
			"genome %lld has no result of rung %d",
			(long long)g->id, out->rung);
	out->fitness = g->fitness;
	out->failure = g->failure;
	out->result = g->result;
	return 0;
}

/* -- the job -- */

/* What the member started from in the search. */
static int read_start(struct asking *a, struct run_member *m, struct err *e)
{
	const struct store_rung *before = find_rung(a, a->rung - 1);
	int rc = 0;

	if (!a->run.settings.inherit)
		return 0;
	if (a->rung > 0 && !before)
		return err_set(e, ERR_DAMAGED,
			"the store has no rung %lld of genome %lld",
			(long long)a->rung - 1, (long long)a->genome.id);
	if (before)
		result_weights(before->result, m->weights);
	for (int i = 0; i < 2 && rc == 0 && a->rung == 0; i++)
		rc = genome_legacy(a->broker->store, &a->mem, a->row.uuid,
			&a->genome, i, m->legacy[i], e);
	return rc;
}

/* Of what follows the search. */
static void make_late_job(
	const struct asking *a, struct run_member *m, struct job_doc *out)
{
	const struct run *r = &a->run;

	if (a->rung >= RUNG_PILOT) {
		run_pilot_job(r, m, a->rung == RUNG_PILOT_MIRRORED, out);
	} else if (a->rung == RUNG_FINAL) {
		m->mirrored = run_champion(r)->mirrored;
		run_final_job(r, m, out);
	} else {
		m->mirrored = a->rung == RUNG_MIRRORED;
		run_trial_job(r, m, out);
	}
}

static int make_job(struct asking *a, struct job_doc *out, struct err *e)
{
	struct run_member m;
	int rc = driver_load_member(&a->mem, &a->genome, &m, e);

	if (rc)
		return rc;
	if (a->rung >= RUNG_FOLD) {
		run_fold_job(&a->run, &m, (int)a->rung - RUNG_FOLD + 1, out);
		return 0;
	}
	if (a->rung >= RUNG_FINALIST) {
		make_late_job(a, &m, out);
		return 0;
	}
	m.rungs = (int)a->rung;
	rc = read_start(a, &m, e);
	if (rc == 0)
		run_fitness_job(&a->run, &m, out);
	return rc;
}

/* Nobody can train it who cannot have what it starts from. */
static int check_parents(
	const struct asking *a, const struct job_doc *j, struct err *e)
{
	size_t n;

	for (int i = 0; i < j->n_parents; i++)
		if (blob_size(a->broker->blobs, j->parents[i], &n, NULL))
			return err_set(e, ERR_CONFLICT,
				"the weights that genome %lld started from at "
				"rung %lld are gone: a run keeps them only "
				"while others may start from them",
				(long long)a->genome.id, (long long)a->rung);
	return 0;
}

/* -- the answer -- */

static json_t *compose(const struct asking *a, const struct training_row *t,
	const struct job_doc *j)
{
	return json_pack("{s:I,s:i,s:o,s:f,s:o,s:s?,s:o}", "genome",
		(json_int_t)a->genome.id, "rung", t->rung, "job", job_write(j),
		"fitness", t->fitness, "loss",
		t->loss ? json_real(*t->loss) : json_null(), "failure",
		t->failure, "result", stored_json(t->result));
}

static int answer(struct asking *a, const struct http_request *q, json_t **out,
	struct err *e)
{
	struct training_row training;
	struct job_doc job;
	int rc = http_query_int(
		q, "rung", 0, RUNG_FOLD + SETTINGS_FOLDS_MAX - 1, &a->rung, e);

	if (rc == 0)
		rc = broker_genome_find(
			a->broker, q, &a->mem, a->row.uuid, &a->genome, e);
	if (rc == 0)
		rc = store_rungs(a->broker->store, &a->mem, a->row.uuid,
			a->genome.id, &a->rungs, &a->n_rungs, e);
	if (rc == 0)
		rc = find_training(a, &training, e);
	if (rc == 0)
		rc = make_job(a, &job, e);
	if (rc == 0)
		rc = check_parents(a, &job, e);
	if (rc == 0)
		*out = compose(a, &training, &job);
	return rc;
}

void broker_genome_job(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct asking *a = xcalloc(1, sizeof *a);
	struct err e;
	json_t *doc;

	a->broker = ctx;
	arena_init(&a->mem, BROKER_ARENA_MAX);
	if (broker_run_read(a->broker, q, r, &a->mem, &a->row, &a->run)) {
		if (answer(a, q, &doc, &e) == 0)
			http_reply_json(r, 200, doc);
		else
			broker_reply_failure(a->broker, r, &e);
		run_release(&a->run);
	}
	arena_release(&a->mem);
	free(a);
}
