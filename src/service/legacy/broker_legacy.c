/* broker_legacy.c -- calls to the other services, and the names of stored
 * models, as existing clients write them. */
#include "service/legacy/broker_legacy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "http/client.h"

static int asker_gone(void *ctx)
{
	return http_draining(ctx);
}

int legacy_post(struct broker *b, const struct http_request *q,
	const char *base, const char *path, json_t *body, int64_t timeout_ms,
	json_t **answer, struct err *e)
{
	char url[512];
	int rc;

	snprintf(url, sizeof url, "%s%s", base, path);
	rc = http_call_json(&(struct http_call){.method = "POST",
				    .url = url,
				    .json = body,
				    .token = b->token,
				    .timeout_ms = timeout_ms,
				    .cancelled = asker_gone,
				    .cancelled_ctx = (void *)q},
		answer, NULL, e);
	json_decref(body);
	return rc;
}

const json_t *legacy_in_message(const json_t *answer, const char *name)
{
	return json_object_get(json_object_get(answer, "message"), name);
}

/* A number, or a string of digits. */
static int read_model_id(
	const json_t *body, const char *name, int64_t *id, struct err *e)
{
	const json_t *v = json_object_get(body, name);
	const char *text = json_string_value(v);

	if (text) {
		size_t digits = strspn(text, "0123456789");

		if (digits == 0 || digits > LEGACY_DIGITS_MAX || text[digits])
			return err_at(e, ERR_INVALID, "", name,
				"\"%s\" must be a number or a string of 1 to "
				"%d digits",
				name, LEGACY_DIGITS_MAX);
		*id = strtoll(text, NULL, 10);
		return 0;
	}
	return doc_int(body, "", name, 0, RNG_SEED_MAX, id, e);
}

int legacy_read_population(struct broker *b, const json_t *body,
	struct arena *mem, struct store_population *p, struct err *e)
{
	char uuid[UUID_TEXT_BYTES];
	const char *text;
	int rc = doc_str(body, "", "uuid", 0, 1000, &text, e);

	if (rc)
		return rc;
	if (!uuid_parse(text, uuid))
		return err_at(
			e, ERR_INVALID, "", "uuid", "\"uuid\" is not a UUID");
	rc = store_population_get(b->store, mem, uuid, p, e);
	if (rc == ERR_NOT_FOUND)
		return err_at(
			e, rc, "", "uuid", "there is no population %s", uuid);
	return rc;
}

int legacy_read_model(struct broker *b, const json_t *body, const char *name,
	struct arena *mem, const char *uuid, struct store_model *m,
	struct err *e)
{
	int64_t id;
	int rc = read_model_id(body, name, &id, e);

	if (rc)
		return rc;
	rc = store_model_get(b->store, mem, uuid, id, m, e);
	if (rc == ERR_NOT_FOUND)
		return err_at(e, rc, "", name,
			"the population has no model %lld", (long long)id);
	return rc;
}
