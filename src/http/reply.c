/* reply.c -- what goes back: JSON, errors, bytes, streams. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "base/clock.h"
#include "http/alive.h"
#include "http/server_private.h"

#define STREAM_BLOCK 16384
#define STREAM_LOOK_MS 200
#define RETRY_AFTER_S "1"

static void set_response(
	struct http_reply *r, int status, struct MHD_Response *response)
{
	if (!response)
		abort(); /* out of memory */
	if (r->response)
		MHD_destroy_response(r->response);
	r->response = response;
	r->later = 0;
	r->status = status;
	r->bytes = NULL;
	r->n = 0;
}

void http_reply_header(
	struct http_reply *r, const char *name, const char *value)
{
	struct arena *mem = &r->request->mem;
	int i = 0;

	while (i < r->n_headers && strcmp(r->headers[i][0], name) != 0)
		i++;
	if (i == REPLY_HEADERS_MAX)
		abort(); /* a handler's bug */
	r->headers[i][0] = arena_strdup(mem, name);
	r->headers[i][1] = arena_strdup(mem, value);
	if (i == r->n_headers)
		r->n_headers++;
}

static void set_default(
	struct http_reply *r, const char *name, const char *value)
{
	for (int i = 0; i < r->n_headers; i++)
		if (strcmp(r->headers[i][0], name) == 0)
			return;
	http_reply_header(r, name, value);
}

/* Takes over the bytes. */
static void set_bytes(struct http_reply *r, int status, char *bytes, size_t n)
{
	set_response(r, status,
		MHD_create_response_from_buffer(
			n, bytes, MHD_RESPMEM_MUST_FREE));
	r->bytes = bytes;
	r->n = n;
}

static void reply_text(
	struct http_reply *r, int status, const char *type, char *text)
{
	set_bytes(r, status, text, strlen(text));
	set_default(r, "Content-Type", type);
	set_default(r, "Cache-Control", "no-store");
}

const char *http_reply_trace(const struct http_reply *r)
{
	return r->request->trace.id;
}

void http_reply_json(struct http_reply *r, int status, json_t *body)
{
	char *text = body ? canonical_text_as_added(body, NULL) : NULL;
	struct err e;

	json_decref(body);
	if (text) {
		reply_text(r, status, "application/json", text);
		return;
	}
	err_set(&e, ERR_WORLD, "the answer cannot be said in JSON");
	http_reply_problem(r, MHD_HTTP_INTERNAL_SERVER_ERROR, &e);
}

void reply_again(struct http_reply *r, int64_t wait_ms)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, (wait_ms + 999) / 1000);
	http_reply_header(r, "Retry-After", text);
}

static const char *title_of(int status)
{
	const char *title = MHD_get_reason_phrase_for((unsigned)status);

	return title ? title : "Error";
}

static json_t *problem(int status, const struct err *e)
{
	json_t *doc = json_pack("{s:s,s:s,s:i,s:s,s:s}", "type", "about:blank",
		"title", title_of(status), "status", status, "detail", e->text,
		"error", e->text);

	/* A genome's failure has a code there, not a pointer. */
	if (doc && e->where[0] && e->code != ERR_GENOME)
		json_object_set_new(doc, "pointer", json_string(e->where));
	return doc;
}

void http_reply_problem(struct http_reply *r, int status, const struct err *e)
{
	const char *path = r->request->path;
	int modern = strncmp(path, "/v1/", 4) == 0 ||
		     strcmp(path, "/readyz") == 0;
	json_t *doc = modern ? problem(status, e)
			     : json_pack("{s:s,s:s}", "error", e->text,
				       "message", e->text);
	char *text = doc ? canonical_text_as_added(doc, NULL) : NULL;

	json_decref(doc);
	if (!text)
		abort(); /* err.c makes sentences that are UTF-8 */
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		set_default(r, "Retry-After", RETRY_AFTER_S);
	reply_text(r, status,
		modern ? "application/problem+json" : "application/json", text);
}

static int status_of(int code)
{
	switch (code) {
	case ERR_INVALID: return MHD_HTTP_BAD_REQUEST;
	case ERR_RANGE:
	case ERR_GENOME: return MHD_HTTP_UNPROCESSABLE_CONTENT;
	case ERR_NOT_FOUND: return MHD_HTTP_NOT_FOUND;
	case ERR_CONFLICT: return MHD_HTTP_CONFLICT;
	case ERR_TOO_BIG: return MHD_HTTP_CONTENT_TOO_LARGE;
	case ERR_DENIED: return MHD_HTTP_FORBIDDEN;
	case ERR_BUSY:
	case ERR_CANCELLED:
	case ERR_WORLD: return MHD_HTTP_SERVICE_UNAVAILABLE;
	default: return MHD_HTTP_INTERNAL_SERVER_ERROR;
	}
}

void http_reply_elsewhere(
	struct http_reply *r, const char *base, const char *why)
{
	const struct http_request *q = r->request;
	const size_t n = strlen(base) + strlen(q->path) + strlen(q->query) + 2;
	char *to = arena_alloc(&r->request->mem, n);
	struct err e;

	snprintf(to, n, "%s%s%s%s", base, q->path, q->query[0] ? "?" : "",
		q->query);
	http_reply_header(r, "Location", to);
	err_set(&e, ERR_BUSY, "%s", why);
	http_reply_problem(r, MHD_HTTP_TEMPORARY_REDIRECT, &e);
}

