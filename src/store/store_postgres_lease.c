/* store_postgres_lease.c -- one broker leads a database, and another takes over
 * when its session has ended, or when nothing has been heard of it for ten
 * seconds by the database's clock.
 *
 * What makes this safe is neither but the epoch: every transaction holds
 * the row of the holder that it began under, so a broker that was stopped and
 * wakes after a takeover commits nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store_postgres.h"

#define RENEW_S 3
#define HOLDER_BYTES 300

#define LEASE "clock_timestamp() + interval '10 s'"

/* This process, as a person of another machine would look for it. */
static void holder_name(char out[HOLDER_BYTES])
{
	char host[256] = "";

	gethostname(host, sizeof host - 1);
	snprintf(out, HOLDER_BYTES, "process %ld on %s", (long)getpid(), host);
}

/* A lock that ends with the session; a store that is a schema among others has
 * one of its own. */
#define SESSION "pg_try_advisory_lock(1852143215, hashtext(current_schema()))"

static void lock_session(struct store_postgres_lease *l)
{
	PGresult *r = PQexec(l->db, "SELECT " SESSION);

	l->locked = PQresultStatus(r) == PGRES_TUPLES_OK &&
		    PQgetvalue(r, 0, 0)[0] == 't';
	PQclear(r);
}

static int64_t first_number(const PGresult *r)
{
	return PQntuples(r) ? strtoll(PQgetvalue(r, 0, 0), NULL, 10) : 0;
}

/* Who has the lead, for the sentence of one that cannot. */
static int refuse(PGconn *db, struct err *e)
{
	PGresult *r = PQexec(db, "SELECT holder FROM leader");
	int rc;

	if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1)
		rc = err_set(e, ERR_CONFLICT,
			"another broker leads this store (%.200s); stop it, or "
			"wait until it has been silent for 10 s",
			PQgetvalue(r, 0, 0));
	else
		rc = store_postgres_error(r, e);
	PQclear(r);
	return rc;
}

static int take(struct store_postgres_lease *l, const char *url, struct err *e)
{
	char holder[HOLDER_BYTES];
	const char *values[] = {holder, NULL, url};
	PGresult *r;
	int rc = 0;

	lock_session(l);
	values[1] = l->locked ? "t" : "f";
	holder_name(holder);
	r = PQexecParams(l->db,
		"UPDATE leader SET holder = $1, epoch = epoch + 1, url = $3, "
		"expires = " LEASE
		" WHERE $2::boolean OR expires < clock_timestamp() "
		"RETURNING epoch",
		3, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		rc = store_postgres_error(r, e);
	else
		l->epoch = first_number(r);
	PQclear(r);
	return rc;
}

/* Of one whose epoch is over this changes nothing. */
static void set_expiry(struct store_postgres_lease *l, const char *when)
{
	char sql[200];
	PGresult *r;

	snprintf(sql, sizeof sql,
		"UPDATE leader SET expires = %s WHERE epoch = %lld", when,
		(long long)l->epoch);
	if (PQstatus(l->db) != CONNECTION_OK) {
		PQreset(l->db);
		l->locked = 0;
	}
	if (!l->locked)
		lock_session(l);
	r = PQexec(l->db, sql);
	if (PQresultStatus(r) == PGRES_COMMAND_OK &&
		strcmp(PQcmdTuples(r), "0") == 0)
		l->lost = 1;
	PQclear(r);
}

/* True if the lease is over before it is time to renew it. */
static int wait_to_renew(struct store_postgres_lease *l)
{
	struct timespec until;
	int over;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += RENEW_S;
	pthread_mutex_lock(&l->lock);
	while (!l->over &&
		pthread_cond_timedwait(&l->told, &l->lock, &until) == 0)
		;
	over = l->over;
	pthread_mutex_unlock(&l->lock);
	return over;
}

static void *renew(void *lease)
{
	struct store_postgres_lease *l = lease;

	while (!wait_to_renew(l))
		set_expiry(l, LEASE);
	return NULL;
}

static void init_waiting(struct store_postgres_lease *l)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->told, &attr);
	pthread_condattr_destroy(&attr);
}

static int keep(struct store_postgres_lease *l, struct err *e)
{
	init_waiting(l);
	if (pthread_create(&l->renewing, NULL, renew, l) == 0)
		return 0;
	set_expiry(l, "'-infinity'");
	l->epoch = 0;
	return err_set(e, ERR_WORLD, "no thread to keep the store's lead");
}

static int reach(struct store_postgres_database *d, struct err *e)
{
	struct store_postgres_lease *l = &d->lease;

	if (l->db && PQstatus(l->db) == CONNECTION_OK)
		return 0;
	PQfinish(l->db);
	l->locked = 0;
	l->db = store_postgres_connect(
		d->url, "SET statement_timeout = '15s'", e);
	return l->db ? 0 : ERR_WORLD;
}

int store_postgres_lead(
	struct store_database *database, const char *url, struct err *e)
{
	struct store_postgres_database *d = (struct store_postgres_database *)
		database;
	int rc = reach(d, e);

	if (rc == 0)
		rc = take(&d->lease, url, e);
	if (rc)
		return rc;
	return d->lease.epoch ? keep(&d->lease, e) : refuse(d->lease.db, e);
}

int store_postgres_deposed(struct store_database *database)
{
	return ((struct store_postgres_database *)database)->lease.lost;
}

void store_postgres_follow(struct store_postgres_lease *l)
{
	if (l->epoch) {
		pthread_mutex_lock(&l->lock);
		l->over = 1;
		pthread_cond_signal(&l->told);
		pthread_mutex_unlock(&l->lock);
		pthread_join(l->renewing, NULL);
		set_expiry(l, "'-infinity'");
		pthread_cond_destroy(&l->told);
		pthread_mutex_destroy(&l->lock);
	}
	PQfinish(l->db);
	l->db = NULL;
}
