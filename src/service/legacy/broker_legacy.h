/* broker_legacy.h -- what the endpoints of existing clients share: asking the
 * other services, and naming a stored model. */
#ifndef SERVICE_LEGACY_BROKER_LEGACY_H
#define SERVICE_LEGACY_BROKER_LEGACY_H

#include "service/broker/broker.h"

/* The most digits of a model's number. */
#define LEGACY_DIGITS_MAX 18

/* POSTs `body` (its reference is taken over) and gives the answer, a new
 * reference.  Ends with ERR_CANCELLED when our own server drains; otherwise
 * fails as http_call_json. */
int legacy_post(struct broker *b, const struct http_request *q,
	const char *base, const char *path, json_t *body, int64_t timeout_ms,
	json_t **answer, struct err *e);

/* The member of the answer's "message", borrowed, or NULL. */
const json_t *legacy_in_message(const json_t *answer, const char *name);

/* Finds the population that the body's "uuid" names.  ERR_INVALID unless it is
 * a UUID, ERR_NOT_FOUND. */
int legacy_read_population(struct broker *b, const json_t *body,
	struct arena *mem, struct store_population *p, struct err *e);

/* Finds the model of population `uuid` that the member `name` of the body
 * gives, as a number or a string of digits.  Errors likewise. */
int legacy_read_model(struct broker *b, const json_t *body, const char *name,
	struct arena *mem, const char *uuid, struct store_model *m,
	struct err *e);

#endif
