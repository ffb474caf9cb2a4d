/* queue_member.c -- a worker_nats over the evolutioner's table of jobs. */
#include "service/evolutioner/queue_member.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/identity.h"
#include "dispatch/worker_nats.h"
#include "service/evolutioner/broker_bytes.h"

#define HOST_BYTES 64

struct queue_member {
	struct evolutioner *v;
	char id[IDENTITY_BYTES]; /* of this start of the process */
	char host[HOST_BYTES];
	struct broker_bytes bytes;
	atomic_int leaving;
	struct worker_nats *worker;
};

static int is_leaving(void *member)
{
	struct queue_member *m = member;

	return atomic_load(&m->leaving);
}

static int offer(void *member, const json_t *job, struct err *e)
{
	struct queue_member *m = member;
	int rc = broker_bytes_parents(&m->bytes, job, e);

	return rc ? rc : evolutioner_take(m->v, job, e);
}

static json_t *info(void *member)
{
	const struct queue_member *m = member;

	return evolutioner_info(m->v);
}

static int keep(void *member, const char *sha256, const void *bytes, size_t n,
	struct err *e)
{
	const struct queue_member *m = member;

	return broker_bytes_keep(&m->bytes, sha256, bytes, n, e);
}

struct queue_member *queue_member_new(struct evolutioner *v, struct err *e)
{
	const struct service_options *o = v->options;
	struct queue_member *m = xcalloc(1, sizeof *m);

	m->v = v;
	identity_make(m->id);
	if (gethostname(m->host, sizeof m->host - 1) || !m->host[0])
		m->host[0] = '?';
	m->bytes = (struct broker_bytes){.brokers = o->broker_urls,
		.n_brokers = (size_t)o->n_brokers,
		.token = o->token,
		.blobs = v->blobs,
		.cancelled = is_leaving,
		.ctx = m};
	m->worker = worker_nats_new(
		&(struct worker_nats_options){.at = o->queue,
			.id = m->id,
			.host = m->host,
			.clerk = {.worker = v->worker,
				.offer = offer,
				.ctx = m},
			.info = info,
			.keep = keep,
			.ctx = m,
			.log = v->log},
		e);
	if (m->worker)
		return m;
	free(m);
	return NULL;
}

void queue_member_job_ended(struct queue_member *m)
{
	if (m)
		worker_nats_job_ended(m->worker);
}

void queue_member_drain(struct queue_member *m)
{
	worker_nats_drain(m->worker);
}

int queue_member_settled(struct queue_member *m)
{
	return worker_nats_settled(m->worker);
}

void queue_member_stop(struct queue_member *m)
{
	atomic_store(&m->leaving, 1);
	worker_nats_stop(m->worker);
}

void queue_member_free(struct queue_member *m)
{
	if (!m)
		return;
	worker_nats_free(m->worker);
	free(m);
}
