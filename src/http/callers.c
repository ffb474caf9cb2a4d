/* callers.c -- a table of callers by what they are known by.
 *
 * An entry stays while somebody has it, and after that until its requests are
 * forgotten: until it might ask as many at once as ever. */
#include "http/callers.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"

#define LISTS 1024
#define KEY_BYTES SHA256_HEX_BYTES
#define CALLER_BYTES ((size_t)64 << 20)
#define ALL_BYTES ((size_t)1 << 30)
#define IDLE_MOST 16 /* kept in a list, however long they are remembered */
#define MIB_SHIFT 20

struct caller {
	unsigned char key[KEY_BYTES];
	struct caller *next; /* of its list; under the lock */
	_Atomic int count;   /* who have it; changes under the lock */
	struct load load;    /* under the lock, as what follows */
	double asked;        /* requests that are not forgotten */
	int64_t asked_ms;    /* as of then; monotonic */
};

struct callers {
	struct http_limits limits;
	pthread_mutex_t lock; /* guards what follows */
	struct caller *lists[LISTS];
	size_t bytes; /* that all requests take */
};

struct callers *callers_new(const struct http_limits *l)
{
	struct callers *s = xcalloc(1, sizeof *s);

	s->limits = *l;
	if (!l->caller_bytes)
		s->limits.caller_bytes = CALLER_BYTES;
	if (!l->all_bytes)
		s->limits.all_bytes = ALL_BYTES;
	if (!l->burst)
		s->limits.burst = 2 * l->rate;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void callers_free(struct callers *s)
{
	struct caller *next;

	if (!s)
		return;
	for (size_t i = 0; i < LISTS; i++)
		for (struct caller *c = s->lists[i]; c; c = next) {
			next = c->next;
			free(c);
		}
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* -- the table; the lock is held -- */

/* FNV-1a: a list of its own is all that somebody could choose. */
static size_t list_of(const unsigned char key[KEY_BYTES])
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < KEY_BYTES; i++)
		h = (h ^ key[i]) * 0x100000001b3;
	return (size_t)(h % LISTS);
}

/* Requests are forgotten at the rate at which they may be asked. */
static void forget(const struct callers *s, struct caller *c, int64_t now_ms)
{
	const double gone = (double)(now_ms - c->asked_ms) * 1e-3 *
			    s->limits.rate;

	if (now_ms <= c->asked_ms)
		return;
	c->asked = c->asked > gone ? c->asked - gone : 0;
	c->asked_ms = now_ms;
}

/* Frees the entries of a list that nobody has, but the last few that have asked
 * not long ago. */
static void tidy(struct callers *s, size_t list)
{
	const int64_t now_ms = clock_mono_ms();
	struct caller **at = &s->lists[list], *c;
	int idle = 0;

	while ((c = *at)) {
		forget(s, c, now_ms);
		if (c->count == 0 && (c->asked <= 0 || ++idle > IDLE_MOST)) {
			*at = c->next;
			free(c);
		} else {
			at = &c->next;
		}
	}
}

static struct caller *enter(
	struct callers *s, const unsigned char key[KEY_BYTES])
{
	const size_t list = list_of(key);
	struct caller *c;

	pthread_mutex_lock(&s->lock);
	c = s->lists[list];
	while (c && memcmp(c->key, key, KEY_BYTES) != 0)
		c = c->next;
	if (!c) {
		c = xcalloc(1, sizeof *c);
		memcpy(c->key, key, KEY_BYTES);
		c->next = s->lists[list];
		s->lists[list] = c;
	}
	c->count++;
	pthread_mutex_unlock(&s->lock);
	return c;
}

/* -- */

/* An IPv4 address as such, also where it comes over IPv6. */
struct caller *caller_of_address(struct callers *s, const struct sockaddr *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;
	unsigned char key[KEY_BYTES] = {0};

	if (a && a->sa_family == AF_INET) {
		key[0] = 4;
		memcpy(key + 1, &v4->sin_addr, 4);
	} else if (a && a->sa_family == AF_INET6) {
		const unsigned char *bytes = v6->sin6_addr.s6_addr;
		const int mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);

		key[0] = mapped ? 4 : 6;
		memcpy(key + 1, mapped ? bytes + 12 : bytes, mapped ? 4 : 8);
	}
	return enter(s, key);
}

