/* broker_view.c -- a stored run as the document that the API shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "run/run.h"
#include "service/broker/broker.h"
#include "service/broker/eta.h"
#include "service/broker/standing.h"
#include "service/stored.h"

#define LOCATION_BYTES 64

json_t *broker_time(int64_t wall_ms)
{
	char text[CLOCK_TEXT_BYTES];

	if (wall_ms == 0)
		return json_null();
	clock_format(wall_ms, text);
	return json_string(text);
}

static json_t *text_or_null(const char *s)
{
	return s && s[0] ? json_string(s) : json_null();
}

/* Null where nobody knows, as nobody does while nothing gets on. */
static json_t *eta(
	const struct run *run, double wall_s, const struct standing *now)
{
	double seconds = eta_seconds(run, wall_s, &now->view, &now->load);

	return now->trouble.code || seconds < 0 ? json_null()
						: json_real(seconds);
}

/* Where the generation's new genomes are; null where there are no rungs, and
 * where nothing is being scored. */
static json_t *rung(const struct run *run, const struct driver_view *view)
{
	if (!run_has_rungs(run) || run->phase != PHASE_SCORING)
		return json_null();
	return json_pack("{s:i,s:I,s:I}", "number", view->rung.number,
		"trained", (json_int_t)view->rung.trained, "members",
		(json_int_t)view->rung.members);
}

/* How many things the phase trains, and how many of these it has. */
static void count(const struct run *run, const struct driver_view *view,
	int64_t *scored, int64_t *members)
{
	*scored = view->scored;
	*members = view->members;
	if (run->phase == PHASE_FINALISTS) {
		*scored = run_pilots_done(run) + run_trials_done(run);
		*members = run_pilots(run) + run->trials;
	}
	if (run->phase == PHASE_FINAL || run->phase == PHASE_OVER) {
		*scored = run->state == RUN_FINISHED;
		*members = 1;
	}
}

static json_t *progress(const struct run *run, const struct driver_view *view,
	const struct dispatch_load *load)
{
	int64_t scored, members;

	count(run, view, &scored, &members);
	return json_pack("{s:I,s:I,s:o,s:I,s:I,s:I,s:f}", "scored",
		(json_int_t)scored, "members", (json_int_t)members, "rung",
		rung(run, view), "queued", load->queued, "running",
		load->running, "images", load->images, "images_per_s",
		load->images_per_s);
}

/* What is planned of a budget, and what has been spent; null without one, and
 * before it can be planned. */
static json_t *budget(const struct run *run)
{
	struct run_shares shares;

	if (!run->settings.has_budget || settings_data_open(&run->settings))
		return json_null();
	run_budget_shares(&run->settings, &shares);
	return json_pack("{s:f,s:f,s:f,s:f,s:f,s:I}", "pflop",
		run->settings.budget_pflop, "spent_pflop",
		(double)run->totals.planned * 1e-9, "search_pflop",
		shares.search * 1e-9, "finalist_pflop", shares.finalist * 1e-9,
		"image_mflop", shares.image, "generations",
		(json_int_t)run_budget_generations(run));
}

json_t *broker_rung(const struct run *run, const struct run_member *m)
{
	if (m->tried)
		return json_integer(
			m->mirrored ? RUNG_MIRRORED : RUNG_FINALIST);
	return run_has_rungs(run) && m->rungs > 0 ? json_integer(m->rungs - 1)
						  : json_null();
}

static json_t *champion(const struct run *run)
{
	const struct run_member *m = run_champion(run);
	int known = run->state == RUN_FINISHED && run->test_total > 0;

	if (!m)
		return json_null();
	return json_pack("{s:I,s:I,s:o,s:f,s:o,s:o,s:o,s:o}", "id", m->id,
		"born", m->born, "rung", broker_rung(run, m), "fitness",
		m->fitness, "nodes",
		json_integer((json_int_t)m->genome->n_nodes), "edges",
		json_integer((json_int_t)m->genome->n_edges), "test_accuracy",
		known ? json_real((double)run->test_correct /
				  (double)run->test_total)
		      : json_null(),
		"parameters",
		known ? json_integer(run->parameters) : json_null());
}

static json_t *compose(
	struct broker *b, const struct store_run *row, const struct run *run)
{
	struct standing now;
	int complete = run->generation > 0 || run->n_finalists > 0;
	json_t *doc = json_object();
	double wall_s;

