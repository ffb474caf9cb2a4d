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

#include "base/clock.h"
#include "base/cond.h"
#include "store/store_postgres.h"

#define RENEW_S 3
#define GRACE_MS (2 * RENEW_S * 1000)
#define HOLDER_BYTES 300

#define LEASE "clock_timestamp() + interval '10 s'"

/* This process, as a person of another machine would look for it. */
static void holder_name(char out[HOLDER_BYTES])
{
	char host[256] = "";

	gethostname(host, sizeof host - 1);
	snprintf(out, HOLDER_BYTES, "process %ld on %s", (long)getpid(), host);
}

/* A lock that ends with the session, one for each epoch, so that nobody has the
 * lock of another's lead; a store that is a schema among others has its own. */
#define KEY "(hashtextextended('nevod ' || current_schema(), $1::bigint))"

/* True if the function of locks says so. */
static int call_lock(
	struct store_postgres_lease *l, const char *function, int64_t epoch)
{
	char number[24], sql[160];
	const char *const values[] = {number};
	PGresult *r;
	int yes;

	snprintf(number, sizeof number, "%lld", (long long)epoch);
	snprintf(sql, sizeof sql, "SELECT %s" KEY, function);
	r = PQexecParams(l->db, sql, 1, NULL, values, NULL, NULL, 0);
	yes = PQresultStatus(r) == PGRES_TUPLES_OK &&
	      PQgetvalue(r, 0, 0)[0] == 't';
	PQclear(r);
	return yes;
}

static int lock_epoch(struct store_postgres_lease *l, int64_t epoch)
{
	return call_lock(l, "pg_try_advisory_lock", epoch);
}

static void unlock_epoch(struct store_postgres_lease *l, int64_t epoch)
{
	call_lock(l, "pg_advisory_unlock", epoch);
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

/* Whose turn is over. */
struct former {
	int64_t epoch;
	int gone;   /* its session has ended: we have its lock */
	int silent; /* for longer than it may be */
};

static int look(
	struct store_postgres_lease *l, struct former *out, struct err *e)
{
	PGresult *r = PQexec(l->db, "SELECT epoch, expires < clock_timestamp() "
				    "FROM leader");
	int rc = 0;

	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1) {
		rc = store_postgres_error(r, e);
	} else {
		out->epoch = first_number(r);
		out->silent = PQgetvalue(r, 0, 1)[0] == 't';
		out->gone = clock_mono_ms() >= l->grace_ms &&
			    lock_epoch(l, out->epoch);
	}
	PQclear(r);
	return rc;
}

/* If it is still that one's turn. */
static int follow_on(struct store_postgres_lease *l, const struct former *f,
	const char *url, struct err *e)
{
	char holder[HOLDER_BYTES], epoch[24];
	const char *const values[] = {holder, f->gone ? "t" : "f", url, epoch};
	PGresult *r;
	int rc = 0;

	holder_name(holder);
	snprintf(epoch, sizeof epoch, "%lld", (long long)f->epoch);
	r = PQexecParams(l->db,
		"UPDATE leader SET holder = $1, epoch = epoch + 1, url = $3, "
		"expires = " LEASE " WHERE epoch = $4::bigint AND "
		"($2::boolean OR expires < clock_timestamp()) RETURNING epoch",
		4, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		rc = store_postgres_error(r, e);
	else
		l->epoch = first_number(r);
	PQclear(r);
	return rc;
}

/* The lock of the epoch to come is had before anybody can know of it. */
static int take(struct store_postgres_lease *l, const char *url, struct err *e)
{
	struct former f;
	int rc = look(l, &f, e);

	if (rc || !(f.gone || f.silent))
		return rc;
	if (lock_epoch(l, f.epoch + 1)) {
		rc = follow_on(l, &f, url, e);
		l->locked = l->epoch != 0;
		if (!l->locked)
			unlock_epoch(l, f.epoch + 1);
	}
	if (f.gone)
		unlock_epoch(l, f.epoch);
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
		l->locked = lock_epoch(l, l->epoch);
	r = PQexec(l->db, sql);
	if (PQresultStatus(r) == PGRES_COMMAND_OK &&
		strcmp(PQcmdTuples(r), "0") == 0)
		l->lost = 1;
	PQclear(r);
}

/* True if the lease is over before it is time to renew it. */
static int wait_to_renew(struct store_postgres_lease *l)
{
	const int64_t until_ms = clock_mono_ms() + RENEW_S * 1000;
	int over;

	pthread_mutex_lock(&l->lock);
	while (!l->over && cond_wait_until(&l->told, &l->lock, until_ms))
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
	pthread_mutex_init(&l->lock, NULL);
	cond_init(&l->told);
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
	/* What has ended our session may have ended the leader's, which is
	 * given the time to notice and to have another. */
	if (l->db)
		l->grace_ms = clock_mono_ms() + GRACE_MS;
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
