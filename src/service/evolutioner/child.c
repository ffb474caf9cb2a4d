/* child.c -- spawn, feed, listen, bury.
 *
 * Never fork(): a copy of a threaded server holds locks nobody will release.
 * The child inherits two pipes and standard error alone, so that it keeps no
 * port and no other child's pipe open. */
#include "service/evolutioner/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/doc.h"

#define LOOK_MS 100
#define LOOK_AT_CPU_MS 1000
#define STAT_BYTES 1024
#define LINE_MAX_BYTES ((size_t)4 << 20)
#define PIECE_BYTES 65536

extern char **environ;

struct job_child {
	const struct child_task *task;
	pid_t pid;
	int in, out; /* our ends of its standard input and output */
	struct buf line;
	struct buf weights; /* after the result's line */
	size_t n_weights;   /* bytes that are to come */
	json_t *result;
	int64_t heard_ms;
	/* Its CPU time in clock ticks, when that was last looked at, and since
	 * when it is that. */
	long long ticks;
	int64_t looked_ms, idle_ms;
	struct child_outcome *outcome;
};

static void end_as(struct job_child *c, enum child_end end, const char *code,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The first reason counts: what follows is its consequence. */
static void end_as(struct job_child *c, enum child_end end, const char *code,
	const char *fmt, ...)
{
	struct child_outcome *o = c->outcome;
	va_list ap;

	if (o->code[0])
		return;
	o->end = end;
	snprintf(o->code, sizeof o->code, "%s", code);
	va_start(ap, fmt);
	vsnprintf(o->reason, sizeof o->reason, fmt, ap);
	va_end(ap);
}

/* -- start -- */

static int spawn(struct job_child *c, int in, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, pipe_only;
	int rc;

	sigemptyset(&none);
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawnattr_init(&attr);
	/* The server blocks signals and ignores SIGPIPE; the child does not. */
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipe_only);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawn(&c->pid, c->task->argv[0], &files, &attr,
		c->task->argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int start(struct job_child *c)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, rc;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		rc = errno;
	else
		rc = spawn(c, in[0], out[1]);
	close_fd(&in[0]);
	close_fd(&out[1]);
	c->in = in[1];
	c->out = out[0];
	if (rc)
		end_as(c, CHILD_WORLD, "spawn", "cannot start a child: %s",
			strerror(rc));
	return rc;
}

/* A job's line is far shorter than a pipe's buffer, so this waits for nobody.
 * A failure means that the child is dead, and its status will tell why. */
static void feed(struct job_child *c)
{
	const char *parts[] = {c->task->input, "\n"};

	for (int i = 0; i < 2; i++) {
		size_t n = strlen(parts[i]), done = 0;

		while (done < n) {
			ssize_t k = write(c->in, parts[i] + done, n - done);

			if (k < 0 && errno != EINTR)
				return;
			done += k < 0 ? 0 : (size_t)k;
		}
	}
}

/* -- listen -- */

static int nonsense(struct job_child *c, const char *what)
{
	end_as(c, CHILD_WORLD, "protocol", "the child wrote %s", what);
	return -1;
}

static int take_progress(struct job_child *c, const json_t *p)
{
	int64_t images, total;

	if (doc_int(p, "", "images", 0, INT64_MAX, &images, NULL) ||
		doc_int(p, "", "total", 0, INT64_MAX, &total, NULL))
		return nonsense(c, "progress without numbers");
	c->task->progress(c->task->ctx, images, total);
	return 0;
}

static int take_result(struct job_child *c, json_t *result)
{
	const json_t *weights = NULL;
	int64_t bytes = 0;

	if (doc_obj_opt(result, "", "weights", &weights, NULL) ||
		(weights && doc_int(weights, "", "bytes", 0, CHILD_WEIGHTS_MAX,
				    &bytes, NULL)))
		return nonsense(c, "a result with impossible weights");
	c->n_weights = (size_t)bytes;
	c->result = json_incref(result);
	return 0;
}

static int take_error(struct job_child *c, const json_t *sentence)
{
	end_as(c, CHILD_WORLD, "world", "%s", json_string_value(sentence));
	return 0;
}

static int take_line(struct job_child *c)
{
	json_t *v = doc_parse(c->line.data, c->line.len, NULL), *member;
	int rc;

	if (!v)
		return nonsense(c, "a line that is no JSON");
	if ((member = json_object_get(v, "progress")))
		rc = take_progress(c, member);
	else if (json_is_object(member = json_object_get(v, "result")))
		rc = take_result(c, member);
	else if (json_is_string(member = json_object_get(v, "error")))
		rc = take_error(c, member);
	else
		rc = nonsense(c, "a line of no known kind");
	json_decref(v);
	buf_release(&c->line);
	return rc;
}

/* Bytes belong to a line until the result has come, then to the weights. */
static int take_bytes(struct job_child *c, const char *p, size_t n)
{
	while (n > 0 && !c->result) {
		const char *end = memchr(p, '\n', n);
		size_t k = end ? (size_t)(end - p) : n;

		if (buf_add(&c->line, p, k, NULL))
			return nonsense(c, "a line over the limit");
		if (end && take_line(c))
			return -1;
		k += end != NULL;
		p += k;
		n -= k;
	}
	if (n > c->n_weights - c->weights.len)
		return nonsense(c, "more than its result");
	return n ? buf_add(&c->weights, p, n, NULL) : 0;
}

/* Reads what there is.  1 to go on, 0 at the end of output, -1 on nonsense. */
static int hear(struct job_child *c)
{
	char piece[PIECE_BYTES];
	ssize_t n = read(c->out, piece, sizeof piece);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : 0;
	if (n == 0)
		return 0;
	c->heard_ms = clock_mono_ms();
	return take_bytes(c, piece, (size_t)n) ? -1 : 1;
}

/* CPU time that a process has used, in clock ticks; -1 if that is not to be
 * had.  Its name, in parentheses, may hold anything. */
static long long cpu_ticks(pid_t pid)
{
	unsigned long long user = 0, system = 0;
	char path[64], text[STAT_BYTES], *end;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof text - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1,
			    " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
			    "%llu %llu",
			    &user, &system) != 2)
		return -1;
	return (long long)(user + system);
}

