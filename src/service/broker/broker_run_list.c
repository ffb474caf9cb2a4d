/* broker_run_list.c -- GET /v1/runs: a page of them, whatever one of them is.
 */
#include <string.h>

#include "run/run.h"
#include "service/broker/broker.h"

#define LIST_DEFAULT 50
#define LIST_MAX 200

static int known_state(const char *state, struct err *e)
{
	if (run_state_named(state) != RUN_STATES)
		return 0;
	return err_at(e, ERR_RANGE, "", "state",
		"\"state\" must be created, running, paused, finished, failed "
		"or cancelled");
}

/* Whether those that are out of the way are listed too. */
static int read_archived(
	const struct http_request *q, int *archived, struct err *e)
{
	const char *text = http_query(q, "archived");

	*archived = text && strcmp(text, "true") == 0;
	if (!text || *archived || strcmp(text, "false") == 0)
		return 0;
	return err_at(e, ERR_RANGE, "", "archived",
		"\"archived\" must be true or false");
}

/* What is asked for. */
struct list_question {
	const char *state; /* or NULL: any */
	int archived;
	int64_t limit, after;
};

static int read_question(
	const struct http_request *q, struct list_question *out, struct err *e)
{
	int rc;

	*out = (struct list_question){.state = http_query(q, "state"),
		.limit = LIST_DEFAULT,
		.after = -1};
	rc = out->state ? known_state(out->state, e) : 0;
	if (rc == 0)
		rc = read_archived(q, &out->archived, e);
	if (rc == 0)
		rc = http_query_int(q, "limit", 1, LIST_MAX, &out->limit, e);
	if (rc == 0)
		rc = http_query_int(q, "after", -1, INT64_MAX, &out->after, e);
	if (rc == 0 && out->after < 0)
		out->after = INT64_MAX;
	return rc;
}

/* A run that cannot be shown hides no other: the number is all that is sure of
 * it.  A sentence that quotes what is no text says less. */
static json_t *excuse(const struct store_run *row)
{
	json_t *why = row->damage ? json_string(row->damage)
				  : json_string("the run cannot be read");

	return json_pack("{s:I, s:o}", "number", (json_int_t)row->number,
		"error", why ? why : json_string("the store is damaged"));
}

static json_t *write_page(
	struct broker *b, const struct store_run *rows, size_t n)
{
	json_t *items = json_array(), *damaged = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *view = rows[i].damage ? NULL
					      : broker_run_view(b, &rows[i]);

		if (view)
			json_array_append_new(items, view);
		else
			json_array_append_new(damaged, excuse(&rows[i]));
	}
	return json_pack("{s:o, s:o}", "items", items, "damaged", damaged);
}

/* Newest first, so after a run come those with lower numbers.  The row beyond
 * the page says that there is another. */
void broker_run_list(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct list_question ask;
	struct broker *b = ctx;
	struct store_run *rows;
	struct err e = {0};
	struct arena mem;
	json_t *page;
	size_t n = 0;
	int more, rc = read_question(q, &ask, &e);

	arena_init(&mem, BROKER_ARENA_MAX);
	if (rc == 0)
		rc = store_runs(b->store, &mem, ask.state, ask.archived,
			ask.after, (size_t)ask.limit + 1, &rows, &n, &e);
	if (rc) {
		broker_reply_failure(b, r, &e);
	} else {
		more = n > (size_t)ask.limit;
		page = write_page(b, rows, n - (size_t)more);
		json_object_set_new(page, "next",
			more ? json_integer(rows[n - 2].number) : json_null());
		http_reply_json(r, 200, page);
	}
	arena_release(&mem);
}
