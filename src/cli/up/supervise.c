/* supervise.c -- one loop over signals, exits and restarts. */
#include "cli/up/supervise.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hangup.h"
#include "cli/up/spawn.h"

#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 5000
#define HEALTHY_MS 10000 /* alive so long: the next failure is a new one */
#define STOP_MS 10000    /* given to a clean stop */
#define PROBE_MS 100
#define LOOK_MS 2000
#define FALSE_STARTS_MAX 5

struct kept {
	struct child child; /* pid 0 while it waits for its restart */
	int64_t started_ms, restart_ms;
	int64_t pause_ms;
	int ready;           /* has been, once */
	int false_starts;    /* ends before the first readiness */
	int64_t answered_ms; /* last; 0: not since its start */
};

struct loop {
	const struct supervision *s;
	struct kept kept[SUPERVISED_MAX];
	int signals;     /* signalfd */
	int announced;   /* all_ready was called */
	int64_t look_ms; /* when to ask next whether they answer */
	int stopping;    /* signals so far that asked for the end */
	int64_t kill_ms; /* when patience ends, once stopping */
	int failed;      /* a child cannot start; `why` says it */
	struct err why;
};

/* -- stopping -- */

static void signal_children(struct loop *l, int sig)
{
	for (size_t i = 0; i < l->s->n; i++) {
		pid_t pid = l->kept[i].child.pid;

		/* A clean stop is the service's own work; a kill is for the
		 * whole group, since nobody will tidy up after it. */
		if (pid)
			kill(sig == SIGKILL ? -pid : pid, sig);
	}
}

static void stop(struct loop *l)
{
	l->stopping++;
	if (l->stopping > 2)
		return;
	if (l->stopping == 2) {
		signal_children(l, SIGKILL);
		return;
	}
	l->kill_ms = clock_mono_ms() + STOP_MS;
	signal_children(l, SIGTERM);
}

static int any_alive(const struct loop *l)
{
	for (size_t i = 0; i < l->s->n; i++)
		if (l->kept[i].child.pid)
			return 1;
	return 0;
}

/* -- starting and restarting -- */

static void start_child(struct loop *l, size_t i)
{
	const struct supervised *what = &l->s->children[i];
	struct kept *k = &l->kept[i];
	struct err e;

	k->started_ms = clock_mono_ms();
	k->answered_ms = 0;
	if (child_spawn(&k->child, what->path, what->argv, -1, &e) == 0)
		return;
	log_error(l->s->log, "child-not-started", log_text("child", what->name),
		log_reason(e.text));
	k->restart_ms = k->started_ms + PAUSE_MAX_MS;
}

/* Says in the log how a child ended. */
static void log_end(const struct loop *l, size_t i, int status)
{
	const char *name = l->s->children[i].name;

	if (WIFSIGNALED(status))
		log_warn(l->s->log, "child-ended", log_text("child", name),
			log_int("signal", WTERMSIG(status)));
	else
		log_warn(l->s->log, "child-ended", log_text("child", name),
			log_int("status", WEXITSTATUS(status)));
}

static void child_ended(struct loop *l, size_t i, int status)
{
	struct kept *k = &l->kept[i];
	int64_t now = clock_mono_ms();

	child_forget(&k->child);
	if (l->stopping)
		return;
	log_end(l, i, status);
	if (!k->ready && ++k->false_starts == FALSE_STARTS_MAX) {
		l->failed = err_set(&l->why, ERR_WORLD,
			"the %s service could not start, %d times; its "
			"reason stands in the log",
			l->s->children[i].name, k->false_starts);
		stop(l);
		return;
	}
	if (k->pause_ms == 0 || now - k->started_ms >= HEALTHY_MS)
		k->pause_ms = PAUSE_MIN_MS;
	else if (k->pause_ms < PAUSE_MAX_MS / 2)
		k->pause_ms *= 2;
	else
		k->pause_ms = PAUSE_MAX_MS;
	k->restart_ms = now + k->pause_ms;
}

static void reap(struct loop *l)
{
	for (size_t i = 0; i < l->s->n; i++) {
		int status;
		pid_t pid = l->kept[i].child.pid;

		if (pid && waitpid(pid, &status, WNOHANG) == pid)
			child_ended(l, i, status);
	}
}