/* The token itself is not kept. */
struct caller *caller_of_token(struct callers *s, const char *token)
{
	char key[SHA256_HEX_BYTES];

	sha256_of(token, strlen(token), key);
	return enter(s, (const unsigned char *)key);
}

struct caller *caller_again(struct callers *s, struct caller *c)
{
	pthread_mutex_lock(&s->lock);
	c->count++;
	pthread_mutex_unlock(&s->lock);
	return c;
}

void caller_leave(struct callers *s, struct caller *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&s->lock);
	if (--c->count == 0)
		tidy(s, list_of(c->key));
	pthread_mutex_unlock(&s->lock);
}

int caller_count(const struct caller *c)
{
	return c->count;
}

/* -- bytes -- */

static size_t sum(struct load l)
{
	return l.body + l.beyond;
}

static int over_own(const struct callers *s, const struct caller *c,
	const struct load *l, struct load more)
{
	const size_t max = s->limits.caller_bytes;
	/* It leaves one half of all to others. */
	const size_t half = s->limits.all_bytes / 2;

	if (more.beyond > 0 && c->load.beyond > l->beyond &&
		c->load.beyond + more.beyond > max)
		return 1;
	return sum(c->load) > sum(*l) && sum(c->load) + sum(more) > half;
}

static int over_all(
	const struct callers *s, const struct load *l, struct load more)
{
	return s->bytes > sum(*l) && s->bytes + sum(more) > s->limits.all_bytes;
}

static void change(
	struct callers *s, struct caller *c, struct load *l, struct load now)
{
	c->load.body += now.body - l->body;
	c->load.beyond += now.beyond - l->beyond;
	s->bytes += sum(now) - sum(*l);
	*l = now;
}

int caller_take(struct callers *s, struct caller *c, struct load *l,
	struct load more, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	if (over_own(s, c, l, more))
		rc = err_set(e, ERR_BUSY,
			"this client's requests under way take %zu MB, %zu MB "
			"of them beyond their bodies; the limits are %zu and "
			"%zu: try again when some are answered",
			sum(c->load) >> MIB_SHIFT, c->load.beyond >> MIB_SHIFT,
			s->limits.all_bytes / 2 >> MIB_SHIFT,
			s->limits.caller_bytes >> MIB_SHIFT);
	else if (over_all(s, l, more))
		rc = err_set(e, ERR_BUSY,
			"all requests under way take %zu MB; the limit is %zu: "
			"try again in a moment",
			s->bytes >> MIB_SHIFT,
			s->limits.all_bytes >> MIB_SHIFT);
	else
		change(s, c, l,
			(struct load){
				l->body + more.body, l->beyond + more.beyond});
	pthread_mutex_unlock(&s->lock);
	return rc;
}

void caller_set(
	struct callers *s, struct caller *c, struct load *l, struct load now)
{
	pthread_mutex_lock(&s->lock);
	change(s, c, l, now);
	pthread_mutex_unlock(&s->lock);
}

/* -- requests -- */

int caller_ask(struct callers *s, struct caller *c, int64_t now_ms,
	int64_t *wait_ms, struct err *e)
{
	const struct http_limits *l = &s->limits;
	int rc = 0;

	if (l->rate == 0)
		return 0;
	pthread_mutex_lock(&s->lock);
	forget(s, c, now_ms);
	if (c->asked + 1 > l->burst) {
		*wait_ms = (int64_t)ceil(
			(c->asked + 1 - l->burst) * 1000 / l->rate);
		rc = err_set(e, ERR_BUSY,
			"the limit is %d requests a second of one client, and "
			"%d at once",
			l->rate, l->burst);
	} else {
		c->asked += 1;
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

size_t callers_bytes(struct callers *s)
{
	size_t bytes;

	if (!s)
		return 0;
	pthread_mutex_lock(&s->lock);
	bytes = s->bytes;
	pthread_mutex_unlock(&s->lock);
	return bytes;
}
