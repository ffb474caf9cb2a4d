/* child.h -- a training job in a child process, watched until its end.
 *
 * The child is an executable that keeps train_job.c's protocol on its standard
 * input and output.  Whatever it does -- finish, crash, hang, write nonsense --
 * becomes one of four outcomes. */
#ifndef SERVICE_EVOLUTIONER_CHILD_H
#define SERVICE_EVOLUTIONER_CHILD_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define CHILD_REASON_MAX 400
#define CHILD_WEIGHTS_MAX ((size_t)1 << 30)

struct child_task {
	char *const *argv; /* argv[0] is the executable's path */
	const char *input; /* one line, without its newline */
	int64_t quiet_ms;  /* a child without news for that long is killed, */
	int64_t idle_ms;   /* and so is one that uses no CPU time so long */

	/* Called about ten times a second; true kills the child. */
	int (*unwanted)(void *ctx);
	void (*progress)(void *ctx, int64_t images, int64_t total);
	void *ctx;
};

enum child_end {
	CHILD_RESULT,
	CHILD_CRASH,    /* SIGSEGV or SIGFPE: perhaps the genome's doing */
	CHILD_WORLD,    /* any other end without a result */
	CHILD_UNWANTED, /* killed because `unwanted` said so */
};

struct child_outcome {
	enum child_end end;
	json_t *result; /* CHILD_RESULT: the document; the caller's */
	char *weights;  /* as many bytes as the result counts, or NULL */
	size_t n_weights;
	char code[24];                 /* otherwise: "signal", "exit", ... */
	char reason[CHILD_REASON_MAX]; /* and a sentence */
};

/* Starts the child and returns when it is gone; nothing of it is left. */
void child_run(const struct child_task *t, struct child_outcome *out);

#endif
