/* spawn.h -- a child process that cannot outlive us.
 *
 * Its standard input is a pipe whose other end we hold: it ends itself when
 * that closes, however we died (`--supervised`).  It leads a process group of
 * its own, so that a Ctrl-C at the terminal reaches us alone. */
#ifndef CLI_UP_SPAWN_H
#define CLI_UP_SPAWN_H

#include <sys/types.h>

#include "base/err.h"

struct child {
	pid_t pid; /* 0: none */
	int pipe;  /* our end, close-on-exec */
};

/* Our own executable, whatever its path is by now. */
#define SPAWN_SELF "/proc/self/exe"

/* Starts the program at `path` with default signal handling; `log_fd` becomes
 * its standard output and error, or -1 leaves them ours.  ERR_WORLD. */
int child_spawn(struct child *c, const char *path, const char *const *argv,
	int log_fd, struct err *e);

/* Closes the pipe of a child that has been waited for. */
void child_forget(struct child *c);

#endif
