/* local.c -- the way of a request from its route to its reply, in one call. */
#include "http/local.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/doc.h"
#include "http/server_private.h"

#define REQUEST_MEMORY ((size_t)16 << 20)
#define LOOK_MS 20

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

/* Until the handler has an answer: there is nobody to tell it the news. */
static void run(struct http_request *q, void *ctx)
{
	struct http_reply *r = &q->reply;

	q->begun = 1;
	q->begun_ms = clock_mono_ms();
	q->match.route->handler(ctx, q, r);
	while (r->later) {
		clock_sleep_ms(r->wait_ms < LOOK_MS ? r->wait_ms : LOOK_MS);
		r->later = 0;
		q->match.route->handler(ctx, q, r);
	}
}

void http_local_ask(const struct http_options *o, const char *method,
	const char *target, const json_t *body, struct http_local *out)
{
	struct http_server s = {.o = *o};
	struct http_request q = {.server = &s,
		.method = method,
		.body = body ? json_incref((json_t *)body) : json_object()};
	struct http_reply *r = &q.reply;

	pthread_mutex_init(&s.lock, NULL);
	pthread_cond_init(&s.changed, NULL);
	r->request = &q;
	arena_init(&q.mem, REQUEST_MEMORY);
	set_target(&q, target);
	if (request_route(&q) || request_query(&q))
		http_reply_problem(r, q.refused, &q.why);
	else
		run(&q, o->ctx);
	keep(r, out);
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
