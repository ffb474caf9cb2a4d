/* evolutioner_service.c -- /v1/jobs and /v1/info: thin handlers over the table
 * of jobs. */
#include "service/evolutioner/evolutioner_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/clock.h"
#include "http/client.h"
#include "nn/kernels/kernels.h"
#include "service/service.h"

#define WAIT_MAX_S 30
#define WAIT_SLICE_MS 200 /* a waiting handler looks for draining */
#define KERNELS_MAX 16

void evolutioner_refuse(
	struct evolutioner *v, struct http_reply *r, const struct err *e)
{
	struct err shown;

	service_shown(v->log, e, &shown);
	if (e->code == ERR_WORLD)
		http_reply_problem(r, 500, &shown);
	else
		http_reply_error(r, &shown);
}

/* -- checks before a job starts -- */

static int runs_kernels(const char *name)
{
	const char *names[KERNELS_MAX];
	size_t n = kernels_available(names, KERNELS_MAX);

	for (size_t i = 0; i < n && i < KERNELS_MAX; i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	return 0;
}

int evolutioner_check(struct evolutioner *v, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e)
{
	char hash[SHA256_HEX_BYTES];
	int rc;

	if (!runs_kernels(job->kernels))
		return err_at(e, ERR_RANGE, "", "kernels",
			"this CPU cannot run the kernels \"%s\"", job->kernels);
	rc = dataset_table_get(v->datasets, job->dataset.name, path, hash, e);
	if (rc)
		return rc;
	if (job->dataset.hash[0] == '\0')
		memcpy(job->dataset.hash, hash, sizeof hash);
	if (strcmp(job->dataset.hash, hash) != 0)
		return err_at(e, ERR_CONFLICT, "/dataset", "hash",
			"this worker's data set of that name has the hash %s",
			hash);
	return 0;
}

int evolutioner_prepare(void *evolutioner, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e)
{
	struct evolutioner *v = evolutioner;
	struct err why = {0};
	int rc = evolutioner_check(v, job, path, &why);

	if (rc)
		service_shown(v->log, &why, e);
	return rc;
}

int evolutioner_offer(
	struct evolutioner *v, const struct job_doc *job, struct err *e)
{
	json_t *doc = job_write(job);
	char *body = canonical_text(doc, e);
	int rc = ERR_INVALID;

	if (body)
		rc = worker_push_offer(v->worker,
			&(struct worker_offer){.id = job->id,
				.body = body,
				.memory_mb = job->training.max_job_mb},
			e);
	free(body);
	json_decref(doc);
	return rc;
}

/* -- documents -- */

static json_t *failure_document(const struct worker_status *st)
{
	if (!st->whose)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "whose", st->whose, "code",
		st->code, "reason", st->reason);
}

/* Takes over the status's result. */
static json_t *status_document(const char *id, struct worker_status *st)
{
	return json_pack("{s:s, s:s, s:{s:I, s:I}, s:o, s:o}", "id", id,
		"state", worker_state_name(st->state), "progress", "images",
		(json_int_t)st->images, "total", (json_int_t)st->total,
		"result", st->result ? st->result : json_null(), "failure",
		failure_document(st));
}

/* The model of the first CPU, as /proc/cpuinfo names it. */
static void cpu_model(char *out, size_t max)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char line[256];

	snprintf(out, max, "unknown");
	while (f && fgets(line, sizeof line, f)) {
		char *value = strchr(line, ':');

		if (strncmp(line, "model name", 10) != 0 || !value)
			continue;
		value += 1 + strspn(value + 1, " ");
		value[strcspn(value, "\n")] = '\0';
		snprintf(out, max, "%s", value);
		break;
	}
	if (f)
		fclose(f);
}

static json_t *kernels_list(void)
{
	const char *names[KERNELS_MAX];
	size_t n = kernels_available(names, KERNELS_MAX);
	json_t *list = json_array();

	for (size_t i = 0; i < n && i < KERNELS_MAX; i++)
		json_array_append_new(list, json_string(names[i]));
	return list;
}

/* -- handlers -- */

/* The answer to a submission: where the job is, and how it stands. */
static void reply_accepted(
	struct evolutioner *v, const char *id, struct http_reply *r)
{
	char location[JOB_ID_MAX * 3 + 16];
	struct worker_status st;
	struct err e = {0};
	char *encoded;

