/* local.c -- the way of a request from its route to its reply, in one call. */
#include "http/local.h"

#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "http/server_private.h"

#define REQUEST_MEMORY ((size_t)16 << 20)

static void set_target(struct http_request *q, const char *target)
{
	size_t n = strcspn(target, "?");

	q->path = arena_strdup(&q->mem, target);
	q->query = target[n] ? q->path + n + 1 : q->path + n;
	q->path[n] = '\0';
}

/* Takes over what the reply has. */
static void keep(struct http_reply *r, struct http_local *out)
{
	out->status = r->status;
	out->n = r->n;
	out->body = xcalloc(1, r->n + 1);
	memcpy(out->body, r->bytes ? r->bytes : "", r->n);
	out->json = doc_parse(out->body, out->n, NULL);
	if (r->response)
		MHD_destroy_response(r->response);
}

void http_local_ask(const struct http_options *o, const char *method,
	const char *target, const json_t *body, struct http_local *out)
{
	struct http_server s = {.o = *o};
	struct http_request q = {.server = &s,
		.method = method,
		.body = body ? json_incref((json_t *)body) : json_object()};
	struct http_reply r = {.request = &q};

	pthread_mutex_init(&s.lock, NULL);
	pthread_cond_init(&s.changed, NULL);
	arena_init(&q.mem, REQUEST_MEMORY);
	set_target(&q, target);
	if (request_route(&q) || request_query(&q))
		http_reply_problem(&r, q.refused, &q.why);
	else
		q.match.route->handler(o->ctx, &q, &r);
	keep(&r, out);
	json_decref(q.body);
	arena_release(&q.mem);
	pthread_cond_destroy(&s.changed);
	pthread_mutex_destroy(&s.lock);
}

void http_local_release(struct http_local *a)
{
	json_decref(a->json);
	free(a->body);
}
