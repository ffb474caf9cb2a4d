/* server_private.h -- what the server's own files share: one request on its way
 * from the socket to a handler and back. */
#ifndef HTTP_SERVER_PRIVATE_H
#define HTTP_SERVER_PRIVATE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/buf.h"
#include "http/callers.h"
#include "http/connection.h"
#include "http/hands.h"
#include "http/later.h"
#include "http/router.h"
#include "http/server.h"

#define REPLY_HEADERS_MAX 16
#define HTTP_STATUS_CLASSES 6

struct http_server {
	struct MHD_Daemon *daemon;
	struct hands *hands; /* that run the handlers */
	struct callers *callers;
	struct connections *connections;
	struct later *later;   /* where those wait that have no answer yet */
	struct http_options o; /* strings are our copies */
	int port;
	int loopback; /* bound to it: see guard.c */
	char **names; /* n_names by which it is known, too */
	size_t n_names;
	unsigned timeout_s;     /* silence that ends a connection */
	_Atomic int draining;   /* never goes back to 0 */
	pthread_mutex_t lock;   /* guards `busy` */
	pthread_cond_t changed; /* `busy` fell */
	_Atomic int busy;       /* requests between handler and last byte */
	int64_t started_ms;     /* wall clock */
	/* Answers by the first digit of their status. */
	_Atomic uint64_t answered[HTTP_STATUS_CLASSES];
	/* Refused for what its caller takes, or asks too often. */
	_Atomic uint64_t refused_bytes, refused_rate;
};

struct http_reply {
	struct http_request *request;
	struct MHD_Response *response;
	const char *bytes; /* the response's, n of them; NULL: a stream */
	size_t n;
	int status;
	int later; /* none yet: as http_reply_later has it */
	int64_t wait_ms;
	uint64_t topic;
	int n_headers;
	const char *headers[REPLY_HEADERS_MAX][2]; /* in the request's arena */
};

/* Lives from the request line to the end of the answer. */
struct http_request {
	struct waiter waiter; /* first: the hands are given it */
	struct http_server *server;
	struct MHD_Connection *connection;
	struct connection *came; /* the same to us */
	struct caller *caller;
	enum http_role role; /* of the token that it has shown */
	struct load load;    /* that it is to the caller */
	const char *method;
	char *path, *query; /* as they came; query "" without one */
	struct route_match match;
	struct arena mem; /* what was decoded for the handler */
	struct trace trace;
	struct buf text;  /* the body as it comes in */
	size_t values;    /* bytes that what is made of it takes, about */
	json_t *body;     /* POST, PUT, PATCH only */
	int judged;       /* the headers have been looked at */
	int begun;        /* its handler has been called; `busy` counts it */
	int minded;       /* reply_mind */
	int64_t begun_ms; /* when that was first; monotonic */
	int64_t memo;     /* the handler's own */
	int refused;      /* a status; the rest of the body is discarded */
	size_t discarded;
	struct err why;   /* of the refusal */
	int64_t again_ms; /* when to ask again, of a 429 */
	struct http_reply reply;
};

/* Starts a server whose connections end after `timeout_s` seconds without a
 * byte; http_server_new takes 60.  For tests, which have less patience. */
struct http_server *http_server_new_timeout(
	const struct http_options *o, unsigned timeout_s, struct err *e);

/* guard.c: whether a page from elsewhere made a browser send this.  0, or
 * ERR_DENIED with `*status` 403. */
int guard_origin(const struct http_request *q, int *status, struct err *e);

/* tls_peer.c: whether the client has shown a certificate where one is asked
 * for.  0, or ERR_DENIED with `*status` 403. */
int guard_peer(const struct http_request *q, int *status, struct err *e);

/* Whether it has a token of a role that its route asks for; who has one is its
 * caller then.  0, or ERR_DENIED with `*status` 401 or 403. */
int guard_token(struct http_request *q, int *status, struct err *e);

/* request.c: finds the route.  0, or the status of a refusal, with q->why. */
int request_route(struct http_request *q);

/* Looks at the headers, the route included.  0, or the status of a refusal,
 * with q->why. */
int request_judge(struct http_request *q);

/* query.c: holds the query of a path under /v1/ to the names that the route,
 * which is found, declares.  0, or the status of a refusal, with q->why. */
int request_query(struct http_request *q);

/* A piece of the body.  Over the limit becomes a refusal. */
void request_take(struct http_request *q, const char *bytes, size_t n);

/* Counts what the values of the body, which is complete, would take.  0 or the
 * status of a refusal. */
int request_weigh(struct http_request *q);

/* Parses it.  0 or the status of a refusal. */
int request_parse(struct http_request *q);

/* admit.c: takes the place that the request needs to be answered.  False when
 * there is none yet and it may wait; else it is admitted or refused. */
int request_admit(struct http_request *q);

/* admit.c: its caller has asked once more.  0, or the status of a refusal. */
int request_count(struct http_request *q);

/* admit.c: from here on it takes what is left of its body, and so much beyond
 * it. */
void request_settle(struct http_request *q, size_t beyond);

/* admit.c: it is one that there is no room for. */
int request_no_room(struct http_request *q);

/* reply.c: n bytes of a file, which is taken over. */
void reply_descriptor(
	struct http_reply *r, int status, int fd, uint64_t from, uint64_t n);

/* reply.c: from now on it is asked whether the client is there. */
void reply_mind(const struct http_request *q);

/* reply.c: says when to ask again. */
void reply_again(struct http_reply *r, int64_t wait_ms);

/* reply.c: hands the reply to libmicrohttpd. */
enum MHD_Result reply_send(struct http_reply *r);

#endif
