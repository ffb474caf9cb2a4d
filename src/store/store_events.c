/* store_events.c -- what happened to a run, numbered without gaps. */
#include "store/store_private.h"

#define ADD                                                          \
	"INSERT INTO event SELECT r.number, 1 + coalesce((SELECT "   \
	"max(number) FROM event WHERE run = r.number), 0), ?, ?, ? " \
	"FROM run AS r WHERE r.uuid = ?"

int store_event_add(struct store *s, const char *run, const char *type,
	const char *data, int64_t now_ms, int64_t *number, struct err *e)
{
	struct query q;
	int rc;

	query_write(&q, s, number ? ADD " RETURNING number" : ADD);
	query_put_int(&q, now_ms);
	query_put_text(&q, type);
	query_put_text(&q, data);
	query_put_text(&q, run);
	if (!number)
		return query_send(&q, "run", run, e);
	rc = query_next(&q, e);
	if (rc == 1)
		*number = query_int(&q);
	query_end(&q);
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no run %s", run);
	return rc == 1 ? 0 : rc;
}

int store_events(struct store *s, struct arena *mem, const char *run,
	int64_t after, size_t max, struct store_event **out, size_t *n,
	struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT number, created_ms, type, data FROM event "
		"WHERE run = (SELECT number FROM run WHERE uuid = ?) "
		"AND number > ? ORDER BY number LIMIT ?");
	query_put_text(&q, run);
	query_put_int(&q, after);
	query_put_count(&q, max);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		(*out)[*n].number = query_int(&q);
		(*out)[*n].created_ms = query_int(&q);
		(*out)[*n].type = query_text(&q, mem);
		(*out)[*n].data = query_text(&q, mem);
	}
	query_end(&q);
	return rc;
}
