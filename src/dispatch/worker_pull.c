/* worker_pull.c -- counts, and the latest orders. */
#include "dispatch/worker_pull.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/doc.h"

struct worker_pull {
	struct worker_clerk clerk;
	pthread_mutex_t lock; /* guards what follows */
	int64_t reports;      /* made */
	int64_t seen;         /* number of the latest orders */
	json_t *orders;       /* these; an empty object before the first */
	json_t *refused;      /* statuses of what they offered, or NULL */
};

struct worker_pull *worker_pull_new(const struct worker_clerk *c)
{
	struct worker_pull *p = xcalloc(1, sizeof *p);

	p->clerk = *c;
	p->orders = json_object();
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void worker_pull_free(struct worker_pull *p)
{
	if (!p)
		return;
	json_decref(p->orders);
	json_decref(p->refused);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

json_t *worker_pull_report(struct worker_pull *p)
{
	json_t *report;

	pthread_mutex_lock(&p->lock);
	report = worker_orders_report(&p->clerk, p->orders, p->refused);
	json_object_set_new(report, "number", json_integer(++p->reports));
	json_object_set_new(report, "seen", json_integer(p->seen));
	pthread_mutex_unlock(&p->lock);
	return report;
}

/* They are done without the lock: to take a job may take a while.  Those that
 * were overtaken are done too, and forgotten. */
int worker_pull_orders(
	struct worker_pull *p, const json_t *orders, struct err *e)
{
	json_t *refused = NULL;
	int64_t number;
	int rc = doc_int(orders, "", "number", 1, INT64_MAX, &number, e);

	if (rc == 0)
		rc = worker_orders_do(&p->clerk, orders, &refused, e);
	if (rc)
		return rc;
	pthread_mutex_lock(&p->lock);
	if (number > p->seen) {
		p->seen = number;
		json_decref(p->orders);
		p->orders = json_incref((json_t *)orders);
		json_decref(p->refused);
		p->refused = refused;
		refused = NULL;
	}
	pthread_mutex_unlock(&p->lock);
	json_decref(refused);
	return 0;
}
