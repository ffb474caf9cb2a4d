/* exit_codes.c -- from an error's code to the exit status. */
#include "cli/options/exit_codes.h"

#include <stddef.h>

const struct exit_meaning exit_meanings[] = {
	{EXIT_OK, "done"},
	{EXIT_FAILED, "failed: the run failed or was cancelled, or a service "
		      "could not start"},
	{EXIT_USAGE, "a flag or a setting is wrong"},
	{EXIT_UNREACHABLE, "the broker does not answer"},
	{EXIT_NOT_FOUND, "no such run, champion or data set"},
	{EXIT_INTERRUPTED, "interrupted; a run that was going can be "
			   "continued"},
	{0, NULL},
};

int exit_code_of(const struct err *e)
{
	switch (e->code) {
	case ERR_INVALID:
	case ERR_RANGE:
	case ERR_TOO_BIG:
	case ERR_DENIED: return EXIT_USAGE;
	case ERR_WORLD:
	case ERR_BUSY: return EXIT_UNREACHABLE;
	case ERR_NOT_FOUND: return EXIT_NOT_FOUND;
	case ERR_CANCELLED: return EXIT_INTERRUPTED;
	default: return EXIT_FAILED;
	}
}
