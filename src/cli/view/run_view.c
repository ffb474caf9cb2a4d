/* run_view.c -- from the broker's JSON to plain numbers. */
#include "cli/view/run_view.h"

#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "run/run.h"

#define COUNT_MAX (INT64_C(1) << 53)
#define NUMBER_MAX 1e18
#define TEXT_MAX 4096

/* Copies an optional text, cut to `size`, without what moves a cursor. */
static int read_text(const json_t *v, const char *at, const char *name,
	char *out, size_t size, struct err *e)
{
	const char *text = "";
	int rc = doc_str_opt(v, at, name, 0, TEXT_MAX, &text, e);

	if (rc)
		return rc;
	snprintf(out, size, "%s", text);
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return 0;
}

static int read_texts(const json_t *v, struct run_view *r, struct err *e)
{
	const struct {
		const char *name;
		char *out;
		size_t size;
	} fields[] = {
		{"name", r->name, sizeof(r->name)},
		{"state", r->state, sizeof(r->state)},
		{"phase", r->phase, sizeof(r->phase)},
		{"stop_reason", r->stop_reason, sizeof(r->stop_reason)},
		{"error", r->error, sizeof(r->error)},
		{"trouble", r->trouble, sizeof(r->trouble)},
		{"waiting", r->waiting, sizeof(r->waiting)},
		{"created", r->created, sizeof(r->created)},
		{"digest", r->digest, sizeof(r->digest)},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(fields) / sizeof(*fields); i++)
		rc = read_text(v, "", fields[i].name, fields[i].out,
			fields[i].size, e);
	return rc;
}

static int read_numbers(const json_t *v, struct run_view *r, struct err *e)
{
	const struct {
		const char *name;
		int64_t *out;
	} ints[] = {
		{"number", &r->number},
		{"generation", &r->generation},
		{"evaluations", &r->evaluations},
		{"failures", &r->failures},
		{"cached", &r->cached},
		{"attempts", &r->attempts},
		{"species", &r->species},
	};
	const struct {
		const char *name;
		double *out;
	} reals[] = {
		{"best", &r->best},
		{"mean", &r->mean},
		{"eta_s", &r->eta_s},
		{"wall_s", &r->wall_s},
		{"cpu_s", &r->cpu_s},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(ints) / sizeof(*ints); i++)
		rc = doc_int_opt(
			v, "", ints[i].name, -1, COUNT_MAX, ints[i].out, e);
	for (size_t i = 0; rc == 0 && i < sizeof(reals) / sizeof(*reals); i++)
		rc = doc_real_opt(
			v, "", reals[i].name, -1, NUMBER_MAX, reals[i].out, e);
	return rc;
}

static int read_champion(const json_t *v, struct run_view *r, struct err *e)
{
	static const char at[] = "/champion";
	int rc = doc_real(v, at, "fitness", 0, 1, &r->champion, e);

	if (rc == 0)
		rc = doc_int_opt(v, at, "nodes", 0, COUNT_MAX, &r->nodes, e);
	if (rc == 0)
		rc = doc_int_opt(v, at, "edges", 0, COUNT_MAX, &r->edges, e);
	return rc;
}

/* Where its new genomes are trained, in a run with rungs. */
static int read_rung(const json_t *progress, struct run_view *r, struct err *e)
{
	static const char at[] = "/progress/rung";
	const json_t *v = NULL;
	int rc = doc_obj_opt(progress, "/progress", "rung", &v, e);

	if (rc || !v)
		return rc;
	rc = doc_int(v, at, "number", 0, COUNT_MAX, &r->rung, e);
	if (rc == 0)
		rc = doc_int(v, at, "trained", 0, COUNT_MAX, &r->trained, e);
	if (rc == 0)
		rc = doc_int(v, at, "members", 0, COUNT_MAX, &r->trainable, e);
	return rc;
}

/* How much of its budget is spent. */
static int read_budget(const json_t *v, struct run_view *r, struct err *e)
{
	static const char at[] = "/budget";
	const json_t *budget = NULL;
	double all, spent;
	int rc = doc_obj_opt(v, "", "budget", &budget, e);

	if (rc || !budget)
		return rc;
	rc = doc_real(budget, at, "pflop", 1e-9, NUMBER_MAX, &all, e);
	if (rc == 0)
		rc = doc_real(
			budget, at, "spent_pflop", 0, NUMBER_MAX, &spent, e);
	if (rc == 0)
		rc = doc_int(budget, at, "generations", 0, COUNT_MAX,
			&r->generations, e);
	if (rc == 0)
		r->spent = spent / all;
	return rc;
}

