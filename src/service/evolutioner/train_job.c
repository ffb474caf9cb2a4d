/* train_job.c -- `nevod train-job`: one job in a process of its own, so that a
 * crash or a runaway allocation ends nothing else.
 *
 * In: one line {"job":JOB,"dataset_path":FILE,"blobs_path":FOLDER,"trace":ID,
 * "log_format":NAME,"quiet":FLAG}; the pipe then stays open for as long as the
 * parent lives.  The folder has the weights that the job starts from.  Out, a
 * line each: {"progress":{"images","total"}} now and then, at last
 * {"result":RESULT}; the weights of a final job, or of one that keeps them,
 * follow that line as the raw bytes that the result counts.  The genome's own
 * failure is a result; the world's is {"error":"sentence"} and an exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "base/clock.h"
#include "base/doc.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/trace.h"
#include "data/class_names_json.h"
#include "data/dataset.h"
#include "model/job.h"
#include "nn/kernels/kernels.h"
#include "wire/job_json.h"
#include "service/evolutioner/job_parents.h"
#include "service/service.h"

#define INPUT_MAX ((size_t)1 << 20)
#define OUTPUT_MAX ((size_t)4 << 20)
#define PROGRESS_MS 250
#define WATCH_STACK_BYTES (64 * 1024) /* it counts as data */
#define MIB ((rlim_t)1 << 20)

/* -- the parent's pipes -- */

/* Reads up to the end of the first line. */
static int read_line(struct buf *line, struct err *e)
{
	char c;
	ssize_t n;

	while ((n = read(STDIN_FILENO, &c, 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, ERR_WORLD, "cannot read the job: %s",
				strerror(errno));
		if (c == '\n')
			return 0;
		if (buf_add(line, &c, 1, e))
			return e->code;
	}
	return err_set(e, ERR_INVALID, "the job's line was cut off");
}

/* The parent's end of the pipe closes when it dies, whatever killed it: nobody
 * is left to want the result. */
static void *watch_parent(void *unused)
{
	char c;
	ssize_t n;

	(void)unused;
	do
		n = read(STDIN_FILENO, &c, 1);
	while (n > 0 || (n < 0 && errno == EINTR));
	_exit(EXIT_FAILURE);
}

static int start_watch(struct err *e)
{
	pthread_attr_t attr;
	pthread_t t;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WATCH_STACK_BYTES);
	rc = pthread_create(&t, &attr, watch_parent, NULL);
	pthread_attr_destroy(&attr);
	if (rc)
		return err_set(e, ERR_WORLD, "cannot start a thread: %s",
			strerror(rc));
	pthread_detach(t);
	return 0;
}

static int write_all(const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t k = write(STDOUT_FILENO, bytes, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return ERR_WORLD;
		bytes += k;
		n -= (size_t)k;
	}
	return 0;
}

/* Writes one line; takes the reference over. */
static int write_line(json_t *v, struct err *e)
{
	struct buf line;
	int rc;

	buf_init(&line, OUTPUT_MAX);
	rc = canonical_add(&line, v, e);
	if (rc == 0)
		rc = buf_puts(&line, "\n", e);
	if (rc == 0 && write_all(line.data, line.len))
		rc = err_set(e, ERR_WORLD, "cannot write to the parent");
	buf_release(&line);
	json_decref(v);
	return rc;
}

/* -- the job -- */

/* The line that comes in. */
struct input {
	struct job_doc job;
	char dataset_path[DATASET_PATH_MAX];
	char blobs_path[DATASET_PATH_MAX]; /* or "" */
	char trace[TRACE_ID_BYTES];        /* or "" */
	int log_format, quiet;             /* of its log */
};

struct job_task {
	struct input in;
	struct arena mem; /* of the genome in it */
	struct class_names names;
	struct job_parents parents;
	const struct kernels *kernels;
	int64_t told_ms; /* when progress was last written */
};

static int take_job(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	(void)f;
	(void)at;
	return job_read(r->mem, v, &((struct input *)s)->job, e);
}

static const struct field_codec job_codec = {.read = take_job};

