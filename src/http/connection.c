/* connection.c -- a list of connections, and a thread that looks at it. */
#include "http/connection.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"

#define BYTES_A_MS 16 /* at least, on average */
#define LOOKS_A_PATIENCE 8

enum phase { PHASE_LINE, PHASE_REQUEST, PHASE_OURS, PHASE_ANSWER };

struct connection {
	struct connection *next, **at; /* under the lock */
	struct caller *from;
	int fd;
	int cut; /* under the lock */
	_Atomic int phase, known;
	_Atomic int64_t since_ms, bytes;
};

struct connections {
	int64_t patience_ms;
	size_t most;
	pthread_t looker;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct connection *all;
	size_t n; /* of these that are not cut off */
	uint64_t late, room;
	int stopped;
};

/* The server finds such a connection closed by its client. */
static void cut_off(struct connections *s, struct connection *c)
{
	shutdown(c->fd, SHUT_RDWR);
	c->cut = 1;
	s->n--;
}

static int is_late(const struct connections *s, const struct connection *c)
{
	const int64_t waited = clock_mono_ms() - c->since_ms;
	const int phase = c->phase;

	switch (phase) {
	case PHASE_LINE: return waited > 2 * s->patience_ms;
	case PHASE_REQUEST:
		return waited > s->patience_ms + c->bytes / BYTES_A_MS;
	default: return 0;
	}
}

static void cut_off_late(struct connections *s)
{
	for (struct connection *c = s->all; c; c = c->next)
		if (!c->cut && is_late(s, c)) {
			cut_off(s, c);
			s->late++;
		}
}

/* -- room for who comes -- */

static int may_go(const struct connection *c)
{
	return !c->cut && !c->known && c->phase != PHASE_OURS;
}

static int goes_before(const struct connection *a, const struct connection *b)
{
	const int n_a = caller_count(a->from), n_b = caller_count(b->from);

	return n_a != n_b ? n_a > n_b : a->since_ms < b->since_ms;
}

static void make_room(struct connections *s)
{
	struct connection *first = NULL;

	for (struct connection *c = s->all; c; c = c->next)
		if (may_go(c) && (!first || goes_before(c, first)))
			first = c;
	if (!first)
		return;
	cut_off(s, first);
	s->room++;
}

/* -- */

static void *look(void *arg)
{
	struct connections *s = arg;
	const int64_t rest_ms = s->patience_ms / LOOKS_A_PATIENCE;

	pthread_mutex_lock(&s->lock);
	while (!s->stopped) {
		const int64_t due_ms = clock_mono_ms() + rest_ms;

		cut_off_late(s);
		cond_wait_until(&s->changed, &s->lock, due_ms);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct connections *connections_new(
	int64_t patience_ms, size_t most, struct err *e)
{
	struct connections *s = xcalloc(1, sizeof *s);

	s->patience_ms = patience_ms;
	s->most = most;
	pthread_mutex_init(&s->lock, NULL);
	cond_init(&s->changed);
	if (pthread_create(&s->looker, NULL, look, s) == 0)
		return s;
	err_set(e, ERR_WORLD, "no thread to look at connections with");
	s->stopped = 1;
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
	return NULL;
}

void connections_free(struct connections *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopped = 1;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->looker, NULL);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct connection *connection_open(
	struct connections *s, int fd, struct caller *from)
{
	struct connection *c = xcalloc(1, sizeof *c);

	c->fd = fd;
	c->from = from;
	c->since_ms = clock_mono_ms();
	pthread_mutex_lock(&s->lock);
	if (s->n >= s->most)
		make_room(s);
	c->at = &s->all;
	c->next = s->all;
	if (c->next)
		c->next->at = &c->next;
	s->all = c;
	s->n++;
	pthread_mutex_unlock(&s->lock);
	return c;
}

struct caller *connection_close(struct connections *s, struct connection *c)
{
	struct caller *from = c->from;

	pthread_mutex_lock(&s->lock);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	s->n -= !c->cut;
	pthread_mutex_unlock(&s->lock);
	free(c);
	return from;
}

struct caller *connection_from(const struct connection *c)
{
	return c->from;
}

void connections_cut(struct connections *s, uint64_t *late, uint64_t *room)
{
	*late = *room = 0;
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	*late = s->late;
	*room = s->room;
	pthread_mutex_unlock(&s->lock);
}

static void enter(struct connection *c, enum phase p)
{
	c->since_ms = clock_mono_ms();
	c->phase = p;
}

void connection_begin(struct connection *c)
{
	c->bytes = 0;
	enter(c, PHASE_REQUEST);
}

void connection_known(struct connection *c)
{
	c->known = 1;
}

void connection_bytes(struct connection *c, size_t n)
{
	c->bytes += (int64_t)n;
}

void connection_whole(struct connection *c)
{
	enter(c, PHASE_OURS);
}

void connection_answer(struct connection *c)
{
	enter(c, PHASE_ANSWER);
}

void connection_answered(struct connection *c)
{
	enter(c, PHASE_LINE);
}
