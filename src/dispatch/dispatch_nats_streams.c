/* dispatch_nats_streams.c -- streams and consumers: made, taken over, looked
 * at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "dispatch/dispatch_nats.h"

#define BROKER "broker-"
#define DUPLICATES_S 120
#define UNACKED_MOST 200000
#define PULLS_MOST 20000
#define STREAM_IS_THERE \
	10058 /* JetStream: a stream of another shape is there */

#define NS_OF_MS(ms) ((ms)*1000000)

/* One that is there is taken as it is: an operator may have made it. */
static int make_stream(struct nats_dispatch *d, const char *name,
	const char *subject, struct err *e)
{
	jsStreamConfig c;
	jsErrCode code = 0;
	natsStatus s;

	s = js_GetStreamInfo(NULL, d->link.js, name, NULL, &code);
	if (s == NATS_OK)
		return 0;
	jsStreamConfig_Init(&c);
	c.Name = name;
	c.Subjects = &subject;
	c.SubjectsLen = 1;
	c.Retention = js_WorkQueuePolicy;
	c.Storage = js_FileStorage;
	c.Replicas = d->replicas;
	c.Duplicates = NS_OF_MS((int64_t)DUPLICATES_S * 1000);
	s = js_AddStream(NULL, d->link.js, &c, NULL, &code);
	if (s == NATS_OK || code == STREAM_IS_THERE)
		return 0;
	return nats_failed(e, "a stream of the queue cannot be made", s, code);
}

static int make_consumer(struct nats_dispatch *d, const char *stream,
	const char *name, const char *subject, struct err *e)
{
	jsConsumerConfig c;
	jsErrCode code = 0;
	natsStatus s;

	jsConsumerConfig_Init(&c);
	c.Durable = name;
	c.AckPolicy = js_AckExplicit;
	c.AckWait = NS_OF_MS(d->ack_wait_ms);
	c.MaxDeliver = -1;
	c.FilterSubject = subject;
	c.MaxAckPending = UNACKED_MOST;
	c.MaxWaiting = PULLS_MOST;
	s = js_AddConsumer(NULL, d->link.js, stream, &c, NULL, &code);
	if (s == NATS_OK)
		return 0;
	return nats_failed(
		e, "a consumer of the queue cannot be made", s, code);
}

int nats_streams_class(
	struct nats_dispatch *d, const char *kernels, struct err *e)
{
	char name[sizeof NATS_JOBS_CONSUMER + 32];
	char subject[sizeof NATS_JOBS_SUBJECT + 32];

	snprintf(name, sizeof name, NATS_JOBS_CONSUMER "%s", kernels);
	snprintf(subject, sizeof subject, NATS_JOBS_SUBJECT "%s", kernels);
	return make_consumer(d, NATS_JOBS, name, subject, e);
}

/* -- who leads -- */

struct consumers {
	int ours, others; /* whether there are or, of others, were such */
};

/* Looks at those of RESULTS; others go where `remove` says so. */
static int look_at_consumers(struct nats_dispatch *d, int remove,
	struct consumers *out, struct err *e)
{
	jsConsumerNamesList *list = NULL;
	jsErrCode code = 0;
	natsStatus s = js_ConsumerNames(
		&list, d->link.js, NATS_RESULTS, NULL, &code);

	*out = (struct consumers){0};
	if (s == NATS_NOT_FOUND)
		return 0;
	if (s != NATS_OK)
		return nats_failed(
			e, "the queue's consumers cannot be seen", s, code);
	for (int i = 0; i < list->Count && s == NATS_OK; i++) {
		if (strcmp(list->List[i], d->consumer) == 0) {
			out->ours = 1;
			continue;
		}
		out->others = 1;
		if (remove) {
			s = js_DeleteConsumer(d->link.js, NATS_RESULTS,
				list->List[i], NULL, &code);
			s = s == NATS_NOT_FOUND ? NATS_OK : s;
		}
	}
	jsConsumerNamesList_Destroy(list);
	return s == NATS_OK ? 0
			    : nats_failed(e,
				      "the queue cannot be taken over from "
				      "another broker",
				      s, code);
}

/* What others have left in JOBS is open in the store, and published anew. */
static int take_over(struct nats_dispatch *d, struct err *e)
{
	struct consumers seen;
	jsErrCode code = 0;
	natsStatus s;
	int rc = look_at_consumers(d, 1, &seen, e);

	if (rc == 0)
		rc = make_consumer(d, NATS_RESULTS, d->consumer,
			NATS_RESULTS_SUBJECT ">", e);
	if (rc)
		return rc;
	d->fresh = !seen.others;
	s = js_PurgeStream(d->link.js, NATS_JOBS, NULL, &code);
	if (s == NATS_OK)
		return 0;
	return nats_failed(e, "the queue cannot be emptied", s, code);
}

