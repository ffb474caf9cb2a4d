/* worker_orders.c -- orders in, a report out, over the table of worker_push. */
#include "dispatch/worker_orders.h"

#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "dispatch/worker_push.h"

#define IDS_MAX 100000
#define ID_BYTES_MAX 127
#define WAIT_MOST_MS 30000

/* -- reading -- */

static int check_list(
	const json_t *orders, const char *name, int jobs, struct err *e)
{
	const json_t *list = json_object_get(orders, name);
	const char *id;

	if (!list)
		return 0;
	if (doc_list(orders, "", name, 0, IDS_MAX, &list, e))
		return e ? e->code : ERR_INVALID;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);

		if (jobs && json_is_object(v)) {
			if (doc_str(v, "/take", "id", 1, ID_BYTES_MAX, &id, e))
				return e ? e->code : ERR_INVALID;
		} else if (jobs || !json_is_string(v)) {
			return err_at(e, ERR_INVALID, "", name,
				"must be a list of %s",
				jobs ? "jobs" : "their ids");
		}
	}
	return 0;
}

static int check(const json_t *orders, struct err *e)
{
	static const char *const names[] = {
		"number", "wait_ms", "forget", "cancel", "watch", "take", NULL};
	int64_t number = 0, wait_ms = 0;
	int rc = doc_only(orders, "", names, e);

	if (rc == 0)
		rc = doc_int_opt(
			orders, "", "number", 0, INT64_MAX, &number, e);
	if (rc == 0)
		rc = doc_int_opt(
			orders, "", "wait_ms", 0, WAIT_MOST_MS, &wait_ms, e);
	for (int i = 2; rc == 0 && names[i]; i++)
		rc = check_list(orders, names[i], i == 5, e);
	return rc;
}

int64_t worker_orders_wait_ms(const json_t *orders)
{
	int64_t wait_ms = 0;

	doc_int_opt(orders, "", "wait_ms", 0, WAIT_MOST_MS, &wait_ms, NULL);
	return wait_ms;
}

/* The id of element i of a list of the orders, or NULL at its end. */
static const char *id_at(const json_t *orders, const char *name, size_t i)
{
	const json_t *v = json_array_get(json_object_get(orders, name), i);

	return json_string_value(
		json_is_object(v) ? json_object_get(v, "id") : v);
}

/* -- doing -- */

static const char *code_of(const struct err *e)
{
	switch (e->code) {
	case ERR_BUSY: return WORKER_CODE_BUSY;
	case ERR_NOT_FOUND: return WORKER_CODE_MISSING;
	default: return "refused";
	}
}

static json_t *refusal(const char *id, const struct err *why)
{
	struct worker_status st = {.state = WORKER_REFUSED, .whose = "world"};

	snprintf(st.code, sizeof st.code, "%s", code_of(why));
	snprintf(st.reason, sizeof st.reason, "%.*s", WORKER_REASON_MAX - 1,
		why->text);
	return worker_status_document(id, &st);
}

int worker_orders_do(const struct worker_clerk *c, const json_t *orders,
	json_t **refused, struct err *e)
{
	const json_t *take = json_object_get(orders, "take");
	const char *id;
	int rc = check(orders, e);

	*refused = NULL;
	if (rc)
		return rc;
	for (size_t i = 0; (id = id_at(orders, "forget", i)); i++)
		worker_push_forget(c->worker, id);
	for (size_t i = 0; (id = id_at(orders, "cancel", i)); i++)
		worker_push_cancel(c->worker, id, NULL);
	for (size_t i = 0; (id = id_at(orders, "take", i)); i++) {
		struct err why = {0};

		if (c->offer(c->ctx, json_array_get(take, i), &why) == 0)
			continue;
		if (!*refused)
			*refused = json_array();
		json_array_append_new(*refused, refusal(id, &why));
	}
	return 0;
}

/* -- reporting -- */

json_t *worker_status_document(const char *id, struct worker_status *st)
{
	json_t *failure = st->whose ? json_pack("{s:s, s:s, s:s}", "whose",
					      st->whose, "code", st->code,
					      "reason", st->reason)
				    : json_null();

	return json_pack("{s:s, s:s, s:{s:I, s:I}, s:o, s:o}", "id", id,
		"state", worker_state_name(st->state), "progress", "images",
		(json_int_t)st->images, "total", (json_int_t)st->total,
		"result", st->result ? st->result : json_null(), "failure",
		failure);
}

/* Asking keeps the job from being given up. */
static void look(struct worker *w, const char *id, struct worker_status *st)
{
	struct err e = {0};

	*st = (struct worker_status){.state = WORKER_UNKNOWN};
	if (worker_push_look(w, id, 0, st, &e) == 0)
		return;
	st->whose = "world";
	snprintf(st->code, sizeof st->code, "unknown");
	snprintf(st->reason, sizeof st->reason, "%.*s", WORKER_REASON_MAX - 1,
		e.text);
}

static int has_news(
	const struct worker_clerk *c, const json_t *orders, const char *list)
{
	struct worker_status st;
	const char *id;
	int yes = 0;

	for (size_t i = 0; !yes && (id = id_at(orders, list, i)); i++) {
		look(c->worker, id, &st);
		json_decref(st.result);
		yes = st.state != WORKER_QUEUED && st.state != WORKER_RUNNING;
	}
	return yes;
}

int worker_orders_news(const struct worker_clerk *c, const json_t *orders)
{
	return has_news(c, orders, "watch") || has_news(c, orders, "take");
}

static int is_refused(const json_t *refused, const char *id)
{
	for (size_t i = 0; i < json_array_size(refused); i++)
		if (strcmp(id, json_string_value(json_object_get(
				       json_array_get(refused, i), "id"))) == 0)
			return 1;
	return 0;
}

static void tell(const struct worker_clerk *c, const json_t *orders,
	const char *list, const json_t *refused, json_t *out)
{
	struct worker_status st;
	const char *id;

	for (size_t i = 0; (id = id_at(orders, list, i)); i++) {
		if (is_refused(refused, id))
			continue;
		look(c->worker, id, &st);
		json_array_append_new(out, worker_status_document(id, &st));
	}
}

json_t *worker_orders_report(const struct worker_clerk *c, const json_t *orders,
	const json_t *refused)
{
	json_t *jobs = json_array();
	int slots, n_free;

	tell(c, orders, "watch", refused, jobs);
	tell(c, orders, "take", refused, jobs);
	if (refused)
		json_array_extend(jobs, (json_t *)refused);
	worker_push_count(c->worker, &slots, &n_free);
	return json_pack("{s:i, s:i, s:o}", "slots", slots, "free", n_free,
		"jobs", jobs);
}
