/* evolutioner_client.h -- a job trained by an evolutioner, as the command line
 * asks for it. */
#ifndef CLI_CLIENT_EVOLUTIONER_CLIENT_H
#define CLI_CLIENT_EVOLUTIONER_CLIENT_H

#include <jansson.h>

#include "cli/client/broker_client.h"

struct evolutioner_client {
	char url[BROKER_URL_BYTES]; /* without a slash at the end */
	const char *token;          /* or NULL */
};

/* From --evolutioner, with the token of the broker's client, which must
 * outlive it.  ERR_INVALID. */
int evolutioner_client_open(struct evolutioner_client *v,
	const struct options *o, const struct broker_client *b, struct err *e);

extern const struct option options_evolutioner[]; /* --evolutioner */

/* Submits the job, waits for its end, however long that takes, and has the
 * evolutioner forget it.  The result, also of a genome that failed, is a new
 * reference.  ERR_GENOME when the training's process crashed; ERR_RANGE,
 * ERR_NOT_FOUND and ERR_CONFLICT when this evolutioner cannot train it
 * (kernels, weights, data); ERR_WORLD, ERR_CANCELLED after an interrupt. */
int evolutioner_train(const struct evolutioner_client *v, const json_t *job,
	json_t **result, struct err *e);

#endif
