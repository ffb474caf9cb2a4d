/* broker_champion.c -- the best that a run has made, how it was judged at the
 * end, and its weights. */
#include <string.h>

#include "data/class_names_json.h"
#include "run/run.h"
#include "service/broker/broker_history.h"
#include "service/stored.h"

/* The run's; of one from before they were kept, those of the data set, or a
 * null where that is not here (any more). */
static json_t *class_names(struct broker *b, const struct run_settings *s)
{
	struct dataset *d;
	json_t *names;

	if (s->class_names)
		return json_incref(s->class_names);
	d = broker_dataset_open(b, s->dataset_hash, NULL);
	names = d ? class_names_json(dataset_info(d)) : json_null();
	dataset_close(d);
	return names;
}

int broker_final_result(struct broker *b, struct arena *mem, const char *uuid,
	const struct run_member *m, json_t **out, struct err *e)
{
	struct store_rung *rows;
	size_t n;
	int rc = store_rungs(b->store, mem, uuid, m->id, &rows, &n, e);

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (rows[i].rung == RUNG_FINAL) {
			*out = stored_json(rows[i].result);
			return 0;
		}
	*out = json_null();
	return 0;
}

/* Accuracy on validation, where that is what fitness is. */
static json_t *val_accuracy(const struct run *run, const struct run_member *m)
{
	return run->settings.training.metric == METRIC_ACCURACY
		       ? json_real(m->fitness)
		       : json_null();
}

static json_t *test_accuracy(const struct run *run)
{
	return run->state == RUN_FINISHED
		       ? json_real((double)run->test_correct /
				   (double)run->test_total)
		       : json_null();
}

static json_t *weights(struct broker *b, const struct run *run)
{
	size_t bytes;

	if (run->state != RUN_FINISHED ||
		blob_size(b->blobs, run->weights, &bytes, NULL))
		return json_null();
	return json_pack("{s:s,s:I}", "sha256", run->weights, "bytes",
		(json_int_t)bytes);
}

static json_t *count(const struct run *run, int64_t n)
{
	return run->state == RUN_FINISHED ? json_integer((json_int_t)n)
					  : json_null();
}

/* Takes `final` over. */
static json_t *champion_doc(struct broker *b, const struct run *run,
	const struct run_member *m, const struct store_run *row, json_t *final)
{
	const struct genome_doc genome = run_genome(run, m);

	return json_pack("{s:I,s:I,s:o,s:f,s:s,s:o,s:o,s:s,s:o,s:o,s:o,s:o,"
			 "s:o,s:o,s:o,s:o}",
		"id", m->id, "born", m->born, "rung", broker_rung(run, m),
		"fitness", m->fitness, "metric",
		metric_name((int)run->settings.training.metric), "val_accuracy",
		val_accuracy(run, m), "genome", genome_doc_write(&genome),
		"state", row->state, "digest",
		row->digest[0] ? json_string(row->digest) : json_null(),
		"correct", count(run, run->test_correct), "total",
		count(run, run->test_total), "test_accuracy",
		test_accuracy(run), "parameters", count(run, run->parameters),
		"weights", weights(b, run), "final", final, "classes",
		class_names(b, &run->settings));
}

static int show(struct broker *b, struct arena *mem, const struct run *run,
	const struct store_run *row, json_t **out, struct err *e)
{
	const struct run_member *m = run_champion(run);
	json_t *final = NULL;
	int rc;

	if (!m)
		return err_set(e, ERR_NOT_FOUND,
			"the run has no champion: no generation is complete or "
			"every genome failed");
	rc = broker_final_result(b, mem, row->uuid, m, &final, e);
	if (rc == 0)
		*out = champion_doc(b, run, m, row, final);
	return rc;
}

void broker_champion(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_run row;
	struct arena mem;
	struct run run;
	struct err e;
	json_t *doc = NULL;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_read(b, q, r, &mem, &row, &run)) {
		if (show(b, &mem, &run, &row, &doc, &e))
			broker_reply_failure(b, r, &e);
		else
			http_reply_json(r, 200, doc);
		run_release(&run);
	}
	arena_release(&mem);
}

static int open_weights(struct broker *b, const struct run *run,
	const char *state, int *fd, size_t *n, struct err *e)
{
	if (run->state != RUN_FINISHED)
		return err_set(e, ERR_CONFLICT,
			"the run is %s; its champion is trained at the end",
			state);
	return blob_file(b->blobs, run->weights, fd, n, e);
}

void broker_champion_weights(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_run row;
	struct arena mem;
	struct run run;
	struct err e;
	size_t n;
	int fd, rc;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (!broker_run_read(b, q, r, &mem, &row, &run))
		goto release;
	rc = open_weights(b, &run, row.state, &fd, &n, &e);
	run_release(&run);
	if (rc) {
		broker_reply_failure(b, r, &e);
		goto release;
	}
	http_reply_header(r, "Content-Disposition",
		"attachment; filename=\"champion.safetensors\"");
	http_reply_file(NULL, r, "application/octet-stream", fd, n);

release:
	arena_release(&mem);
}
