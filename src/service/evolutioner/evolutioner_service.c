/* evolutioner_service.c -- /v1/exchange, /v1/jobs and /v1/info: thin handlers
 * over the table of jobs. */
#include "service/evolutioner/evolutioner_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "dispatch/worker_orders.h"
#include "http/client.h"
#include "nn/kernels/kernels.h"
#include "service/service.h"

#define WAIT_MAX_S 30
#define ORDERS_BYTES_MAX ((size_t)8 << 20)
#define KERNELS_MAX 16

void evolutioner_refuse(
	struct evolutioner *v, struct http_reply *r, const struct err *e)
{
	struct err shown;

	service_shown(v->log, http_reply_trace(r), e, &shown);
	if (e->code == ERR_WORLD)
		http_reply_problem(r, 500, &shown);
	else
		http_reply_error(r, &shown);
}

void evolutioner_job_ended(void *evolutioner)
{
	struct evolutioner *v = evolutioner;

	http_news_tell(v->news, http_topic(v->worker));
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

static int check_parents(
	struct evolutioner *v, const struct job_doc *job, struct err *e)
{
	for (int i = 0; i < job->n_parents; i++)
		if (!blob_cache_has(v->blobs, job->parents[i]))
			return err_at(e, ERR_NOT_FOUND, "", "parents",
				"the weights %s are not here: PUT them to "
				"/v1/blobs/{sha256} first",
				job->parents[i]);
	return 0;
}

/* Under its name. */
static int find_named(struct evolutioner *v, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e)
{
	char hash[SHA256_HEX_BYTES];
	int rc = dataset_table_get(
		v->datasets, job->dataset.name, path, hash, e);

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

/* The samples count, and not what they are called here. */
static int find_data(struct evolutioner *v, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e)
{
	struct err why = {0};
	int rc, brought;

	if (job->dataset.hash[0] &&
		dataset_fetch_has(v->fetch, job->dataset.hash, path))
		return 0;
	rc = find_named(v, job, path, e);
	if (rc == 0 || job->dataset.hash[0] == '\0')
		return rc;
	brought = dataset_fetch_get(v->fetch, job->dataset.hash, path, &why);
	if (brought == ERR_NOT_FOUND)
		return rc;
	if (brought && e)
		*e = why;
	return brought;
}

int evolutioner_check(struct evolutioner *v, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e)
{
	int rc;

	if (!runs_kernels(job->kernels))
		return err_at(e, ERR_RANGE, "", "kernels",
			"this CPU cannot run the kernels \"%s\"", job->kernels);
	rc = find_data(v, job, path, e);
	return rc ? rc : check_parents(v, job, e);
}

int evolutioner_prepare(void *evolutioner, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e)
{
	struct evolutioner *v = evolutioner;
	struct err why = {0};
	struct trace trace;
	int rc = evolutioner_check(v, job, path, &why);

	if (rc)
		service_shown(v->log,
			trace_read(job->trace, &trace) ? NULL : trace.id, &why,
			e);
	return rc;
}

int evolutioner_offer(
	struct evolutioner *v, const struct job_doc *job, struct err *e)
{
	struct job_doc bare = *job;
	int rc = ERR_INVALID;
	json_t *doc;
	char *body;

	bare.trace[0] = '\0'; /* who asks again has another */
	doc = job_write(&bare);
	body = canonical_text(doc, e);
	if (body)
		rc = worker_push_offer(v->worker,
			&(struct worker_offer){.id = job->id,
				.body = body,
				.trace = job->trace,
				.memory_mb = job->training.max_job_mb},
			e);
	free(body);
	json_decref(doc);
	return rc;
}

int evolutioner_take(struct evolutioner *v, const json_t *doc, struct err *e)
{
	char path[DATASET_PATH_MAX];
	struct job_doc job;
	struct arena mem;
	int rc;

	arena_init(&mem, JOB_GENOME_BYTES_MAX);
	rc = job_read(&mem, doc, &job, e);
	if (rc == 0)
		rc = evolutioner_prepare(v, &job, path, e);
	if (rc == 0)
		rc = evolutioner_offer(v, &job, e);
	arena_release(&mem);
	return rc;
}

/* -- documents -- */

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
	http_reply_json(r, 202, worker_status_document(id, &st));
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
	if (job_read(&mem, http_body(q), &job, &e) == 0 && !job.trace[0])
		trace_write(http_trace(q), job.trace);
	if (e.code || evolutioner_check(v, &job, path, &e) ||
		evolutioner_offer(v, &job, &e))
		evolutioner_refuse(v, r, &e);
	else
		reply_accepted(v, job.id, r);
	arena_release(&mem);
}

static int offer(void *evolutioner, const json_t *doc, struct err *e)
{
	return evolutioner_take(evolutioner, doc, e);
}

/* Orders are done once, when they come; then there is something to report, now
 * or later.  The memo has how many jobs had ended before: another's end may be
 * of one that was taken meanwhile, which the broker asks about next. */
static void exchange(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct evolutioner *v = ctx;
	const struct worker_clerk clerk = {
		.worker = v->worker, .offer = offer, .ctx = v};
	const json_t *orders = http_body(q);
	int64_t *memo = http_memo(q), left_ms;
	json_t *refused = NULL;
	struct err e = {0};

	if (*memo == 0) {
		*memo = 1 + worker_push_ends(v->worker);
		if (worker_orders_do(&clerk, orders, &refused, &e)) {
			http_reply_error(r, &e);
			return;
		}
	}
	left_ms = worker_orders_wait_ms(orders) - http_waited_ms(q);
	if (left_ms > 0 && !refused && !http_draining(q) &&
		*memo == 1 + worker_push_ends(v->worker) &&
		!worker_orders_news(&clerk, orders))
		http_reply_later(r, left_ms, http_topic(v->worker));
	else
		http_reply_json(
			r, 200, worker_orders_report(&clerk, orders, refused));
	json_decref(refused);
}

static void show_job(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct evolutioner *v = ctx;
	const char *id = http_param(q, "id");
	int64_t wait_s = 0, left_ms;
	struct worker_status st = {0};
	struct err e = {0};

	if (http_query_int(q, "wait_s", 0, WAIT_MAX_S, &wait_s, &e)) {
		http_reply_error(r, &e);
		return;
	}
	if (worker_push_look(v->worker, id, 0, &st, &e)) {
		http_reply_error(r, &e);
		return;
	}
	left_ms = wait_s * 1000 - http_waited_ms(q);
	if (!worker_state_ended(st.state) && !http_draining(q) && left_ms > 0) {
		json_decref(st.result);
		http_reply_later(r, left_ms, http_topic(v->worker));
		return;
	}
	http_reply_json(r, 200, worker_status_document(id, &st));
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

/* Takes over what jobs will need. */
static void put_blob(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	const char *sha256 = http_param(q, "sha256");
	struct evolutioner *v = ctx;
	struct err e = {0};
	size_t n;
	const char *bytes = http_bytes(q, &n);

	if (blob_cache_put(v->blobs, sha256, bytes, n, &e))
		evolutioner_refuse(v, r, &e);
	else
		http_reply_json(r, 200,
			json_pack("{s:s, s:I}", "sha256", sha256, "bytes",
				(json_int_t)n));
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
		http_reply_json(r, 200, worker_status_document(id, &st));
}

json_t *evolutioner_info(struct evolutioner *v)
{
	char cpu[96];
	int n, n_free;

	cpu_model(cpu, sizeof cpu);
	worker_push_count(v->worker, &n, &n_free);
	return json_pack("{s:i, s:i, s:o, s:o, s:s, s:s, s:o, s:o}", "slots", n,
		"free", n_free, "kernels", kernels_list(), "gflops",
		speeds_list(v->speeds), "cpu", cpu, "version", NEVOD_VERSION,
		"datasets", dataset_table_list(v->datasets), "jobs",
		worker_push_ids(v->worker));
}

static void show_info(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)q;
	http_reply_json(r, 200, evolutioner_info(ctx));
}

const struct http_route *evolutioner_routes(size_t *n)
{
	static const struct http_route routes[] = {
		{"POST", "/create_cnn_model", evolutioner_create_cnn_model,
			HTTP_LEGACY, 0, NULL},
		{"POST", "/v1/exchange", exchange, HTTP_WORK, ORDERS_BYTES_MAX,
			NULL},
		{"POST", "/v1/jobs", create_job, HTTP_WORK, 0, NULL},
		{"GET", "/v1/jobs/{id}", show_job, HTTP_WORK, 0, "wait_s"},
		{"DELETE", "/v1/jobs/{id}", delete_job, HTTP_WORK, 0, NULL},
		{"GET", "/v1/jobs/{id}/weights", show_weights,
			HTTP_WORK | HTTP_HEAVY, 0, NULL},
		{"PUT", "/v1/blobs/{sha256}", put_blob, HTTP_BYTES | HTTP_WORK,
			JOB_PARENT_BYTES_MAX, NULL},
		{"GET", "/v1/info", show_info, HTTP_WORK, 0, NULL},
		DOCS_ROUTES,
	};

	*n = sizeof routes / sizeof *routes;
	return routes;
}
