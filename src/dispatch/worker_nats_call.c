/* worker_nats_call.c -- a call to whichever broker leads: what we are, have and
 * have taken; the documents are described in dispatch_nats_calls.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/doc.h"
#include "dispatch/worker_nats_private.h"
#include "dispatch/worker_push.h"

#define ANSWER_MS 1000
#define REST_MOST_MS 600000

static void add_jobs(struct worker_nats *w, json_t *call)
{
	json_t *ids = worker_nats_held(w), *jobs = json_array();

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		struct worker_status st = {.state = WORKER_QUEUED};

		/* Asking keeps the job from being given up; one that is not
		 * there is about to be. */
		worker_push_look(w->o.clerk.worker, id, 0, &st, NULL);
		json_decref(st.result);
		st.result = NULL;
		json_array_append_new(jobs, worker_status_document(id, &st));
	}
	json_decref(ids);
	json_object_set_new(call, "jobs", jobs);
}

/* What the world has failed is told once; `*failed` gets it back if nobody
 * hears it. */
static json_t *write_call(
	struct worker_nats *w, const json_t *take, json_t **failed)
{
	json_t *call = json_object();
	char unsent[sizeof w->unsent];
	int self;

	pthread_mutex_lock(&w->lock);
	*failed = w->failed;
	w->failed = NULL;
	self = w->says_self || !take;
	strcpy(unsent, w->unsent);
	pthread_mutex_unlock(&w->lock);
	if (self) {
		json_object_set_new(call, "info", w->o.info(w->o.ctx));
		json_object_set_new(call, "host", json_string(w->o.host));
	}
	if (unsent[0])
		json_object_set_new(call, "unsent", json_string(unsent));
	json_object_set_new(
		call, "draining", json_boolean(atomic_load(&w->draining)));
	if (*failed)
		json_object_set(call, "failed", *failed);
	if (take)
		json_object_set(call, "take", (json_t *)take);
	add_jobs(w, call);
	return call;
}

/* Each change once. */
static void note(struct worker_nats *w, const char *refused)
{
	const int news = w->joined != !refused[0] ||
			 strcmp(w->refused, refused) != 0;

	w->joined = !refused[0];
	snprintf(w->refused, sizeof w->refused, "%s", refused);
	if (news && refused[0])
		log_warn(w->o.log, "not-joined", log_reason(refused));
	else if (news)
		log_info(w->o.log, "joined", log_text("worker", w->o.id));
}

static void take_answer(struct worker_nats *w, const json_t *answer)
{
	const char *refused = "";
	int64_t rest_ms = 0;

	doc_str_opt(answer, "", "refused", 1, 1024, &refused, NULL);
	doc_int_opt(answer, "", "rest_ms", 0, REST_MOST_MS, &rest_ms, NULL);
	pthread_mutex_lock(&w->lock);
	w->says_self = json_is_true(json_object_get(answer, "unknown"));
	if (rest_ms > 0)
		w->rest_ms = clock_mono_ms() + rest_ms;
	note(w, refused);
	pthread_mutex_unlock(&w->lock);
}

static void not_heard(struct worker_nats *w, json_t *failed)
{
	pthread_mutex_lock(&w->lock);
	w->says_self = 1;
	if (failed && w->failed)
		json_array_extend(failed, w->failed);
	if (failed) {
		json_decref(w->failed);
		w->failed = json_incref(failed);
	}
	pthread_mutex_unlock(&w->lock);
}

static json_t *ask(struct worker_nats *w, const json_t *call)
{
	char subject[sizeof NATS_WORKERS_SUBJECT + DISPATCH_MEMBER_ID_MAX];
	char *text = json_dumps(call, JSON_COMPACT);
	json_t *answer = NULL;
	natsMsg *m = NULL;

	snprintf(subject, sizeof subject, NATS_WORKERS_SUBJECT "%s", w->o.id);
	m = nats_ask(&w->link, subject, text, ANSWER_MS);
	if (m)
		answer = doc_parse(natsMsg_GetData(m),
			(size_t)natsMsg_GetDataLength(m), NULL);
	natsMsg_Destroy(m);
	free(text);
	return answer;
}

json_t *worker_nats_call(struct worker_nats *w, const json_t *take)
{
	json_t *failed, *call, *answer = NULL;

	if (!nats_link_up(&w->link))
		return NULL;
	call = write_call(w, take, &failed);
	answer = ask(w, call);
	if (answer)
		take_answer(w, answer);
	else
		not_heard(w, failed);
	json_decref(failed);
	json_decref(call);
	return answer;
}

int worker_nats_says(const json_t *answer, const char *list, const char *id)
{
	const json_t *ids = json_object_get(answer, list);

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *one = json_string_value(json_array_get(ids, i));

		if (one && strcmp(one, id) == 0)
			return 1;
	}
	return 0;
}