/* Training computes all the time: a process that does not hangs, or somebody
 * has stopped it. */
static int is_idle(struct job_child *c)
{
	const int64_t now_ms = clock_mono_ms();
	long long ticks;

	if (now_ms - c->looked_ms < LOOK_AT_CPU_MS)
		return 0;
	c->looked_ms = now_ms;
	ticks = cpu_ticks(c->pid);
	if (ticks != c->ticks || ticks < 0)
		c->idle_ms = now_ms;
	c->ticks = ticks;
	return now_ms - c->idle_ms >= c->task->idle_ms;
}

static int overdue(struct job_child *c)
{
	if (c->task->unwanted(c->task->ctx)) {
		end_as(c, CHILD_UNWANTED, "cancelled",
			"the job is no longer wanted");
		return 1;
	}
	if (is_idle(c)) {
		end_as(c, CHILD_WORLD, "idle",
			"the training process used no CPU time for %d s",
			(int)(c->task->idle_ms / 1000));
		return 1;
	}
	if (clock_mono_ms() - c->heard_ms < c->task->quiet_ms)
		return 0;
	end_as(c, CHILD_WORLD, "silent", "the child made no progress for %d s",
		(int)(c->task->quiet_ms / 1000));
	return 1;
}

/* Until the child closes its output, or has to go. */
static void listen_to(struct job_child *c)
{
	struct pollfd p = {.fd = c->out, .events = POLLIN};
	int more = 1;

	c->heard_ms = c->idle_ms = clock_mono_ms();
	while (more > 0) {
		if (overdue(c))
			break;
		if (poll(&p, 1, LOOK_MS) > 0)
			more = hear(c);
	}
	/* When a child's end closed its output its status is set already; one
	 * that closed it and lives on has nothing more to say. */
	kill(c->pid, SIGKILL);
}

/* -- bury -- */

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static void judge(struct job_child *c, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (sig == SIGSEGV || sig == SIGFPE)
		end_as(c, CHILD_CRASH, "crash",
			"the training process died of %s", strsignal(sig));
	else if (sig)
		end_as(c, CHILD_WORLD, "signal",
			"the training process was ended by %s", strsignal(sig));
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		end_as(c, CHILD_WORLD, "exit",
			"the training process ended with status %d",
			WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	else if (!c->result || c->weights.len != c->n_weights)
		end_as(c, CHILD_WORLD, "protocol",
			"the training process ended without a whole result");
}

static void hand_over(struct job_child *c)
{
	struct child_outcome *o = c->outcome;

	if (o->code[0])
		return;
	o->end = CHILD_RESULT;
	o->result = c->result;
	c->result = NULL;
	o->n_weights = c->n_weights;
	if (o->n_weights)
		o->weights = buf_take(&c->weights);
}

void child_run(const struct child_task *t, struct child_outcome *out)
{
	struct job_child c = {.task = t, .outcome = out};

	*out = (struct child_outcome){0};
	buf_init(&c.line, LINE_MAX_BYTES);
	buf_init(&c.weights, CHILD_WEIGHTS_MAX);
	if (start(&c) == 0) {
		feed(&c);
		listen_to(&c);
		judge(&c, wait_for(c.pid));
		hand_over(&c);
	}
	close_fd(&c.in);
	close_fd(&c.out);
	json_decref(c.result);
	buf_release(&c.line);
	buf_release(&c.weights);
}
