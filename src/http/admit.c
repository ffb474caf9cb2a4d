/* admit.c -- whether a request may be answered now: how often its caller asks,
 * and how much its requests take.
 *
 * What a handler takes is guessed before, and is the answer's bytes after it. A
 * request whose caller has no room left waits for the others of that caller. */
#include "base/clock.h"
#include "http/server_private.h"

#define HANDLER_BYTES ((size_t)256 << 10)
#define HEAVY_BYTES ((size_t)16 << 20)
#define ROOM_WAIT_MS 5000

int request_no_room(struct http_request *q)
{
	q->server->refused_bytes++;
	buf_release(&q->text);
	request_settle(q, 0);
	q->refused = MHD_HTTP_SERVICE_UNAVAILABLE;
	return q->refused;
}

static struct load needed(const struct http_request *q)
{
	const int heavy = q->match.route->flags & HTTP_HEAVY;

	return (struct load){
		.beyond = q->values + (heavy ? HEAVY_BYTES : HANDLER_BYTES)};
}

int request_admit(struct http_request *q)
{
	if (q->refused || caller_take(q->server->callers, q->caller, &q->load,
				  needed(q), &q->why) == 0)
		return 1;
	if (clock_mono_ms() - q->begun_ms < ROOM_WAIT_MS &&
		!q->server->draining)
		return 0;
	request_no_room(q);
	return 1;
}

void request_settle(struct http_request *q, size_t beyond)
{
	caller_set(q->server->callers, q->caller, &q->load,
		(struct load){.body = q->text.len, .beyond = beyond});
}

/* Programs of this machine may ask as often as they like where anybody may, and
 * so may services that ask each other. */
static int is_counted(const struct http_request *q)
{
	const int anybody = !q->server->o.access;

	if (q->match.route->flags & HTTP_WORK)
		return !anybody && q->role == HTTP_ROLE_NONE;
	return !(anybody && q->server->loopback);
}

int request_count(struct http_request *q)
{
	if (!is_counted(q) ||
		caller_ask(q->server->callers, q->caller, clock_mono_ms(),
			&q->again_ms, &q->why) == 0)
		return 0;
	q->server->refused_rate++;
	q->refused = MHD_HTTP_TOO_MANY_REQUESTS;
	return q->refused;
}
