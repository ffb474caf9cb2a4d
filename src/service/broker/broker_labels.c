/* broker_labels.c -- what a person changes of a run that is there: its name,
 * whether it is out of the way, and that it is gone. */
#include <stddef.h>
#include <string.h>

#include "base/field.h"
#include "service/broker/broker.h"

/* The body of a PATCH. */
struct labels {
	char name[SETTINGS_NAME_MAX];
	int has_name, archived, has_archived;
};

static const struct field label_rows[] = {
	{.key = "name",
		.type = FIELD_TEXT,
		.flags = FIELD_OPTIONAL,
		.at = offsetof(struct labels, name),
		.given = offsetof(struct labels, has_name),
		.hi = SETTINGS_NAME_MAX - 1},
	{.key = "archived",
		.type = FIELD_FLAG,
		.flags = FIELD_OPTIONAL,
		.at = offsetof(struct labels, archived),
		.given = offsetof(struct labels, has_archived)},
};
static const struct fields label_fields = {
	FIELDS(struct labels, label_rows), .what = "a run's labels"};

static int is_over(const struct store_run *row)
{
	return run_state_over(run_state_named(row->state));
}

static int check_over(
	const struct store_run *row, const char *verb, struct err *e)
{
	if (is_over(row))
		return 0;
	return err_set(e, ERR_CONFLICT,
		"the run is %s; only one that is over can be %s", row->state,
		verb);
}

/* Ends the transaction that has come to `rc`. */
static int end(struct store *s, int rc, struct err *e)
{
	if (rc == 0)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

static int label(struct broker *b, const struct store_run *row,
	const struct labels *l, struct err *e)
{
	int rc = 0;

	if (l->has_archived && l->archived)
		rc = check_over(row, "archived", e);
	if (rc == 0)
		rc = store_begin(b->store, e);
	if (rc)
		return rc;
	rc = store_run_label(b->store, row->uuid,
		l->has_name ? l->name : row->label,
		l->has_archived ? l->archived : row->archived, e);
	return end(b->store, rc, e);
}

void broker_run_label(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct field_reader reader = {.origin = FIELD_REQUEST};
	struct labels l = {.has_name = 0};
	struct broker *b = ctx;
	struct store_run row;
	struct arena mem;
	struct err e;
	int rc;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &row))
		goto release;
	rc = fields_read(&label_fields, http_body(q), "", &reader, &l, &e);
	if (rc == 0)
		rc = label(b, &row, &l, &e);
	if (rc)
		broker_reply_failure(b, r, &e);
	else
		broker_reply_run(b, r, 200, row.uuid);

release:
	arena_release(&mem);
}

/* Its weights go with the next start, when blobs that no run names are
 * swept. */
void broker_run_delete(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_run row;
	struct arena mem;
	struct err e;
	int rc;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &row))
		goto release;
	rc = check_over(&row, "deleted", &e);
	if (rc == 0)
		rc = store_begin(b->store, &e);
	if (rc == 0)
		rc = end(
			b->store, store_run_delete(b->store, row.uuid, &e), &e);
	if (rc)
		broker_reply_failure(b, r, &e);
	else
		http_reply_bytes(r, 204, "text/plain", "", 0);

release:
	arena_release(&mem);
}