	if (worker_push_look(v->worker, id, 0, &st, &e)) {
		evolutioner_refuse(v, r, &e);
		return;
	}
	encoded = http_encode(id);
	snprintf(location, sizeof location, "/v1/jobs/%s", encoded);
	free(encoded);
	http_reply_header(r, "Location", location);
	http_reply_json(r, 202, status_document(id, &st));
}

static void create_job(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct evolutioner *v = ctx;
	char path[DATASET_PATH_MAX];
	struct job_doc job;
	struct err e = {0};
	struct arena mem;

	arena_init(&mem, JOB_GENOME_BYTES_MAX);
	if (job_read(&mem, http_body(q), &job, &e) ||
		evolutioner_check(v, &job, path, &e) ||
		evolutioner_offer(v, &job, &e))
		evolutioner_refuse(v, r, &e);
	else
		reply_accepted(v, job.id, r);
	arena_release(&mem);
}

static void show_job(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct evolutioner *v = ctx;
	const char *id = http_param(q, "id");
	int64_t wait_s = 0, until_ms, left_ms;
	struct worker_status st = {0};
	struct err e = {0};

	if (http_query_int(q, "wait_s", 0, WAIT_MAX_S, &wait_s, &e)) {
		http_reply_error(r, &e);
		return;
	}
	until_ms = clock_mono_ms() + wait_s * 1000;
	do {
		json_decref(st.result);
		left_ms = until_ms - clock_mono_ms();
		if (left_ms > WAIT_SLICE_MS)
			left_ms = WAIT_SLICE_MS;
		if (worker_push_look(v->worker, id, left_ms, &st, &e)) {
			http_reply_error(r, &e);
			return;
		}
	} while (!worker_state_ended(st.state) && !http_draining(q) &&
		 clock_mono_ms() < until_ms);
	http_reply_json(r, 200, status_document(id, &st));
}

static void show_weights(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct evolutioner *v = ctx;
	struct err e = {0};
	char *bytes;
	size_t n;

	if (worker_push_weights(
		    v->worker, http_param(q, "id"), &bytes, &n, &e)) {
		http_reply_error(r, &e);
		return;
	}
	http_reply_bytes(r, 200, "application/octet-stream", bytes, n);
	free(bytes);
}

/* Ends a job, or forgets one that has ended: its result has been kept. */
static void delete_job(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct evolutioner *v = ctx;
	const char *id = http_param(q, "id");
	struct worker_status st;
	struct err e = {0};
	int rc = worker_push_look(v->worker, id, 0, &st, &e);

	if (rc == 0 && worker_state_ended(st.state)) {
		worker_push_forget(v->worker, id);
	} else if (rc == 0) {
		worker_push_cancel(v->worker, id, NULL);
		/* Killing takes a moment; the answer tells how it went. */
		rc = worker_push_look(v->worker, id, 1000, &st, &e);
	}
	if (rc)
		http_reply_error(r, &e);
	else
		http_reply_json(r, 200, status_document(id, &st));
}

static void show_info(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct evolutioner *v = ctx;
	char cpu[96];
	int n, n_free;

	(void)q;
	cpu_model(cpu, sizeof cpu);
	worker_push_count(v->worker, &n, &n_free);
	http_reply_json(r, 200,
		json_pack("{s:i, s:i, s:o, s:s, s:s, s:o}", "slots", n, "free",
			n_free, "kernels", kernels_list(), "cpu", cpu,
			"version", NEVOD_VERSION, "datasets",
			dataset_table_list(v->datasets)));
}

const struct http_route *evolutioner_routes(size_t *n)
{
	static const struct http_route routes[] = {
		{"POST", "/create_cnn_model", evolutioner_create_cnn_model,
			HTTP_LEGACY, 0, NULL},
		{"POST", "/v1/jobs", create_job, 0, 0, NULL},
		{"GET", "/v1/jobs/{id}", show_job, 0, 0, "wait_s"},
		{"DELETE", "/v1/jobs/{id}", delete_job, 0, 0, NULL},
		{"GET", "/v1/jobs/{id}/weights", show_weights, 0, 0, NULL},
		{"GET", "/v1/info", show_info, 0, 0, NULL},
		DOCS_ROUTES,
	};

	*n = sizeof routes / sizeof *routes;
	return routes;
}
