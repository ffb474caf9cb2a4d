/* server.c -- sockets, threads and the life of a request, on libmicrohttpd.
 *
 * libmicrohttpd gives each connection a thread, which reads a request, runs its
 * handler and writes the answer.  The headers are judged before the body is
 * read, so a body that is refused is discarded as it comes and never kept. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/server_private.h"

#define TIMEOUT_S 60
#define BACKLOG 1024
#define CONNECTIONS_MAX 1500
#define THREAD_STACK ((size_t)2 << 20)
#define REQUEST_MEMORY ((size_t)16 << 20) /* decoded parts, reply headers */
#define DISCARD_MAX ((size_t)512 << 20)

void server_busy(struct http_server *s, int change)
{
	pthread_mutex_lock(&s->lock);
	s->busy += change;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

/* The request line has come; `uri` is as it was sent. */
static void *begin_request(
	void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct http_request *q = xcalloc(1, sizeof *q);
	size_t n = strcspn(uri, "?");

	q->server = cls;
	q->connection = connection;
	arena_init(&q->mem, REQUEST_MEMORY);
	buf_init(&q->text, 0);
	q->path = arena_strdup(&q->mem, uri);
	q->query = uri[n] ? q->path + n + 1 : q->path + n;
	q->path[n] = '\0';
	return q;
}

static void set_timeout(struct http_request *q, unsigned seconds)
{
	MHD_set_connection_option(
		q->connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

static void end_request(void *cls, struct MHD_Connection *connection,
	void **ctx, enum MHD_RequestTerminationCode why)
{
	struct http_request *q = *ctx;

	(void)cls;
	(void)connection;
	(void)why;
	if (!q)
		return;
	/* After a stream too, a client must not sit on its connection. */
	set_timeout(q, q->server->timeout_s);
	json_decref(q->body);
	buf_release(&q->text);
	arena_release(&q->mem);
	free(q);
	*ctx = NULL;
}

static void reply_refusal(struct http_request *q, struct http_reply *r)
{
	if (q->refused == MHD_HTTP_METHOD_NOT_ALLOWED)
		http_reply_header(r, "Allow", q->match.allow);
	if (q->refused == MHD_HTTP_UNAUTHORIZED)
		http_reply_header(r, "WWW-Authenticate", "Bearer");
	http_reply_problem(r, q->refused, &q->why);
}

static void run_handler(struct http_request *q, struct http_reply *r)
{
	struct http_server *s = q->server;
	struct err e;

	/* A handler may take hours; silence meanwhile is no sign of death.
	 * Setting the timeout again counts anew from now. */
	set_timeout(q, 0);
	server_busy(s, 1);
	q->match.route->handler(s->o.ctx, q, r);
	server_busy(s, -1);
	if (!r->endless)
		set_timeout(q, s->timeout_s);
	if (!r->response) {
		err_set(&e, ERR_WORLD, "the handler did not answer");
		http_reply_problem(r, MHD_HTTP_INTERNAL_SERVER_ERROR, &e);
	}
}

/* The whole request is here. */
static enum MHD_Result answer(struct http_request *q)
{
	struct http_reply r = {.request = q};

	if (!q->refused)
		request_parse(q);
	if (q->refused)
		reply_refusal(q, &r);
	else
		run_handler(q, &r);
	return reply_send(&r);
}

/* Called once with the headers, then with each piece of the body, then once
 * more at its end. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection,
	const char *url, const char *method, const char *version,
	const char *bytes, size_t *n, void **ctx)
{
	struct http_request *q = *ctx;

	(void)cls;
	(void)connection;
	(void)url;
	(void)version;
	if (!q->judged) {
		q->judged = 1;
		q->method = arena_strdup(&q->mem, method);
		set_timeout(q, q->server->timeout_s);
		request_judge(q);
		return MHD_YES;
	}
	if (*n > 0) {
		request_take(q, bytes, *n);
		*n = 0;
		return q->discarded > DISCARD_MAX ? MHD_NO : MHD_YES;
	}
	return answer(q);
}

/* -- opening -- */

static int make_address(const char *bind_to, int port,
	struct sockaddr_storage *out, socklen_t *n, struct err *e)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, bind_to, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		*n = sizeof *v4;
		return 0;
	}
	if (inet_pton(AF_INET6, bind_to, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		*n = sizeof *v6;
		return 0;
	}
	return err_set(e, ERR_RANGE,
		"\"%s\" is no IPv4 or IPv6 address to bind to", bind_to);
}

static int is_loopback(const struct sockaddr_storage *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;

	if (a->ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static int port_of(int fd)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof a;

	if (getsockname(fd, (struct sockaddr *)&a, &n))
		return 0;
	return ntohs(a.ss_family == AF_INET
			     ? ((struct sockaddr_in *)&a)->sin_port
			     : ((struct sockaddr_in6 *)&a)->sin6_port);
}

/* A listening socket, or an error code. */
static int open_listener(struct http_server *s, struct err *e)
{
	struct sockaddr_storage a;
	int fd, on = 1, rc;
	socklen_t n;

	rc = make_address(s->o.bind, s->o.port, &a, &n, e);
	if (rc)
		return rc;
	s->local_only = is_loopback(&a) && !s->o.token;
	fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, ERR_WORLD, "no socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&a, n) || listen(fd, BACKLOG)) {
		if (errno == EADDRINUSE)
			err_set(e, ERR_CONFLICT,
				"port %d is taken by another program; stop it "
				"or choose another port",
				s->o.port);
		else
			err_set(e, ERR_WORLD, "cannot listen on %s port %d: %s",
				s->o.bind, s->o.port, strerror(errno));
		rc = errno == EADDRINUSE ? ERR_CONFLICT : ERR_WORLD;
		close(fd);
		return rc;
	}
	s->port = port_of(fd);
	return fd;
}

static struct MHD_Daemon *start_daemon(struct http_server *s, int listener)
{
	return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION |
					MHD_USE_POLL_INTERNAL_THREAD |
					MHD_USE_ITC,
		0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET,
		listener, MHD_OPTION_URI_LOG_CALLBACK, begin_request, s,
		MHD_OPTION_NOTIFY_COMPLETED, end_request, s,
		MHD_OPTION_CONNECTION_TIMEOUT, s->timeout_s,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_THREAD_STACK_SIZE, THREAD_STACK, MHD_OPTION_END);
}

static void release(struct http_server *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free((char *)s->o.service);
	free((char *)s->o.bind);
	free((char *)s->o.token);
	free(s);
}

static struct http_server *make(
	const struct http_options *o, unsigned timeout_s)
{
	struct http_server *s = xcalloc(1, sizeof *s);
	pthread_condattr_t attr;

	s->o = *o;
	s->o.service = xstrdup(o->service);
	s->o.bind = xstrdup(o->bind);
	s->o.token = o->token ? xstrdup(o->token) : NULL;
	s->timeout_s = timeout_s;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

struct http_server *http_server_new_timeout(
	const struct http_options *o, unsigned timeout_s, struct err *e)
{
	struct http_server *s = make(o, timeout_s);
	int listener = open_listener(s, e);

	if (listener < 0) {
		release(s);
		return NULL;
	}
	s->daemon = start_daemon(s, listener);
	if (!s->daemon) {
		err_set(e, ERR_WORLD, "the server cannot start its thread");
		close(listener);
		release(s);
		return NULL;
	}
	return s;
}

struct http_server *http_server_new(const struct http_options *o, struct err *e)
{
	return http_server_new_timeout(o, TIMEOUT_S, e);
}

int http_server_port(const struct http_server *s)
{
	return s->port;
}

void http_server_drain(struct http_server *s)
{
	s->draining = 1;
}

void http_server_free(struct http_server *s, int64_t wait_ms)
{
	int64_t until = clock_mono_ms() + wait_ms;
	struct timespec t = {until / 1000, (until % 1000) * 1000000};
	int listener;

	if (!s)
		return;
	http_server_drain(s);
	listener = MHD_quiesce_daemon(s->daemon);
	pthread_mutex_lock(&s->lock);
	while (s->busy > 0 &&
		pthread_cond_timedwait(&s->changed, &s->lock, &t) == 0)
		continue;
	pthread_mutex_unlock(&s->lock);
	MHD_stop_daemon(s->daemon); /* waits for handlers still at work */
	if (listener >= 0)
		close(listener);
	release(s);
}
