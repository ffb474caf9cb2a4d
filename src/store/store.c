/* store.c -- any store: found by its URL, one transaction at a time, readers
 * that wait for nobody.
 *
 * The writer has a connection of its own under a mutex that is held for the
 * whole transaction; readers have others and see the last commit. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_private.h"

/* Another kind of store is another row; the first one has plain paths. */
static const struct store_backend *const backends[] = {
	&store_sqlite, &store_postgres};

#define LEAD_LOOKS 20
#define LEAD_LOOK_MS 100
#define LEADER_MAX ((size_t)1 << 20)
#define N_BACKENDS (sizeof backends / sizeof *backends)

/* Bytes of the scheme before a URL's colon; 0 for a plain path, whose folders
 * may have colons in their names. */
static size_t scheme_bytes(const char *url)
{
	size_t n = strspn(url, "abcdefghijklmnopqrstuvwxyz");

	return url[n] == ':' ? n : 0;
}

static const struct store_backend *find_backend(
	const char *scheme, size_t n, struct err *e)
{
	char known[100] = "";
	size_t used = 0;

	for (size_t i = 0; i < N_BACKENDS; i++) {
		const char *name = backends[i]->scheme;

		if (strlen(name) == n && memcmp(name, scheme, n) == 0)
			return backends[i];
		if (used < sizeof known)
			used += (size_t)snprintf(known + used,
				sizeof known - used, "%s%s:", i ? ", " : "",
				name);
	}
	err_set(e, ERR_INVALID,
		"there is no store of the kind \"%.*s:\"; known are %s", (int)n,
		scheme, known);
	return NULL;
}

static int connect_all(struct store *s, struct err *e)
{
	s->writer = s->backend->connect(s->database, 1, e);
	if (!s->writer)
		return -1;
	for (; s->n_free < STORE_READERS; s->n_free++) {
		s->readers[s->n_free] = s->backend->connect(s->database, 0, e);
		if (!s->readers[s->n_free])
			return -1;
	}
	return 0;
}

/* Checks for errors, so that store_begin within a transaction is an assertion
 * and not a deadlock. */
static void init_writer_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

struct store *store_open_behind(const char *url, struct err *e)
{
	size_t n = scheme_bytes(url);
	const struct store_backend *backend = n > 0 ? find_backend(url, n, e)
						    : backends[0];
	struct store *s;

	if (!backend)
		return NULL;
	s = xcalloc(1, sizeof *s);
	s->backend = backend;
	init_writer_lock(&s->writer_lock);
	pthread_mutex_init(&s->readers_lock, NULL);
	pthread_cond_init(&s->reader_free, NULL);
	s->database = backend->open(n > 0 ? url + n + 1 : url, e);
	if (s->database && connect_all(s, e) == 0)
		return s;
	store_close(s);
	return NULL;
}

/* A session that is about to end may still have the lead. */
static int lead_soon(struct store *s, struct err *e)
{
	int rc = store_lead(s, "", e);

	for (int i = 1; i < LEAD_LOOKS && rc == ERR_CONFLICT; i++) {
		clock_sleep_ms(LEAD_LOOK_MS);
		rc = store_lead(s, "", e);
	}
	return rc;
}

struct store *store_open(const char *url, struct err *e)
{
	struct store *s = store_open_behind(url, e);

	if (!s || lead_soon(s, e) == 0)
		return s;
	store_close(s);
	return NULL;
}

int store_lead(struct store *s, const char *url, struct err *e)
{
	return s->backend->lead ? s->backend->lead(s->database, url, e) : 0;
}

int store_deposed(struct store *s)
{
	return s->backend->deposed && s->backend->deposed(s->database);
}

int store_advertise(struct store *s, const char *url, struct err *e)
{
	struct query q;
	int rc = s->backend->lead ? store_begin(s, e) : 0;

	if (rc || !s->backend->lead)
		return rc;
	query_write(&q, s, "UPDATE leader SET url = ?");
	query_put_text(&q, url);
	rc = query_run(&q, e);
	if (rc == 0)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

int store_leader(struct store *s, struct buf *url, struct err *e)
{
	struct arena mem;
	struct query q;
	int rc;

	if (!s->backend->lead)
		return 0;
	arena_init(&mem, LEADER_MAX);
	query_read(&q, s, "SELECT url FROM leader");
	rc = query_next(&q, e);
	if (rc == 1)
		rc = buf_puts(url, query_text(&q, &mem), e);
	query_end(&q);
	arena_release(&mem);
	return rc;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (int i = 0; i < s->n_free; i++)
		s->backend->disconnect(s->readers[i]);
	if (s->writer)
		s->backend->disconnect(s->writer);
	if (s->database)
		s->backend->close(s->database);
	pthread_cond_destroy(&s->reader_free);
	pthread_mutex_destroy(&s->readers_lock);
	pthread_mutex_destroy(&s->writer_lock);
	free(s);
}

/* The one lock that is held across I/O: a store has one writer, and to wait for
 * it here needs no polling. */
int store_begin(struct store *s, struct err *e)
{
	int rc = pthread_mutex_lock(&s->writer_lock);

	assert(rc == 0); /* this thread has a transaction already */
	rc = s->backend->begin(s->writer, e);
	if (rc) {
		pthread_mutex_unlock(&s->writer_lock);
		return rc;
	}
	s->writing = pthread_self();
	s->open = 1;
	s->failed = 0;
	return 0;
}

static void end_transaction(struct store *s)
{
	s->open = 0;
	pthread_mutex_unlock(&s->writer_lock);
}

void store_rollback(struct store *s)
{
	assert(s->open && pthread_equal(s->writing, pthread_self()));
	s->backend->rollback(s->writer);
	end_transaction(s);
}

int store_commit(struct store *s, struct err *e)
{
	const int64_t begun_us = clock_mono_us();
	int rc;

	assert(s->open && pthread_equal(s->writing, pthread_self()));
	rc = s->failed ? err_set(e, ERR_WORLD,
				 "a write of the transaction has failed")
		       : s->backend->commit(s->writer, e);
	if (rc)
		s->backend->rollback(s->writer);
	s->commits += rc == 0;
	s->failures += rc != 0;
	s->commit_us += clock_mono_us() - begun_us;
	end_transaction(s);
	return rc;
}

void store_count(struct store *s, struct store_counts *out)
{
	out->commits = s->commits;
	out->failures = s->failures;
	out->seconds = (double)s->commit_us * 1e-6;
}
