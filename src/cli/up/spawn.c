/* spawn.c -- posix_spawn with a pipe for a leash. */
#include "cli/up/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include "base/hangup.h"

extern char **environ;

/* Own group, no signal blocked, and none ignored but a hangup that already is:
 * `nohup nevod up` is for its services, too. */
static void set_attributes(posix_spawnattr_t *a)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	if (hangup_is_ignored())
		sigdelset(&all, SIGHUP);
	posix_spawnattr_setflags(a, POSIX_SPAWN_SETPGROUP |
					    POSIX_SPAWN_SETSIGMASK |
					    POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(a, 0);
	posix_spawnattr_setsigmask(a, &none);
	posix_spawnattr_setsigdefault(a, &all);
}

int child_spawn(struct child *c, const char *path, const char *const *argv,
	int log_fd, struct err *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int ends[2], failed;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return err_set(e, ERR_WORLD, "cannot make a pipe: %s",
			strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
	if (log_fd >= 0) {
		posix_spawn_file_actions_adddup2(
			&actions, log_fd, STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(
			&actions, log_fd, STDERR_FILENO);
	}
	posix_spawnattr_init(&attributes);
	set_attributes(&attributes);
	failed = posix_spawn(&pid, path, &actions, &attributes,
		(char *const *)(const void *)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	if (failed) {
		close(ends[1]);
		return err_set(e, ERR_WORLD, "cannot start %s: %s", path,
			strerror(failed));
	}
	*c = (struct child){.pid = pid, .pipe = ends[1]};
	return 0;
}

void child_forget(struct child *c)
{
	if (c->pid)
		close(c->pipe);
	*c = (struct child){.pid = 0, .pipe = -1};
}
