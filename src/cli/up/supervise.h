/* supervise.h -- keeps child processes running, and takes them along.
 *
 * A child that ends is started again, after a pause that doubles from 100 ms
 * to 5 s while it keeps failing.  One that lives and has stopped answering is
 * killed, and so started again.  SIGINT, SIGTERM or SIGHUP stop all children
 * cleanly (SIGTERM, then SIGKILL after 10 s); a second one kills at once.  If
 * we are killed ourselves, the children see their standard input end and end
 * too (spawn.h). */
#ifndef CLI_UP_SUPERVISE_H
#define CLI_UP_SUPERVISE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"

#define SUPERVISED_MAX 8
#define SUPERVISE_HUNG_MS 20000

struct supervised {
	const char *name; /* for the log */
	const char *path; /* of the program */
	const char *const *argv;
};

struct supervision {
	const struct supervised *children;
	size_t n; /* at most SUPERVISED_MAX */
	const struct log *log;
	int leashed; /* standard input is a pipe: its end is a SIGTERM */
	/* True once children[i] can do its work; asked about ten times a
	 * second until it says so. */
	int (*ready)(void *ctx, size_t i);
	/* True if children[i] answers; asked every few seconds.  One that has
	 * answered since its start and then does not for SUPERVISE_HUNG_MS is
	 * killed. */
	int (*alive)(void *ctx, size_t i);
	int64_t hung_ms; /* 0: SUPERVISE_HUNG_MS */
	/* Called once, when every child has been ready. */
	void (*all_ready)(void *ctx);
	void *ctx;
};

/* Runs the children until told to stop; from the call on, this thread takes
 * SIGINT, SIGTERM, SIGHUP and SIGCHLD.  0 after a clean stop.  ERR_CANCELLED:
 * a second signal killed the children.  ERR_WORLD: a child ended five times
 * without ever having been ready, so that trying on is no use; the others have
 * been stopped.  No child is left in any case. */
int supervise(const struct supervision *s, struct err *e);

#endif