	standing_look(b, row->uuid, run->state, run->settings.kernels, &now);
	wall_s = (double)(row->running_ms + now.view.running_ms) / 1000;
	json_object_set_new(doc, "uuid", json_string(row->uuid));
	json_object_set_new(doc, "number", json_integer(row->number));
	json_object_set_new(doc, "name",
		json_string(row->label ? row->label : run->settings.name));
	json_object_set_new(doc, "archived", json_boolean(row->archived));
	json_object_set_new(doc, "state", json_string(row->state));
	json_object_set_new(doc, "stop_reason", text_or_null(run->stop_reason));
	json_object_set_new(doc, "error", text_or_null(run->error));
	json_object_set_new(doc, "created", broker_time(row->created_ms));
	json_object_set_new(doc, "updated", broker_time(row->updated_ms));
	json_object_set_new(doc, "settings", settings_write(&run->settings));
	json_object_set_new(
		doc, "phase", json_string(run_phase_name(run->phase)));
	json_object_set_new(doc, "generation",
		run->generation < 0 ? json_null()
				    : json_integer(run->generation));
	json_object_set_new(
		doc, "best", complete ? json_real(run->best) : json_null());
	json_object_set_new(
		doc, "mean", complete ? json_real(run->mean) : json_null());
	json_object_set_new(
		doc, "evaluations", json_integer(run->totals.evaluations));
	json_object_set_new(
		doc, "failures", json_integer(run->totals.failures));
	json_object_set_new(doc, "cached", json_integer(run->totals.cached));
	json_object_set_new(doc, "images", json_integer(run->totals.images));
	json_object_set_new(doc, "flops", json_real(run->totals.flops));
	json_object_set_new(doc, "cpu_s", json_real(run->totals.cpu_s));
	json_object_set_new(doc, "wall_s", json_real(wall_s));
	json_object_set_new(
		doc, "progress", progress(run, &now.view, &now.load));
	json_object_set_new(doc, "budget", budget(run));
	json_object_set_new(doc, "eta_s", eta(run, wall_s, &now));
	json_object_set_new(doc, "attempts", json_integer(now.load.attempts));
	json_object_set_new(doc, "trouble", text_or_null(now.trouble.text));
	json_object_set_new(doc, "waiting", text_or_null(now.waiting.text));
	json_object_set_new(doc, "species",
		settings_algorithm(&run->settings)->species
			? json_integer((json_int_t)run->bred.n_species)
			: json_null());
	json_object_set_new(doc, "champion", champion(run));
	json_object_set_new(doc, "digest", text_or_null(row->digest));
	return doc;
}

int broker_run_glance(
	const struct store_run *row, struct run *out, struct err *e)
{
	json_t *settings = stored_json(row->settings);
	json_t *document = stored_json(row->document);
	int rc = run_glance(out, row->uuid, settings, document, e);

	json_decref(settings);
	json_decref(document);
	if (rc && e)
		e->code = ERR_WORLD;
	return rc ? ERR_WORLD : 0;
}

json_t *broker_run_view(struct broker *b, const struct store_run *row)
{
	struct run run;
	json_t *doc;

	if (broker_run_glance(row, &run, NULL))
		return NULL;
	doc = compose(b, row, &run);
	run_release(&run);
	return doc;
}

void broker_reply_failure(
	struct broker *b, struct http_reply *r, const struct err *e)
{
	struct err shown;

	service_shown(b->log, http_reply_trace(r), e, &shown);
	http_reply_error(r, &shown);
}

void broker_reply_run(
	struct broker *b, struct http_reply *r, int status, const char *uuid)
{
	char location[LOCATION_BYTES];
	struct store_run row;
	struct arena mem;
	struct err e;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (store_run_get(b->store, &mem, uuid, &row, &e)) {
		broker_reply_failure(b, r, &e);
	} else {
		snprintf(location, sizeof location, "/v1/runs/%s", uuid);
		http_reply_header(r, "Location", location);
		http_reply_json(r, status, broker_run_view(b, &row));
	}
	arena_release(&mem);
}

int broker_run_find(struct broker *b, const struct http_request *q,
	struct http_reply *r, struct arena *mem, struct store_run *out)
{
	char uuid[UUID_TEXT_BYTES];
	struct err e = {0};
	int rc;

	if (!uuid_parse(http_param(q, "uuid"), uuid)) {
		rc = err_set(&e, ERR_INVALID, "the run's uuid is not a UUID");
		broker_reply_failure(b, r, &e);
		return rc;
	}
	rc = store_run_get(b->store, mem, uuid, out, &e);
	if (rc == ERR_NOT_FOUND)
		err_set(&e, rc, "there is no run %s", uuid);
	if (rc)
		broker_reply_failure(b, r, &e);
	return rc;
}

int broker_run_read(struct broker *b, const struct http_request *q,
	struct http_reply *r, struct arena *mem, struct store_run *row,
	struct run *run)
{
	struct err e;

	if (broker_run_find(b, q, r, mem, row))
		return 0;
	if (broker_run_glance(row, run, &e) == 0)
		return 1;
	broker_reply_failure(b, r, &e);
	return 0;
}
