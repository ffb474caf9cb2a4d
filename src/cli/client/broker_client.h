/* broker_client.h -- the broker's API as the command line uses it. */
#ifndef CLI_CLIENT_BROKER_CLIENT_H
#define CLI_CLIENT_BROKER_CLIENT_H

#include <jansson.h>

#include "base/err.h"
#include "base/trace.h"
#include "base/uuid.h"
#include "cli/options/options.h"
#include "cli/options/places.h"
#include "http/client.h"

#define BROKER_URL_BYTES 320

struct broker_client {
	char url[BROKER_URL_BYTES]; /* without a slash at the end */
	char token[TOKEN_MAX_BYTES];
	int has_token;
	struct trace trace; /* of the environment's TRACEPARENT, */
	int has_trace;      /* if there is one */
};

/* Writes the address of a service as requests begin with it.  ERR_INVALID when
 * `url`, the value of that option, is none. */
int client_url(const char *option, const char *url, char out[BROKER_URL_BYTES],
	struct err *e);

/* Whom calls trust and what they show, from options_client. */
int client_trust(const struct options *o, struct err *e);

/* A client of the broker at `url`, which shows the token in `token_file` (may
 * be NULL).  ERR_INVALID, and the errors of place_token. */
int broker_client_init(struct broker_client *b, const char *url,
	const char *token_file, struct err *e);

/* The same from --broker and --token-file, for a subcommand that does nothing
 * else: it also starts to catch interrupts. */
int broker_client_open(
	struct broker_client *b, const struct options *o, struct err *e);

enum broker_presence {
	BROKER_ABSENT, /* nothing listens there */
	BROKER_READY,
	BROKER_UNREADY,  /* it lacks something that runs will wait for */
	BROKER_STRANGER, /* something else */
};
/* What answers GET /readyz at the broker's URL; the sentence of one that is not
 * ready goes to `why`, which may be NULL. */
enum broker_presence broker_look(
	const struct broker_client *b, struct err *why);

/* The answer to GET of a path below the broker's URL: an object, a new
 * reference.  ERR_WORLD when the broker does not answer
 * (the sentence names its URL), ERR_CANCELLED after an interrupt, otherwise the
 * broker's own sentence with the code of its status. */
int broker_get(const struct broker_client *b, json_t **out, struct err *e,
	const char *path, ...) __attribute__((format(printf, 4, 5)));

/* Likewise by POST; `body` and the key may be NULL.  With a key it is the
 * same request when it is sent again. */
int broker_post(const struct broker_client *b, const char *path,
	const json_t *body, const char *idempotency_key, json_t **out,
	struct err *e);

/* What a PUT sends: a document, or bytes. */
struct broker_body {
	const json_t *json;
	const void *bytes;
	size_t n;
	int slow; /* the broker works on it for minutes */
};
/* As broker_post. */
int broker_put(const struct broker_client *b, const char *path,
	const struct broker_body *body, json_t **out, struct err *e);

/* The answer to GET of the path, whatever its status, but one that asks for
 * another token; the caller ends with http_answer_release.  Errors as
 * broker_get. */
int broker_get_bytes(const struct broker_client *b, const char *path,
	struct http_answer *out, struct err *e);

/* Writes what GET of the path gives to a file.  Errors as broker_get, and
 * ERR_WORLD when the file cannot be written. */
int broker_download(const struct broker_client *b, const char *path,
	const char *file, struct err *e);

/* Writes the uuid of the run that a person means: by its uuid; by its number,
 * by its name, or by the first four or more digits of its uuid, whichever of
 * these is first one of a run; or, for NULL, of the newest whose state is one
 * of the NULL-ended `states`.  ERR_NOT_FOUND, ERR_INVALID (several are meant)
 * and the errors of broker_get. */
int broker_pick_run(const struct broker_client *b, const char *given,
	const char *const *states, char uuid[UUID_TEXT_BYTES], struct err *e);

#endif