/* Where our consumer is gone and no other is there, the queue has lost what it
 * kept, or another broker is just taking it over: the next look tells. */
static int still_lead(struct nats_dispatch *d, struct err *e)
{
	struct consumers seen;
	int was_gone = d->gone_before;
	int rc = look_at_consumers(d, 0, &seen, e);

	if (rc)
		return rc;
	d->gone_before = !seen.ours && !seen.others;
	if (seen.others)
		return err_set(e, ERR_CONFLICT,
			"another broker has taken the queue over");
	if (seen.ours)
		return 0;
	if (!was_gone)
		return err_set(e, ERR_BUSY,
			"the queue has lost this broker's consumer; it is "
			"made again in a second");
	return make_consumer(
		d, NATS_RESULTS, d->consumer, NATS_RESULTS_SUBJECT ">", e);
}

/* The class of that number; false beyond the last. */
static int class_at(struct nats_dispatch *d, size_t i, char kernels[32])
{
	int found;

	pthread_mutex_lock(&d->lock);
	found = i < d->n_classes;
	if (found)
		strcpy(kernels, d->classes[i]);
	pthread_mutex_unlock(&d->lock);
	return found;
}

static int make_classes(struct nats_dispatch *d, struct err *e)
{
	char kernels[32];
	int rc = 0;

	for (size_t i = 0; rc == 0 && class_at(d, i, kernels); i++)
		rc = nats_streams_class(d, kernels, e);
	return rc;
}

int nats_streams_make(struct nats_dispatch *d, struct err *e)
{
	int rc = make_stream(d, NATS_JOBS, NATS_JOBS_SUBJECT ">", e);

	if (rc == 0)
		rc = make_stream(d, NATS_RESULTS, NATS_RESULTS_SUBJECT ">", e);
	if (rc == 0)
		rc = d->led ? still_lead(d, e) : take_over(d, e);
	return rc ? rc : make_classes(d, e);
}

/* -- how much waits -- */

/* A request for results from a consumer that is gone has no answer: this look
 * is how a broker learns that another has taken its place. */
static int see_own(struct nats_dispatch *d, struct err *e)
{
	jsConsumerInfo *info = NULL;
	jsErrCode code = 0;
	natsStatus s = js_GetConsumerInfo(
		&info, d->link.js, NATS_RESULTS, d->consumer, NULL, &code);

	jsConsumerInfo_Destroy(info);
	return s == NATS_OK
		       ? 0
		       : nats_failed(e, "this broker's consumer cannot be seen",
				 s, code);
}

static int add_class(struct nats_dispatch *d, const char *kernels,
	struct dispatch_queue *out, struct err *e)
{
	char name[sizeof NATS_JOBS_CONSUMER + 32];
	jsConsumerInfo *info = NULL;
	jsErrCode code = 0;
	natsStatus s;

	snprintf(name, sizeof name, NATS_JOBS_CONSUMER "%s", kernels);
	s = js_GetConsumerInfo(&info, d->link.js, NATS_JOBS, name, NULL, &code);
	if (s != NATS_OK)
		return nats_failed(e, "the queue cannot be looked at", s, code);
	out->waiting += (int64_t)info->NumPending;
	out->delivered += info->NumAckPending;
	out->redelivered += info->NumRedelivered;
	jsConsumerInfo_Destroy(info);
	return 0;
}

static int add_stream(struct nats_dispatch *d, struct dispatch_queue *out,
	int64_t *messages, struct err *e)
{
	jsStreamInfo *info = NULL;
	jsErrCode code = 0;
	natsStatus s = js_GetStreamInfo(
		&info, d->link.js, NATS_JOBS, NULL, &code);

	if (s != NATS_OK)
		return nats_failed(e, "the queue cannot be looked at", s, code);
	*messages = (int64_t)info->State.Msgs;
	if (info->State.Msgs > 0)
		out->oldest_s = (double)(clock_wall_ms() -
					 info->State.FirstTime / 1000000) /
				1000;
	jsStreamInfo_Destroy(info);
	return 0;
}

int nats_streams_look(struct nats_dispatch *d, struct dispatch_queue *out,
	int64_t *messages, struct err *e)
{
	char kernels[32];
	int rc;

	*out = (struct dispatch_queue){.there = 1};
	rc = see_own(d, e);
	if (rc == 0)
		rc = add_stream(d, out, messages, e);
	for (size_t i = 0; rc == 0 && class_at(d, i, kernels); i++)
		rc = add_class(d, kernels, out, e);
	return rc;
}
