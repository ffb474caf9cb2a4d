/* sim_queue.c -- a worker_nats for each simulated evolutioner. */
#include "service/simulate/sim_queue.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/identity.h"
#include "dispatch/worker_nats.h"
#include "dispatch/worker_push.h"
#include "service/evolutioner/broker_bytes.h"

#define ID_BYTES (IDENTITY_BYTES + 12)

struct member {
	struct sim_queue *q;
	int index;
	char id[ID_BYTES];
	struct worker_nats *_Atomic worker;
};

struct sim_queue {
	struct sim_queue_options o;
	struct sim *sim;
	int n; /* that were started */
	struct member members[];
};

static int offer(void *member, const json_t *job, struct err *e)
{
	const struct member *m = member;

	return sim_offer(m->q->sim, m->index, job, e);
}

static json_t *info(void *member)
{
	const struct member *m = member;
	int n, n_free;

	worker_push_count(sim_worker(m->q->sim, m->index), &n, &n_free);
	return json_pack("{s:i, s:i, s:[s], s:s, s:s, s:[]}", "slots", n,
		"free", n_free, "kernels", "simd128-2", "cpu", "simulated",
		"version", NEVOD_VERSION, "datasets");
}

static int keep(void *member, const char *sha256, const void *bytes, size_t n,
	struct err *e)
{
	const struct member *m = member;
	const struct broker_bytes to = {.brokers = &m->q->o.broker,
		.n_brokers = 1,
		.token = m->q->o.token};

	return broker_bytes_keep(&to, sha256, bytes, n, e);
}

static int start(struct sim_queue *q, const char *run, struct err *e)
{
	struct member *m = &q->members[q->n];

	m->q = q;
	m->index = q->n;
	snprintf(m->id, sizeof m->id, "%s-%d", run, q->n);
	m->worker = worker_nats_new(
		&(struct worker_nats_options){.at = q->o.at,
			.id = m->id,
			.host = "simulated",
			.clerk = {.worker = sim_worker(q->sim, q->n),
				.offer = offer,
				.ctx = m},
			.info = info,
			.keep = keep,
			.ctx = m,
			.log = q->o.log},
		e);
	q->n += m->worker != NULL;
	return m->worker ? 0 : ERR_WORLD;
}

struct sim_queue *sim_queue_new(
	const struct sim_queue_options *o, struct sim *s, struct err *e)
{
	struct sim_queue *q = xcalloc(
		1, sizeof *q + (size_t)o->workers * sizeof *q->members);
	char run[IDENTITY_BYTES];
	int rc = 0;

	q->o = *o;
	q->sim = s;
	identity_make(run);
	while (rc == 0 && q->n < o->workers)
		rc = start(q, run, e);
	if (rc == 0)
		return q;
	sim_queue_stop(q);
	sim_queue_free(q);
	return NULL;
}

void sim_queue_ended(struct sim_queue *q, int i)
{
	if (q)
		worker_nats_job_ended(q->members[i].worker);
}

/* All end what they wait for at once, and not one after another. */
void sim_queue_stop(struct sim_queue *q)
{
	for (int i = 0; q && i < q->n; i++)
		worker_nats_drain(q->members[i].worker);
	for (int i = 0; q && i < q->n; i++)
		worker_nats_stop(q->members[i].worker);
}

void sim_queue_free(struct sim_queue *q)
{
	for (int i = 0; q && i < q->n; i++)
		worker_nats_free(q->members[i].worker);
	free(q);
}
