/* server.c -- sockets, threads and the life of a request, on libmicrohttpd.
 *
 * libmicrohttpd's one thread reads requests and writes answers.  A request that
 * is complete is suspended and given to the hands, which run its handler and
 * resume it with the answer; until then nobody else touches it.  The headers
 * are judged before the body is read, so a body that is refused is discarded as
 * it comes and never kept. */
#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cond.h"
#include "http/server_private.h"

#define TIMEOUT_S 60
#define BACKLOG 1024
#define CONNECTIONS_MAX 4096
#define REQUEST_MEMORY ((size_t)16 << 20) /* decoded parts, reply headers */
#define DISCARD_MAX ((size_t)512 << 20)
#define DESCRIPTORS_SHARE 4 /* this part of ours are not for connections */
#define RESERVE_SHARE 8     /* and of these for who comes when all are taken */
#define ROOM_LOOK_MS 50
#define TRIM_BYTES ((size_t)4 << 20)
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* One more request with its handler, or one less. */
static void server_busy(struct http_server *s, int change)
{
	pthread_mutex_lock(&s->lock);
	s->busy += change;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static struct connection *ours(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

static struct connection *open_connection(
	struct http_server *s, struct MHD_Connection *connection)
{
	const struct sockaddr *from = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
					      ->client_addr;
	const int fd = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD)
			       ->connect_fd;

	return connection_open(
		s->connections, fd, caller_of_address(s->callers, from));
}

/* A connection begins or is about to be closed. */
static void on_connection(void *cls, struct MHD_Connection *connection,
	void **context, enum MHD_ConnectionNotificationCode what)
{
	struct http_server *s = cls;

	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		*context = open_connection(s, connection);
	else
		caller_leave(
			s->callers, connection_close(s->connections, *context));
}

/* The request line has come; `uri` is as it was sent. */
static void *begin_request(
	void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct http_request *q = xcalloc(1, sizeof *q);
	size_t n = strcspn(uri, "?");

	q->server = cls;
	q->connection = connection;
	q->reply.request = q;
	q->came = ours(connection);
	q->caller = caller_again(q->server->callers, connection_from(q->came));
	connection_begin(q->came);
	arena_init(&q->mem, REQUEST_MEMORY);
	buf_init(&q->text, 0);
	q->path = arena_strdup(&q->mem, uri);
	q->query = uri[n] ? q->path + n + 1 : q->path + n;
	q->path[n] = '\0';
	return q;
}

/* Handlers have it no longer: a slow reader of the answer must not keep it. */
static void release_body(struct http_request *q)
{
	json_decref(q->body);
	q->body = NULL;
	buf_release(&q->text);
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
	connection_answered(q->came);
	caller_set(q->server->callers, q->caller, &q->load, (struct load){0});
	caller_leave(q->server->callers, q->caller);
	if (q->begun)
		server_busy(q->server, -1);
	release_body(q);
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
	if (q->refused == MHD_HTTP_TOO_MANY_REQUESTS)
		reply_again(r, q->again_ms);
	http_reply_problem(r, q->refused, &q->why);
}

static int request_elsewhere(struct http_request *q, struct http_reply *r)
{
	const struct http_options *o = &q->server->o;

	return (q->match.route->flags & HTTP_LED) && o->elsewhere &&
	       o->elsewhere(o->ctx, q, r);
}

/* False when the handler has no answer yet: the request waits, or is with
 * another thread again. */
static int run_handler(struct http_request *q, struct http_reply *r)
{
	struct http_server *s = q->server;
	const uint64_t ticket = later_ticket(s->later);
	struct err e;

	r->later = 0;
	if (!request_elsewhere(q, r))
		q->match.route->handler(s->o.ctx, q, r);
	if (r->later && !q->minded) {
		q->minded = 1;
		reply_mind(q);
	}
	if (r->later && !s->draining) {
		q->waiter.topic = r->topic;
		q->waiter.due_ms = clock_mono_ms() + r->wait_ms;
		request_settle(q, q->values);
		later_wait(s->later, &q->waiter, ticket);
		return 0;
	}
	if (r->later) {
		err_set(&e, ERR_BUSY, "the service is stopping");
		http_reply_error(r, &e);
	} else if (!r->response) {
		err_set(&e, ERR_WORLD, "the handler did not answer");
		http_reply_problem(r, MHD_HTTP_INTERNAL_SERVER_ERROR, &e);
	}
	return 1;
}

/* On the hands, while the connection is suspended. */
static void run_request(struct task *t)
{
	struct http_request *q = (struct http_request *)t;
	struct MHD_Connection *connection = q->connection;
	const int large = q->load.body + q->load.beyond > TRIM_BYTES;

	if (q->refused)
		reply_refusal(q, &q->reply);
	else if (!run_handler(q, &q->reply))
		return;
	release_body(q);
	request_settle(q, q->reply.n);
	connection_answer(q->came);
	reply_send(&q->reply);
	MHD_resume_connection(connection);
	/* Else each hand would keep what its largest request took. */
	if (large)
		malloc_trim(0);
}

/* Until there is room for it. */
static void admit_request(struct task *t)
{
	struct http_request *q = (struct http_request *)t;

	if (!request_admit(q)) {
		q->waiter.due_ms = clock_mono_ms() + ROOM_LOOK_MS;
		later_wait(q->server->later, &q->waiter, 0);
		return;
	}
	q->waiter.task.run = run_request;
	if (!q->refused)
		request_parse(q);
	run_request(t);
}

static void begin_handler(struct task *t)
{
	struct http_request *q = (struct http_request *)t;

	q->waiter.task.run = admit_request;
	request_weigh(q);
	admit_request(t);
}

/* The whole request is here.  Asked a second time, no answer could be sent. */
static enum MHD_Result answer(struct http_request *q)
{
	if (q->begun)
		return MHD_NO;
	connection_whole(q->came);
	if (q->refused) {
		reply_refusal(q, &q->reply);
		return reply_send(&q->reply);
	}
	q->begun = 1;
	q->begun_ms = clock_mono_ms();
	server_busy(q->server, 1);
	MHD_suspend_connection(q->connection);
	q->waiter.task.run = begin_handler;
	hands_give(q->server->hands, &q->waiter.task);
	return MHD_YES;
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
		request_judge(q);
		return MHD_YES;
	}
	if (*n > 0) {
		connection_bytes(q->came, *n);
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
	s->loopback = is_loopback(&a);
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

/* How many may be open: the process needs descriptors for other things, too. */
static unsigned connections_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) ||
		limit.rlim_cur - limit.rlim_cur / DESCRIPTORS_SHARE >=
			CONNECTIONS_MAX)
		return CONNECTIONS_MAX;
	return (unsigned)(limit.rlim_cur - limit.rlim_cur / DESCRIPTORS_SHARE);
}

