/* remote_fetch.h -- the files of a remote set, brought into a folder.
 *
 * What has arrived stays when the connection breaks or we are killed, and is
 * gone on with where the server can say that the file is the same. */
#ifndef DATA_REMOTE_FETCH_H
#define DATA_REMOTE_FETCH_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "data/remote_policy.h"
#include "data/remote_set.h"

struct remote_state; /* what the servers say of each file */

struct remote_fetch {
	const struct remote_set *set;
	const struct remote_policy *policy;
	int (*stop)(void *ctx); /* NULL: never.  True: ERR_CANCELLED */
	/* Bytes that are here, of all.  NULL: nobody wants to know. */
	void (*told)(void *ctx, uint64_t done, uint64_t all);
	void *ctx;
};

/* Asks the servers what the files are, and adds to the key what changes when
 * they do.  NULL with ERR_NOT_FOUND, ERR_DENIED (also of a place that a
 * redirect leads to), ERR_CANCELLED, ERR_WORLD; the sentence names the file. */
struct remote_state *remote_look(
	const struct remote_fetch *f, struct sha256 *key, struct err *e);

/* NULL is allowed. */
void remote_state_free(struct remote_state *s);

/* Brings them into the folder, which is there, by their names.  ERR_WORLD,
 * ERR_CANCELLED, ERR_NOT_FOUND, ERR_DENIED; ERR_CONFLICT when a file has
 * changed meanwhile. */
int remote_bring(const struct remote_fetch *f, const struct remote_state *s,
	const char *folder, struct err *e);

#endif
