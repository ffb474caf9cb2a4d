/* interrupt.h -- Ctrl-C in a subcommand that waits: the first asks for the end,
 * the second is at once.  Only for subcommands that serve nothing. */
#ifndef CLI_OPTIONS_INTERRUPT_H
#define CLI_OPTIONS_INTERRUPT_H

#include <sys/types.h>

/* From now on SIGINT, SIGTERM and SIGHUP (unless it is ignored, as by nohup)
 * are counted; the second ends the process with status 130. */
void interrupt_catch(void);

/* True after the first; of the type that http_call's `cancelled` has. */
int interrupted(void *unused);

/* The process that a second signal kills before us; 0 for none. */
void interrupt_takes_along(pid_t pid);

#endif
