/* dispatch_backend.h -- what a way of handing out jobs must do: the verbs
 * behind dispatch.h, where their contracts stand.
 *
 * A backend lives in files of its own, embeds struct dispatch as the first
 * member of what it is, and is found by its schemes in the table of
 * dispatch.c. */
#ifndef DISPATCH_DISPATCH_BACKEND_H
#define DISPATCH_DISPATCH_BACKEND_H

#include "dispatch/dispatch.h"

struct dispatch_backend {
	const char *schemes; /* of its URLs, up to a colon or the end; words */

	struct dispatch *(*open)(
		const struct dispatch_options *o, struct err *e);
	void (*free)(struct dispatch *d);
	void (*submit)(struct dispatch *d, const struct dispatch_job *job);
	int (*take)(struct dispatch *d, int64_t wait_ms,
		struct dispatch_result *out);
	void (*done)(struct dispatch *d, const char *id);
	void (*cancel)(struct dispatch *d, const char *prefix);
	void (*hold)(struct dispatch *d, const char *prefix);
	void (*load)(struct dispatch *d, const char *prefix,
		struct dispatch_load *out);
	int (*join)(struct dispatch *d, const struct dispatch_member *m,
		struct err *e);
	int (*leave)(struct dispatch *d, const char *id, struct err *e);
	int (*report)(struct dispatch *d, const struct dispatch_caller *c,
		const json_t *report, struct err *e);
	int (*orders)(struct dispatch *d, const char *id, int now, char **text);
	void (*hung_up)(struct dispatch *d, const char *id);
	int (*weights)(struct dispatch *d, const char *id, const char *job,
		const void *bytes, size_t n, struct err *e);
	size_t (*workers)(struct dispatch *d, struct arena *mem,
		struct dispatch_worker **out);
	void (*depth)(struct dispatch *d, struct dispatch_queue *out);
};

struct dispatch {
	const struct dispatch_backend *verbs;
};

/* The backends; each in a file of its name. */
extern const struct dispatch_backend dispatch_http, dispatch_nats;

#endif