static const struct field input_rows[] = {
	{.key = "job", .type = FIELD_OWN, .codec = &job_codec},
	{.key = "dataset_path",
		.type = FIELD_TEXT,
		.at = offsetof(struct input, dataset_path),
		.lo = 1,
		.hi = DATASET_PATH_MAX - 1},
	{.key = "blobs_path",
		.type = FIELD_TEXT,
		.flags = FIELD_OPTIONAL,
		.at = offsetof(struct input, blobs_path),
		.hi = DATASET_PATH_MAX - 1},
	{.key = "trace",
		.type = FIELD_TEXT,
		.flags = FIELD_OPTIONAL,
		.at = offsetof(struct input, trace),
		.hi = TRACE_ID_BYTES - 1},
	{.key = "log_format",
		.type = FIELD_NAME,
		.flags = FIELD_OPTIONAL,
		.at = offsetof(struct input, log_format),
		.name = log_format_name},
	{.key = "quiet",
		.type = FIELD_FLAG,
		.flags = FIELD_OPTIONAL,
		.at = offsetof(struct input, quiet)},
};
static const struct fields input_fields = {FIELDS(struct input, input_rows)};

/* Out of the document. */
static int take_names(struct job_task *t, struct err *e)
{
	json_t *list = t->in.job.class_names;

	t->in.job.class_names = NULL;
	return list ? class_names_take(list, &t->names, e) : 0;
}

static int read_task(struct job_task *t, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_STORED, .mem = &t->mem};
	struct buf line;
	json_t *v = NULL;
	int rc;

	buf_init(&line, INPUT_MAX);
	rc = read_line(&line, e);
	if (rc == 0) {
		v = doc_parse(line.data, line.len, e);
		rc = v ? fields_read(&input_fields, v, "", &r, &t->in, e)
		       : e->code;
		if (rc == 0)
			rc = take_names(t, e);
	}
	json_decref(v);
	buf_release(&line);
	return rc;
}

/* Memory is judged from shapes before training; the limit, at twice the bound,
 * is for what that judgement overlooks.  A sanitizer's shadow counts as data
 * too, and there is no room for it under any bound. */
static int limit_data(const struct job_doc *j)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	(void)j;
	return 0;
#else
	rlim_t bytes = 2 * (rlim_t)j->training.max_job_mb * MIB;

	return setrlimit(RLIMIT_DATA,
		&(struct rlimit){.rlim_cur = bytes, .rlim_max = bytes});
#endif
}

/* A core file would hold the data. */
static int limit_process(const struct job_doc *j, struct err *e)
{
	if (limit_data(j) || setrlimit(RLIMIT_CORE, &(struct rlimit){0}))
		return err_set(e, ERR_WORLD, "cannot limit this process: %s",
			strerror(errno));
	return 0;
}

static int tell_progress(void *ctx, int64_t images, int64_t total)
{
	struct job_task *t = ctx;
	int64_t now_ms = clock_mono_ms();

	if (now_ms - t->told_ms < PROGRESS_MS)
		return 0;
	t->told_ms = now_ms;
	return write_line(
		json_pack("{s:{s:I, s:I}}", "progress", "images",
			(json_int_t)images, "total", (json_int_t)total),
		NULL);
}

static int check_dataset(
	const struct job_task *t, const struct dataset_info *d, struct err *e)
{
	if (strcmp(d->hash, t->in.job.dataset.hash) != 0)
		return err_set(e, ERR_CONFLICT,
			"the data set's samples are not those that the job "
			"names");
	if (t->names.n > 0 && t->names.n != (size_t)d->classes)
		return err_set(e, ERR_CONFLICT,
			"the job names %zu classes but the data set has %d",
			t->names.n, d->classes);
	return 0;
}

static struct dataset *open_dataset(const struct job_task *t, struct err *e)
{
	struct dataset *d = dataset_open(t->in.dataset_path, e);

	if (d && check_dataset(t, dataset_info(d), e) == 0)
		return d;
	dataset_close(d);
	return NULL;
}

/* -- the result -- */

/* What a result starts with. */
static struct job_result result_of(const struct job_task *t)
{
	struct job_result r = {.final = t->in.job.final};

	strcpy(r.id, t->in.job.id);
	strcpy(r.kernels, t->in.job.kernels);
	return r;
}

static void fill_in_score(
	struct job_result *r, const struct job_outcome *o, enum metric metric)
{
	const struct judgement *j = &o->judged;

	r->correct = (int64_t)o->correct;
	r->total = (int64_t)o->total;
	r->metric = metric;
	r->fitness = j->fitness;
	r->has_loss = !r->final;
	r->loss = j->loss;
	r->has_auroc = j->auroc >= 0;
	r->auroc = j->auroc;
	r->has_roc = j->n_roc > 0;
	r->roc = j->roc;
	r->n_roc = j->n_roc;
	r->has_mistakes = r->final;
	r->mistakes = j->mistakes.worst;
	r->n_mistakes = j->mistakes.n;
	if (result_has_confusion(r->final, metric, j->classes)) {
		r->confusion = j->confusion;
		r->classes = j->classes;
	}
}

