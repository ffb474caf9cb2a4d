/* command.c -- how every subcommand ends that cannot do its work. */
#include "cli/options/command.h"

#include <stdio.h>

int command_fail(const struct err *e)
{
	fprintf(stderr, "nevod: %s\n", e->text);
	return exit_code_of(e);
}

int command_fail_here(const struct err *e)
{
	int status = command_fail(e);

	return status == EXIT_UNREACHABLE ? EXIT_FAILED : status;
}
