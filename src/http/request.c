/* request.c -- what a request says: headers judged before the body is read, the
 * body read within its limit, and the parts a handler asks for. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/doc.h"
#include "http/server_private.h"

/* The route's, which the OpenAPI document names. */
static size_t body_max(const struct http_request *q)
{
	size_t max = q->match.route->body_max;

	return max ? max : HTTP_BODY_MAX;
}

static int refuse(struct http_request *q, int status)
{
	q->refused = status;
	return status;
}

static int too_big(struct http_request *q)
{
	buf_release(&q->text);
	request_settle(q, 0);
	err_set(&q->why, ERR_TOO_BIG, "the body is over the limit of %zu bytes",
		body_max(q));
	return refuse(q, MHD_HTTP_CONTENT_TOO_LARGE);
}

static int takes_body(const struct http_request *q)
{
	return strcmp(q->method, "POST") == 0 ||
	       strcmp(q->method, "PUT") == 0 || strcmp(q->method, "PATCH") == 0;
}

/* The body's length as the headers have it; 0 when they don't say. */
static size_t announced(const struct http_request *q)
{
	const char *text = http_header(q, "Content-Length");

	return text ? (size_t)strtoull(text, NULL, 10) : 0;
}

/* application/json, or a type that is JSON by its suffix (RFC 6839). */
static int is_json(const char *type)
{
	static const char tree[] = "application/", json[] = "json";
	const size_t n_tree = sizeof tree - 1, n_json = sizeof json - 1;
	size_t n = type ? strcspn(type, "; ") : 0;
	const char *tail;

	if (n < n_tree + n_json || strncasecmp(type, tree, n_tree) != 0)
		return 0;
	tail = type + n - n_json;
	return strncasecmp(tail, json, n_json) == 0 &&
	       (tail == type + n_tree || tail[-1] == '+');
}

static int takes_bytes(const struct http_request *q)
{
	return (q->match.route->flags & HTTP_BYTES) != 0;
}

static int judge_type(struct http_request *q)
{
	const char *type = http_header(q, "Content-Type");

	if (takes_bytes(q)) {
		if (type && strcasecmp(type, "application/octet-stream") == 0)
			return 0;
		err_set(&q->why, ERR_INVALID,
			"the body must be bytes, sent with Content-Type: "
			"application/octet-stream");
		return refuse(q, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE);
	}
	if (is_json(type))
		return 0;
	err_set(&q->why, ERR_INVALID,
		"the body must be JSON, sent with Content-Type: "
		"application/json or application/*+json");
	return refuse(q, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE);
}

int request_route(struct http_request *q)
{
	const struct http_options *o = &q->server->o;
	int rc = route_find(o->routes, o->n_routes, q->method, q->path, &q->mem,
		&q->match, &q->why);

	if (rc == 0)
		return 0;
	if (rc == ERR_CONFLICT)
		return refuse(q, MHD_HTTP_METHOD_NOT_ALLOWED);
	return refuse(q,
		rc == ERR_INVALID ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_NOT_FOUND);
}

int request_judge(struct http_request *q)
{
	int status, denied;

	if (trace_read(http_header(q, "traceparent"), &q->trace))
		trace_make(&q->trace);
	if (q->server->draining) {
		err_set(&q->why, ERR_BUSY,
			"the service is stopping; try again in a moment");
		return refuse(q, MHD_HTTP_SERVICE_UNAVAILABLE);
	}
	if (guard_peer(q, &status, &q->why) ||
		guard_origin(q, &status, &q->why))
		return refuse(q, status);
	if (request_route(q))
		return q->refused;
	/* Who tries tokens is counted, too. */
	denied = guard_token(q, &status, &q->why);
	if (request_count(q))
		return q->refused;
	if (denied)
		return refuse(q, status);
	if (request_query(q))
		return q->refused;
	buf_init(&q->text, body_max(q));
	return takes_body(q) && announced(q) > body_max(q) ? too_big(q) : 0;
}