static int write_success(
	const struct job_task *t, const struct job_outcome *o, struct err *e)
{
	struct job_result r = result_of(t);
	int rc;

	fill_in_score(&r, o, t->in.job.training.metric);
	r.epochs = o->epochs;
	r.n_epochs = (size_t)o->n_epochs;
	r.images = o->images;
	r.parameters = o->parameters;
	r.flops = o->flops;
	r.peak_bytes = o->peak_bytes;
	r.cpu_s = o->cpu_s;
	r.has_weights = t->in.job.final || t->in.job.keep_weights;
	r.weights_bytes = (int64_t)o->weights.len;
	if (r.has_weights)
		sha256_of(o->weights.data, o->weights.len, r.weights);
	rc = write_line(json_pack("{s:o}", "result", result_write(&r)), e);
	if (rc == 0 && write_all(o->weights.data, o->weights.len))
		rc = err_set(e, ERR_WORLD, "cannot write to the parent");
	return rc;
}

/* `why->where` holds the code word of the genome's failure. */
static int write_failure(
	const struct job_task *t, const struct err *why, struct err *e)
{
	struct job_result r = result_of(t);
	const char *code = why->where[0] ? why->where : "unbuildable";

	r.failure = FAILURE_GENOME;
	snprintf(r.code, sizeof r.code, "%.*s", (int)sizeof r.code - 1, code);
	snprintf(r.reason, sizeof r.reason, "%s", why->text);
	return write_line(json_pack("{s:o}", "result", result_write(&r)), e);
}

static void log_trained(const struct job_task *t, const struct job_outcome *o)
{
	const struct log log = {.service = "train-job",
		.level = t->in.quiet ? LOG_WARN : LOG_INFO,
		.format = (enum log_format)t->in.log_format};

	log_info(&log, "trained", log_job(t->in.job.id),
		log_int("images", o->images),
		log_int("cpu_ms", (int64_t)(o->cpu_s * 1e3)),
		log_trace(t->in.trace));
}

static int run_on(struct job_task *t, const struct dataset *d, struct err *e)
{
	char *genome = genome_doc_text(&t->in.job.genome);
	struct job job = {
		.kind = t->in.job.final ? JOB_FINAL : JOB_FITNESS,
		.kernels = t->kernels,
		.genome = t->in.job.genome.graph,
		.genome_data = t->in.job.genome.data,
		.training = t->in.job.training,
		.scale = t->in.job.scale,
		.fold = t->in.job.fold,
		.folds = t->in.job.folds,
		.seed = t->in.job.seed,
		.data = d,
		.inheritance = t->in.job.n_parents ? &t->parents.inheritance
						   : NULL,
		.genome_json = genome,
		.class_names = (const char(*)[DATASET_NAME_BYTES])
				       t->names.names,
		.keep_weights = t->in.job.keep_weights,
		.progress = tell_progress,
		.progress_ctx = t,
	};
	struct job_outcome *o = xcalloc(1, sizeof *o);
	struct err why = {0};
	int rc = job_run(&job, o, &why);

	if (rc == 0) {
		log_trained(t, o);
		rc = write_success(t, o, e);
	} else if (rc == ERR_GENOME) {
		rc = write_failure(t, &why, e);
	} else {
		*e = why;
	}
	job_outcome_release(o);
	free(o);
	free(genome);
	return rc;
}

static int run_task(struct job_task *t, struct err *e)
{
	struct dataset *d;
	int rc;

	if ((rc = read_task(t, e)) || (rc = start_watch(e)) ||
		(rc = limit_process(&t->in.job, e)))
		return rc;
	t->kernels = kernels_find(t->in.job.kernels, e);
	if (!t->kernels)
		return e->code;
	d = open_dataset(t, e);
	if (!d)
		return e->code;
	rc = job_parents_read(
		&t->parents, &t->in.job, t->in.blobs_path, t->kernels, e);
	if (rc == 0)
		rc = run_on(t, d, e);
	job_parents_release(&t->parents);
	dataset_close(d);
	return rc;
}

int train_job_main(int argc, char **argv)
{
	struct job_task *t = xcalloc(1, sizeof *t);
	struct err e = {0};
	int rc;

	(void)argc;
	(void)argv;
	/* We were started as /proc/self/exe, which tells a person nothing. */
	prctl(PR_SET_NAME, "nevod-train-job");
	arena_init(&t->mem, JOB_GENOME_BYTES_MAX);
	rc = run_task(t, &e);
	if (rc)
		write_line(json_pack("{s:s}", "error", e.text), NULL);
	class_names_release(&t->names);
	arena_release(&t->mem);
	free(t);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
