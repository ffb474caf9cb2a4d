/* interrupt.c -- two counters that a signal handler may touch. */
#include "cli/options/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "base/hangup.h"
#include "cli/options/exit_codes.h"

static volatile sig_atomic_t count;
static volatile sig_atomic_t companion; /* Linux keeps pids within an int */

static void on_signal(int sig)
{
	(void)sig;
	if (count++ == 0)
		return;
	if (companion > 0)
		kill((pid_t)companion, SIGKILL);
	_exit(EXIT_INTERRUPTED);
}

void interrupt_catch(void)
{
	struct sigaction a = {.sa_handler = on_signal, .sa_flags = 0};

	sigemptyset(&a.sa_mask);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	if (!hangup_is_ignored())
		sigaction(SIGHUP, &a, NULL);
	/* Output into a closed pipe, or too large a file, is an error of write,
	 * not the end. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

int interrupted(void *unused)
{
	(void)unused;
	return count > 0;
}

void interrupt_takes_along(pid_t pid)
{
	companion = (sig_atomic_t)pid;
}