static void restart_due(struct loop *l)
{
	int64_t now = clock_mono_ms();

	if (l->stopping)
		return;
	for (size_t i = 0; i < l->s->n; i++)
		if (!l->kept[i].child.pid && now >= l->kept[i].restart_ms)
			start_child(l, i);
}

/* -- readiness -- */

static void probe(struct loop *l)
{
	size_t ready = 0;

	if (l->announced || l->stopping)
		return;
	for (size_t i = 0; i < l->s->n; i++) {
		struct kept *k = &l->kept[i];

		if (!k->ready && k->child.pid)
			k->ready = l->s->ready(l->s->ctx, i);
		ready += k->ready != 0;
	}
	if (ready == l->s->n) {
		l->announced = 1;
		l->s->all_ready(l->s->ctx);
	}
}

/* -- health -- */

/* Its group, for the children that it will not tidy up. */
static void end_hung(struct loop *l, size_t i)
{
	log_warn(l->s->log, "child-hung",
		log_text("child", l->s->children[i].name));
	kill(-l->kept[i].child.pid, SIGKILL);
}

static void look(struct loop *l, size_t i)
{
	const int64_t hung_ms = l->s->hung_ms ? l->s->hung_ms
					      : SUPERVISE_HUNG_MS;
	struct kept *k = &l->kept[i];

	if (l->s->alive(l->s->ctx, i))
		k->answered_ms = clock_mono_ms();
	else if (k->answered_ms && clock_mono_ms() - k->answered_ms > hung_ms)
		end_hung(l, i);
}

static void look_at_all(struct loop *l)
{
	if (l->stopping || !l->announced || clock_mono_ms() < l->look_ms)
		return;
	for (size_t i = 0; i < l->s->n; i++)
		if (l->kept[i].child.pid)
			look(l, i);
	l->look_ms = clock_mono_ms() + LOOK_MS;
}

/* -- the loop -- */

static void take_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			stop(l);
}

/* Milliseconds until something is due. */
static int wait_ms(const struct loop *l)
{
	int64_t now = clock_mono_ms(), due = INT64_MAX;

	if (!l->announced && !l->stopping)
		due = now + PROBE_MS;
	if (l->announced && !l->stopping)
		due = l->look_ms;
	if (l->stopping)
		due = l->kill_ms;
	for (size_t i = 0; !l->stopping && i < l->s->n; i++)
		if (!l->kept[i].child.pid && l->kept[i].restart_ms < due)
			due = l->kept[i].restart_ms;
	return due > now ? (int)(due - now) : 0;
}

/* Returns whether our own supervisor is still there. */
static int wait_for_something(struct loop *l, int leashed)
{
	struct pollfd fds[2] = {
		{.fd = l->signals, .events = POLLIN},
		{.fd = leashed ? STDIN_FILENO : -1, .events = POLLIN},
	};
	char byte;

	if (poll(fds, 2, wait_ms(l)) < 0)
		return leashed;
	if (!(fds[1].revents & (POLLIN | POLLHUP | POLLERR)))
		return leashed;
	if (read(STDIN_FILENO, &byte, 1) > 0)
		return leashed;
	stop(l);
	return 0;
}

static int open_signals(struct err *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (!hangup_is_ignored())
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return err_set(e, ERR_WORLD, "cannot watch for signals: %s",
			strerror(errno));
	return fd;
}

int supervise(const struct supervision *s, struct err *e)
{
	struct loop l = {.s = s};
	int leashed = s->leashed;

	assert(s->n <= SUPERVISED_MAX);
	l.signals = open_signals(e);
	if (l.signals < 0)
		return l.signals;
	while (!l.stopping || any_alive(&l)) {
		restart_due(&l);
		probe(&l);
		look_at_all(&l);
		leashed = wait_for_something(&l, leashed);
		take_signals(&l);
		reap(&l);
		if (l.stopping == 1 && clock_mono_ms() >= l.kill_ms)
			stop(&l);
	}
	close(l.signals);
	if (l.failed)
		return err_set(e, l.failed, "%s", l.why.text);
	if (l.stopping > 1)
		return err_set(e, ERR_CANCELLED, "killed the services");
	return 0;
}
