/* exit_codes.c -- from an error's code to the exit status. */
#include "cli/options/exit_codes.h"

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