void http_reply_error(struct http_reply *r, const struct err *e)
{
	http_reply_problem(r, status_of(e->code), e);
}

void http_reply_bytes(struct http_reply *r, int status, const char *type,
	const void *bytes, size_t n)
{
	char *copy = malloc(n ? n : 1);
	struct err e;

	if (!copy) {
		err_set(&e, ERR_BUSY,
			"there is no memory for an answer of %zu bytes; try "
			"again in a moment",
			n);
		http_reply_error(r, &e);
		return;
	}
	set_bytes(r, status, memcpy(copy, bytes, n), n);
	set_default(r, "Content-Type", type);
}

void http_reply_static(struct http_reply *r, int status, const char *type,
	const void *bytes, size_t n)
{
	set_response(r, status,
		MHD_create_response_from_buffer(
			n, (void *)bytes, MHD_RESPMEM_PERSISTENT));
	set_default(r, "Content-Type", type);
}

void reply_descriptor(
	struct http_reply *r, int status, int fd, uint64_t from, uint64_t n)
{
	set_response(r, status,
		MHD_create_response_from_fd_at_offset64(n, fd, from));
}

void http_reply_later(struct http_reply *r, int64_t wait_ms, uint64_t topic)
{
	r->later = 1;
	r->wait_ms = wait_ms;
	r->topic = topic;
}

/* -- streams -- */

/* While its connection is suspended the hands have it, else the server's
 * thread. */
struct reply_stream {
	struct waiter waiter; /* first: the hands are given it */
	struct http_server *server;
	struct MHD_Connection *connection;
	int fd; /* of the connection, to see its client go */
	int (*next)(void *stream, char *out, size_t max);
	void (*done)(void *stream);
	void *ctx;
	size_t n, sent; /* of the piece */
	int ended;
	char piece[STREAM_BLOCK];
};

/* Of the connection, or -1 of a request that came over none. */
static int descriptor_of(struct MHD_Connection *connection)
{
	return connection ? MHD_get_connection_info(connection,
				    MHD_CONNECTION_INFO_CONNECTION_FD)
				    ->connect_fd
			  : -1;
}

static int client_gone(int fd)
{
	char byte;
	const ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
				 errno != EINTR);
}

/* On the hands: the next piece, the end, or another try in a moment. */
static void stream_fill(struct task *t)
{
	struct reply_stream *s = (struct reply_stream *)t;
	int n = -1;

	if (!s->server->draining && !client_gone(s->fd))
		n = s->next(s->ctx, s->piece, sizeof s->piece);
	if (n == 0) {
		s->waiter.due_ms = clock_mono_ms() + STREAM_LOOK_MS;
		later_wait(s->server->later, &s->waiter, 0);
		return;
	}
	s->sent = 0;
	s->n = n < 0 ? 0 : (size_t)n;
	s->ended = n < 0;
	MHD_resume_connection(s->connection);
}

static ssize_t stream_read(void *cls, uint64_t pos, char *out, size_t max)
{
	struct reply_stream *s = cls;
	size_t n = s->n - s->sent;

	(void)pos;
	if (n > max)
		n = max;
	if (n > 0) {
		memcpy(out, s->piece + s->sent, n);
		s->sent += n;
		return (ssize_t)n;
	}
	if (s->ended || s->server->draining)
		return MHD_CONTENT_READER_END_OF_STREAM;
	MHD_suspend_connection(s->connection);
	hands_give(s->server->hands, &s->waiter.task);
	return 0;
}

static void stream_end(void *cls)
{
	struct reply_stream *s = cls;

	s->done(s->ctx);
	free(s);
}

void reply_mind(const struct http_request *q)
{
	const int fd = descriptor_of(q->connection);

	if (fd >= 0)
		alive_ask(fd);
}

int http_client_gone(const struct http_request *q)
{
	const int fd = descriptor_of(q->connection);

	return fd >= 0 && client_gone(fd);
}

void http_reply_stream(struct http_reply *r, const char *type,
	int (*next)(void *stream, char *out, size_t max),
	void (*done)(void *stream), void *stream)
{
	http_reply_stream_of(r, type, MHD_SIZE_UNKNOWN, next, done, stream);
}

void http_reply_stream_of(struct http_reply *r, const char *type, uint64_t size,
	int (*next)(void *stream, char *out, size_t max),
	void (*done)(void *stream), void *stream)
{
	struct reply_stream *s = xcalloc(1, sizeof *s);

	s->waiter.task.run = stream_fill;
	s->server = r->request->server;
	s->connection = r->request->connection;
	s->fd = descriptor_of(s->connection);
	s->next = next;
	s->done = done;
	s->ctx = stream;
	set_response(r, MHD_HTTP_OK,
		MHD_create_response_from_callback(
			size, STREAM_BLOCK, stream_read, s, stream_end));
	set_default(r, "Content-Type", type);
	set_default(r, "Cache-Control", "no-store");
}

enum MHD_Result reply_send(struct http_reply *r)
{
	enum MHD_Result ok;

	set_default(r, "Server", r->request->server->o.service);
	set_default(r, "X-Content-Type-Options", "nosniff");
	for (int i = 0; i < r->n_headers; i++)
		MHD_add_response_header(
			r->response, r->headers[i][0], r->headers[i][1]);
	r->request->server->answered[r->status / 100 % HTTP_STATUS_CLASSES]++;
	ok = MHD_queue_response(
		r->request->connection, (unsigned)r->status, r->response);
	MHD_destroy_response(r->response);
	return ok;
}
