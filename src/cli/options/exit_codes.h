/* exit_codes.h -- what the exit status of every subcommand means.
 */
#ifndef CLI_OPTIONS_EXIT_CODES_H
#define CLI_OPTIONS_EXIT_CODES_H

#include "base/err.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,        /* the run failed, a service could not start */
	EXIT_USAGE = 2,         /* a flag or a setting is wrong: fix it */
	EXIT_UNREACHABLE = 3,   /* the broker does not answer: try again */
	EXIT_NOT_FOUND = 4,     /* no such run, champion or data set */
	EXIT_INTERRUPTED = 130, /* by a signal; a run can be continued */
};

/* What each means, in a line, as `nevod help` and the manual say it; ends with
 * meaning NULL. */
extern const struct exit_meaning {
	int status;
	const char *meaning;
} exit_meanings[];

/* The exit status for an error's code. */
int exit_code_of(const struct err *e);

#endif
