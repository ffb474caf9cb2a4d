/* train_again.h -- one training of a stored run, done once more and compared
 * bit for bit with what the store has of it. */
#ifndef CLI_REMOTE_TRAIN_AGAIN_H
#define CLI_REMOTE_TRAIN_AGAIN_H

#include <stdint.h>

#include "cli/client/broker_client.h"
#include "cli/client/evolutioner_client.h"

enum again_verdict {
	AGAIN_AGREES,
	AGAIN_DIFFERS,
	AGAIN_IMPOSSIBLE, /* the job cannot be made, or trained here */
};
/* "agrees", "differs" or "impossible". */
const char *again_verdict_name(enum again_verdict v);

struct again {
	enum again_verdict verdict;
	char text[300]; /* what differs, or why it is impossible; or "" */
	double fitness; /* of now; 0 where there is none */
	double loss;    /* likewise; below 0 where there is none */
};

/* Trains the genome at that rung of the run again.  0 with a verdict; the
 * errors of broker_get where there is no such training, and ERR_WORLD,
 * ERR_CANCELLED of evolutioner_train. */
int train_again(const struct broker_client *b,
	const struct evolutioner_client *v, const char *run, int64_t genome,
	int rung, struct again *out, struct err *e);

/* Notes that they differ, if they do, unless something before differed. */
void again_compare(
	struct again *a, const char *what, double stored, double again);

#endif
