/* broker_client.c -- requests to the broker, its errors turned into ours. */
#include "cli/client/broker_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/field.h"
#include "base/output.h"
#include "cli/options/command.h"
#include "cli/options/interrupt.h"
#include "http/tls.h"
#include "http/url.h"

#define TIMEOUT_MS 30000
#define DOWNLOAD_MS 600000
#define SLOW_MS 3600000 /* a large set is read once more */
#define WEIGHTS_MAX ((size_t)4 << 30)
#define PATH_BYTES 256

const struct option options_client[] = {
	{"broker", OPTION_TEXT, 0, 0, "URL",
		"the broker (http://127.0.0.1:5001)"},
	{"token-file", OPTION_TEXT, 0, 0, "FILE",
		"the file with the token that the broker asks for"},
	{"ca-file", OPTION_TEXT, 0, 0, "FILE",
		"trust a broker whose certificate these have signed (PEM; the "
		"system's)"},
	{"tls-cert", OPTION_TEXT, 0, 0, "FILE",
		"the certificate that a broker asks clients for (PEM)"},
	{"tls-key", OPTION_TEXT, 0, 0, "FILE", "the certificate's key (PEM)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

int client_url(const char *option, const char *url, char out[BROKER_URL_BYTES],
	struct err *e)
{
	struct http_place at;

	if (http_url(url, &at, e))
		return err_prefix(e, "--%s", option);
	http_url_of(&at, out);
	return 0;
}

int client_trust(const struct options *o, struct err *e)
{
	const char *cert = options_text(o, "tls-cert", NULL);
	const char *key = options_text(o, "tls-key", NULL);
	struct http_tls pair;
	int rc = http_tls_read(&pair, cert, key, NULL, e);

	http_tls_release(&pair);
	return rc ? rc
		  : http_tls_trust(
			    options_text(o, "ca-file", NULL), cert, key, e);
}

int broker_client_init(struct broker_client *b, const char *url,
	const char *token_file, struct err *e)
{
	int rc = client_url("broker", url, b->url, e);

	if (rc)
		return rc;
	b->has_token = token_file != NULL;
	b->has_trace = trace_read(getenv("TRACEPARENT"), &b->trace) == 0;
	return token_file ? place_token(token_file, b->token, e) : 0;
}

int broker_client_open(
	struct broker_client *b, const struct options *o, struct err *e)
{
	int rc = broker_client_init(b,
		options_text(o, "broker", "http://127.0.0.1:5001"),
		options_text(o, "token-file", NULL), e);

	if (rc == 0)
		rc = client_trust(o, e);
	if (rc)
		return rc;
	http_client_init();
	interrupt_catch();
	return 0;
}

/* What every request has; `url` gets the whole address. */
static struct http_call call_to(const struct broker_client *b,
	const char *method, const char *path,
	char url[BROKER_URL_BYTES + PATH_BYTES])
{
	snprintf(url, BROKER_URL_BYTES + PATH_BYTES, "%s%s", b->url, path);
	return (struct http_call){.method = method,
		.url = url,
		.token = b->has_token ? b->token : NULL,
		.trace = b->has_trace ? &b->trace : NULL,
		.timeout_ms = TIMEOUT_MS,
		.follow = 1, /* from one that stands by */
		.cancelled = interrupted};
}

/* Turns the failure of a call into a sentence for a person. */
static int explain(
	const struct broker_client *b, int code, int status, struct err *e)
{
	/* Over TLS there is more to go wrong than that nobody is there. */
	if (status == 0 && code == ERR_WORLD && e &&
		strncmp(b->url, "https:", 6) == 0)
		return err_prefix(
			e, "the broker at %s does not answer", b->url);
	if (status == 0 && code == ERR_WORLD)
		return err_set(e, ERR_WORLD,
			"the broker at %s does not answer (start one with: "
			"nevod up)",
			b->url);
	if (status == 401)
		return err_set(e, ERR_DENIED,
			b->has_token ? "the broker at %s refuses the token in "
				       "--token-file"
				     : "the broker at %s asks for a token: "
				       "give --token-file",
			b->url);
	if (status == 500 && e)
		return e->code = ERR_DAMAGED; /* and not away */
	return code;
}

int broker_get(const struct broker_client *b, json_t **out, struct err *e,
	const char *path, ...)
{
	char url[BROKER_URL_BYTES + PATH_BYTES], text[PATH_BYTES];
	struct http_call call;
	int status = 0, rc;
	va_list ap;

	va_start(ap, path);
	vsnprintf(text, sizeof(text), path, ap);
	va_end(ap);
	call = call_to(b, "GET", text, url);
	rc = http_call_json(&call, out, &status, e);
	return rc ? explain(b, rc, status, e) : 0;
}

int broker_post(const struct broker_client *b, const char *path,
	const json_t *body, const char *idempotency_key, json_t **out,
	struct err *e)
{
	char url[BROKER_URL_BYTES + PATH_BYTES];
	struct http_call call = call_to(b, "POST", path, url);
	int status = 0, rc;

	call.json = body;
	call.idempotency_key = idempotency_key;
	rc = http_call_json(&call, out, &status, e);
	return rc ? explain(b, rc, status, e) : 0;
}

int broker_put(const struct broker_client *b, const char *path,
	const struct broker_body *body, json_t **out, struct err *e)
{
	char url[BROKER_URL_BYTES + PATH_BYTES];
	struct http_call call = call_to(b, "PUT", path, url);
	int status = 0, rc;

	call.json = body->json;
	call.bytes = body->bytes;
	call.n_bytes = body->n;
	if (body->slow)
		call.timeout_ms = SLOW_MS;
	rc = http_call_json(&call, out, &status, e);
	return rc ? explain(b, rc, status, e) : 0;
}

int broker_get_bytes(const struct broker_client *b, const char *path,
	struct http_answer *out, struct err *e)
{
	char url[BROKER_URL_BYTES + PATH_BYTES];
	struct http_call call = call_to(b, "GET", path, url);
	int rc;

	call.timeout_ms = DOWNLOAD_MS;
	call.answer_max = WEIGHTS_MAX;
	rc = http_call(&call, out, e);
	if (rc)
		return explain(b, rc, 0, e);
	if (out->status != 401)
		return 0;
	http_answer_release(out);
	return explain(b, ERR_DENIED, 401, e);
}

int broker_download(const struct broker_client *b, const char *path,
	const char *file, struct err *e)
{
	struct http_answer answer;
	int rc = broker_get_bytes(b, path, &answer, e);

	if (rc)
		return rc;
	if (answer.status == 200)
		rc = output_write(file, answer.body, answer.n, e);
	else if (answer.status == 409)
		rc = err_set(e, ERR_CONFLICT,
			"the run is not finished, so its champion has no "
			"weights yet");
	else
		rc = err_set(e,
			answer.status == 404 ? ERR_NOT_FOUND : ERR_CONFLICT,
			"the broker has no weights to give (status %d)",
			answer.status);
	http_answer_release(&answer);
	return rc;
}

/* A broker's 503 says what is missing. */
static int is_problem(const struct http_answer *a, struct err *why)
{
	json_t *v = a->status == 503 ? doc_parse(a->body, a->n, NULL) : NULL;
	const char *text = json_string_value(json_object_get(v, "error"));
	const int yes = text != NULL;

	if (yes && field_printable(text))
		err_set(why, ERR_BUSY, "%s", text);
	json_decref(v);
	return yes;
}

/* Genome and evolutioner answer, too; a broker of before says no name. */
static int is_broker(const struct http_answer *a)
{
	json_t *v = doc_parse(a->body, a->n, NULL);
	const json_t *name = json_object_get(v, "service");
	const int yes = v && (!name || (json_is_string(name) &&
					       strcmp(json_string_value(name),
						       "broker") == 0));

	json_decref(v);
	return yes;
}

enum broker_presence broker_look(const struct broker_client *b, struct err *why)
{
	char url[BROKER_URL_BYTES + PATH_BYTES];
	struct http_call call = call_to(b, "GET", "/readyz", url);
	struct http_answer answer;
	enum broker_presence there;

	call.timeout_ms = 5000;
	call.connect_ms = 2000;
	if (http_call(&call, &answer, NULL))
		return BROKER_ABSENT;
	there = BROKER_STRANGER;
	if (answer.status == 200 && is_broker(&answer))
		there = BROKER_READY;
	else if (is_problem(&answer, why))
		there = BROKER_UNREADY;
	http_answer_release(&answer);
	return there;
}
