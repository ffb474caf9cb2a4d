/* hangup.c -- asks for the disposition that was handed down. */
#include "base/hangup.h"

#include <signal.h>
#include <stddef.h>

int hangup_is_ignored(void)
{
	struct sigaction now;

	return sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}