static int read_parts(const json_t *v, struct run_view *r, struct err *e)
{
	const json_t *settings, *progress = NULL, *champion = NULL;
	int rc = doc_obj(v, "", "settings", &settings, e);

	if (rc == 0)
		rc = doc_int(settings, "/settings", "generations", 1, COUNT_MAX,
			&r->generations, e);
	if (rc == 0)
		rc = doc_int_opt(settings, "/settings", "rungs", 1, COUNT_MAX,
			&r->rungs, e);
	if (rc == 0)
		rc = read_text(settings, "/settings", "dataset", r->dataset,
			sizeof(r->dataset), e);
	if (rc == 0)
		rc = doc_obj_opt(v, "", "champion", &champion, e);
	if (rc == 0 && champion)
		rc = read_champion(champion, r, e);
	if (rc == 0)
		rc = read_budget(v, r, e);
	if (rc == 0)
		rc = doc_obj_opt(v, "", "progress", &progress, e);
	if (rc || !progress)
		return rc;
	rc = doc_int_opt(
		progress, "/progress", "scored", 0, COUNT_MAX, &r->scored, e);
	if (rc == 0)
		rc = doc_int_opt(progress, "/progress", "members", 0, COUNT_MAX,
			&r->members, e);
	if (rc == 0)
		rc = doc_real_opt(progress, "/progress", "images_per_s", 0,
			NUMBER_MAX, &r->images_per_s, e);
	if (rc == 0)
		rc = read_rung(progress, r, e);
	return rc;
}

int run_view_read(const json_t *v, struct run_view *out, struct err *e)
{
	struct run_view r = {.generation = -1,
		.best = -1,
		.mean = -1,
		.champion = -1,
		.species = -1,
		.rung = -1,
		.nodes = -1,
		.edges = -1,
		.spent = -1,
		.eta_s = -1};
	const char *uuid;
	int rc = doc_str(v, "", "uuid", UUID_TEXT_BYTES - 1,
		UUID_TEXT_BYTES - 1, &uuid, e);

	if (rc == 0 && !uuid_parse(uuid, r.uuid))
		rc = err_at(e, ERR_INVALID, "", "uuid", "not a uuid");
	if (rc == 0)
		rc = read_texts(v, &r, e);
	if (rc == 0)
		rc = read_numbers(v, &r, e);
	if (rc == 0)
		rc = read_parts(v, &r, e);
	if (rc == 0)
		*out = r;
	else
		err_prefix(e, "the broker's answer is not understood");
	return rc;
}

int run_view_over(const struct run_view *v)
{
	return run_state_over(run_state_named(v->state));
}

const char *run_view_title(const struct run_view *v)
{
	const char *slash = strrchr(v->dataset, '/');

	if (*v->name)
		return v->name;
	return slash && slash[1] ? slash + 1 : v->dataset;
}

int64_t run_view_complete(const struct run_view *v)
{
	/* A run that was cut off had its last generation under way. */
	int last_done = strcmp(v->phase, "breeding") == 0 ||
			strcmp(v->phase, "finalists") == 0 ||
			strcmp(v->phase, "final") == 0 ||
			strcmp(v->state, "finished") == 0;

	return last_done || v->generation < 0 ? v->generation + 1
					      : v->generation;
}

void run_view_kept(const struct run_view *v, char out[RUN_VIEW_KEPT_BYTES])
{
	out[0] = '\0';
	if (*v->trouble && v->attempts > 0)
		snprintf(out, RUN_VIEW_KEPT_BYTES,
			"trouble, after %lld attempt%s: %s",
			(long long)v->attempts, v->attempts == 1 ? "" : "s",
			v->trouble);
	else if (*v->trouble)
		snprintf(out, RUN_VIEW_KEPT_BYTES, "trouble: %s", v->trouble);
	else if (*v->waiting)
		snprintf(out, RUN_VIEW_KEPT_BYTES, "waits: %s", v->waiting);
}

void run_view_duration(double s, char out[DURATION_BYTES])
{
	int64_t n = s < 0 ? -1 : s > 3.6e8 ? INT64_C(360000000) : (int64_t)s;

	if (n < 0)
		snprintf(out, DURATION_BYTES, "?");
	else if (n < 60)
		snprintf(out, DURATION_BYTES, "%ds", (int)n);
	else if (n < 3600)
		snprintf(out, DURATION_BYTES, "%dm%02ds", (int)(n / 60),
			(int)(n % 60));
	else
		snprintf(out, DURATION_BYTES, "%dh%02dm", (int)(n / 3600),
			(int)(n / 60 % 60));
}

void run_view_count(double n, char out[COUNT_BYTES])
{
	static const char *const units[] = {"", "k", "M", "G", "T", "P"};
	size_t u = 0;

	for (; n >= 1000 && u + 1 < sizeof(units) / sizeof(*units); u++)
		n /= 1000;
	snprintf(out, COUNT_BYTES, u ? "%.2f %s" : "%.0f %s", n, units[u]);
}
