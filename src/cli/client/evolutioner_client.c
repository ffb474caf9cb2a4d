/* evolutioner_client.c -- submit, ask until it has ended, forget. */
#include "cli/client/evolutioner_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/options/interrupt.h"
#include "http/client.h"

#define TIMEOUT_MS 60000
#define FORGET_MS 5000
#define BUSY_PAUSE_MS 500
#define WAIT "?wait_s=20"
#define URL_BYTES (BROKER_URL_BYTES + 512)

const struct option options_evolutioner[] = {
	{"evolutioner", OPTION_TEXT, 0, 0, "URL",
		"who trains (http://127.0.0.1:5000)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

int evolutioner_client_open(struct evolutioner_client *v,
	const struct options *o, const struct broker_client *b, struct err *e)
{
	v->token = b->has_token ? b->token : NULL;
	return client_url("evolutioner",
		options_text(o, "evolutioner", "http://127.0.0.1:5000"), v->url,
		e);
}

static int ask(const struct evolutioner_client *v, struct http_call *call,
	json_t **out, struct err *e)
{
	int status = 0, rc;

	call->token = v->token;
	if (call->timeout_ms == 0) {
		call->timeout_ms = TIMEOUT_MS;
		call->cancelled = interrupted;
	}
	rc = http_call_json(call, out, &status, e);
	if (rc == ERR_WORLD && status == 0)
		return err_set(e, ERR_WORLD,
			"the evolutioner at %s does not answer (start one "
			"with: nevod evolutioner)",
			v->url);
	return rc;
}

/* Slots that are taken are waited for. */
static int submit(
	const struct evolutioner_client *v, const json_t *job, struct err *e)
{
	char url[URL_BYTES];
	json_t *status;
	int rc;

	snprintf(url, sizeof url, "%s/v1/jobs", v->url);
	for (;;) {
		rc = ask(v,
			&(struct http_call){
				.method = "POST", .url = url, .json = job},
			&status, e);
		if (rc == 0)
			json_decref(status);
		if (rc != ERR_BUSY)
			return rc;
		if (interrupted(NULL))
			return err_set(e, ERR_CANCELLED, "interrupted");
		clock_sleep_ms(BUSY_PAUSE_MS);
	}
}

static int has_ended(const json_t *status)
{
	const char *state = json_string_value(json_object_get(status, "state"));

	return state && strcmp(state, "queued") != 0 &&
	       strcmp(state, "running") != 0;
}

static int await(const struct evolutioner_client *v, const char *url,
	json_t **status, struct err *e)
{
	char waiting[URL_BYTES + sizeof WAIT];
	int rc;

	snprintf(waiting, sizeof waiting, "%s" WAIT, url);
	do {
		rc = ask(v,
			&(struct http_call){.method = "GET", .url = waiting},
			status, e);
		if (rc == 0 && has_ended(*status))
			return 0;
		if (rc == 0)
			json_decref(*status);
	} while (rc == 0);
	return rc;
}

/* Also after an interrupt: a slot is not left to train for nobody. */
static void forget(const struct evolutioner_client *v, const char *url)
{
	json_t *status;

	if (ask(v,
		    &(struct http_call){.method = "DELETE",
			    .url = url,
			    .timeout_ms = FORGET_MS},
		    &status, NULL) == 0)
		json_decref(status);
}

static int take_result(const json_t *status, json_t **result, struct err *e)
{
	const json_t *failure = json_object_get(status, "failure");
	const char *whose = json_string_value(
		json_object_get(failure, "whose"));
	const char *reason = json_string_value(
		json_object_get(failure, "reason"));

	*result = json_object_get(status, "result");
	if (json_is_object(*result)) {
		json_incref(*result);
		return 0;
	}
	if (whose && strcmp(whose, "crash") == 0)
		return err_genome(e, "crash", "the training crashed");
	return err_set(e, ERR_WORLD, "the evolutioner could not train it: %s",
		reason ? reason : "it does not say why");
}

int evolutioner_train(const struct evolutioner_client *v, const json_t *job,
	json_t **result, struct err *e)
{
	const char *id = json_string_value(json_object_get(job, "id"));
	char *encoded = http_encode(id), url[URL_BYTES];
	json_t *status;
	int rc = submit(v, job, e);

	snprintf(url, sizeof url, "%s/v1/jobs/%s", v->url, encoded);
	free(encoded);
	if (rc)
		return rc;
	rc = await(v, url, &status, e);
	forget(v, url);
	if (rc)
		return rc;
	rc = take_result(status, result, e);
	json_decref(status);
	return rc;
}