/* A piece of the body finds its place, or the request is refused. */
static void keep(struct http_request *q, const char *bytes, size_t n)
{
	const struct load more = {.body = n};

	if (n > q->text.max_bytes - q->text.len)
		too_big(q);
	else if (caller_take(q->server->callers, q->caller, &q->load, more,
			 &q->why) ||
		 buf_try(&q->text, n, &q->why))
		request_no_room(q);
	else
		buf_add(&q->text, bytes, n, NULL);
}

/* The type is judged here, since a body that turns out empty needs none. */
void request_take(struct http_request *q, const char *bytes, size_t n)
{
	if (!q->refused && takes_body(q) && q->text.len == 0)
		judge_type(q);
	if (q->refused)
		q->discarded += n;
	else if (takes_body(q))
		keep(q, bytes, n);
}

static int is_parsed(const struct http_request *q)
{
	return takes_body(q) && !takes_bytes(q) &&
	       !(q->match.route->flags & HTTP_TEXT);
}

int request_weigh(struct http_request *q)
{
	if (!is_parsed(q))
		return 0;
	if (doc_weigh(q->text.data, q->text.len, &q->values, &q->why) == 0)
		return 0;
	q->values = 0;
	buf_release(&q->text);
	return refuse(q, MHD_HTTP_CONTENT_TOO_LARGE);
}

int request_parse(struct http_request *q)
{
	if (!is_parsed(q))
		return 0;
	q->body = q->text.len == 0
			  ? json_object()
			  : doc_parse(q->text.data, q->text.len, &q->why);
	buf_release(&q->text);
	if (q->body)
		return 0;
	return q->why.code == ERR_INVALID ? refuse(q, MHD_HTTP_BAD_REQUEST)
					  : request_no_room(q);
}

const char *http_param(const struct http_request *q, const char *name)
{
	for (int i = 0; i < q->match.n_params; i++) {
		const struct route_param *p = &q->match.params[i];

		if (strlen(name) == p->name_bytes &&
			memcmp(p->name, name, p->name_bytes) == 0)
			return p->value;
	}
	return "";
}

const char *http_header(const struct http_request *q, const char *name)
{
	return MHD_lookup_connection_value(
		q->connection, MHD_HEADER_KIND, name);
}

const json_t *http_body(const struct http_request *q)
{
	return q->body;
}

const char *http_bytes(const struct http_request *q, size_t *n)
{
	*n = q->text.len;
	return q->text.data ? q->text.data : "";
}

const struct trace *http_trace(const struct http_request *q)
{
	return &q->trace;
}

int http_draining(const struct http_request *q)
{
	return q->server->draining;
}

int64_t http_waited_ms(const struct http_request *q)
{
	return q->begun ? clock_mono_ms() - q->begun_ms : 0;
}

/* It alone is not what the client said. */
int64_t *http_memo(const struct http_request *q)
{
	return &((struct http_request *)q)->memo;
}

/* -- where it comes from -- */

/* An IPv4 address that a socket of IPv6 has taken stands in the last bytes. */
static void name_ipv6(const struct in6_addr *a, char out[HTTP_HOST_BYTES])
{
	if (IN6_IS_ADDR_V4MAPPED(a))
		inet_ntop(AF_INET, &a->s6_addr[12], out, HTTP_HOST_BYTES);
	else
		inet_ntop(AF_INET6, a, out, HTTP_HOST_BYTES);
}

void http_client_address(
	const struct http_request *q, char out[HTTP_HOST_BYTES])
{
	const union MHD_ConnectionInfo *info =
		q->connection ? MHD_get_connection_info(q->connection,
					MHD_CONNECTION_INFO_CLIENT_ADDRESS)
			      : NULL;
	const struct sockaddr *at = info ? info->client_addr : NULL;

	if (at && at->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)at)->sin_addr,
			out, HTTP_HOST_BYTES);
	else if (at && at->sa_family == AF_INET6)
		name_ipv6(&((const struct sockaddr_in6 *)at)->sin6_addr, out);
	else
		snprintf(out, HTTP_HOST_BYTES, "127.0.0.1");
}