static struct MHD_Daemon *start_daemon(
	struct http_server *s, int listener, unsigned connections)
{
	const struct http_tls *t = s->o.tls && s->o.tls->cert ? s->o.tls : NULL;
	/* The end of the array comes sooner without TLS, and without clients'
	 * certificates. */
	struct MHD_OptionItem tls[] = {
		{t ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0,
			t ? t->cert : NULL},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, t ? t->key : NULL},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (char[]){TLS_PRIORITIES}},
		{t && t->client ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END,
			0, t ? t->client : NULL},
		{MHD_OPTION_END, 0, NULL},
	};

	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC |
					MHD_ALLOW_SUSPEND_RESUME |
					(t ? MHD_USE_TLS : 0),
		0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET,
		listener, MHD_OPTION_ARRAY, tls, MHD_OPTION_URI_LOG_CALLBACK,
		begin_request, s, MHD_OPTION_NOTIFY_COMPLETED, end_request, s,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
		MHD_OPTION_CONNECTION_TIMEOUT, s->timeout_s,
		MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_END);
}

static void release(struct http_server *s)
{
	later_free(s->later);
	hands_free(s->hands);
	connections_free(s->connections);
	callers_free(s->callers);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free((char *)s->o.service);
	free((char *)s->o.bind);
	for (size_t i = 0; i < s->n_names; i++)
		free(s->names[i]);
	free(s->names);
	free(s);
}

static struct http_server *make(
	const struct http_options *o, unsigned timeout_s)
{
	struct http_server *s = xcalloc(1, sizeof *s);

	s->o = *o;
	s->o.service = xstrdup(o->service);
	s->o.bind = xstrdup(o->bind);
	for (size_t i = 0; o->names && o->names[i]; i++) {
		s->names = xrealloc(s->names, (i + 1) * sizeof *s->names);
		s->names[i] = xstrdup(o->names[i]);
		s->n_names = i + 1;
	}
	s->o.names = NULL;
	s->timeout_s = timeout_s;
	s->started_ms = clock_wall_ms();
	pthread_mutex_init(&s->lock, NULL);
	cond_init(&s->changed);
	return s;
}

/* The threads, which need no clean-up before there is a task for them. */
static int start(struct http_server *s, int listener, struct err *e)
{
	const unsigned max = connections_max();

	s->connections = connections_new(
		(int64_t)s->timeout_s * 1000, max - max / RESERVE_SHARE, e);
	if (!s->connections)
		return ERR_WORLD;
	s->callers = callers_new(&s->o.limits);
	s->hands = hands_new();
	s->later = later_new(s->hands, s->o.news, e);
	if (!s->later)
		return ERR_WORLD;
	s->daemon = start_daemon(s, listener, max);
	if (s->daemon)
		return 0;
	later_stop(s->later);
	return err_set(e, ERR_WORLD, "the server cannot start its thread");
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
	if (start(s, listener, e)) {
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
	later_hurry(s->later);
}

void http_server_free(struct http_server *s, int64_t wait_ms)
{
	const int64_t until_ms = clock_mono_ms() + wait_ms;
	int listener;

	if (!s)
		return;
	http_server_drain(s);
	listener = MHD_quiesce_daemon(s->daemon);
	pthread_mutex_lock(&s->lock);
	while (s->busy > 0 && cond_wait_until(&s->changed, &s->lock, until_ms))
		continue;
	pthread_mutex_unlock(&s->lock);
	later_stop(s->later);
	hands_close(s->hands); /* waits for handlers still at work */
	MHD_stop_daemon(s->daemon);
	if (listener >= 0)
		close(listener);
	release(s);
}
