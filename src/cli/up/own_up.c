/* own_up.c -- starts, watches and stops a `nevod up`. */
#include "cli/up/own_up.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/options/interrupt.h"

#define START_MS 60000
#define SAY_MS 3000   /* why it takes longer */
#define STOP_MS 15000 /* longer than `up` waits for its own children */
#define LOOK_MS 50
#define NUMBER_BYTES 24
#define COMPLAINT_BYTES 256
#define LOG_LINE_BYTES 8192

static int open_log(const struct up_plan *p, struct own_up *u, struct err *e)
{
	char folder[PATH_MAX];
	int fd, rc;

	if (snprintf(folder, sizeof(folder), "%s/log", p->data_dir) >=
			PATH_MAX ||
		snprintf(u->log, sizeof(u->log), "%s/log/up.log",
			p->data_dir) >= PATH_MAX)
		return err_set(e, ERR_INVALID, "--data-dir is too long");
	rc = file_mkdirs(folder, e);
	if (rc)
		return rc;
	fd = open(u->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, ERR_WORLD, "cannot write %s: %s", u->log,
			strerror(errno));
	u->log_start = (long)lseek(fd, 0, SEEK_END);
	return fd;
}

/* A line in which a service, or `up`, says why it ends: as it is, or as a
 * person reads one that is JSON.  False for any other. */
static int read_complaint(const char *line, char out[COMPLAINT_BYTES])
{
	const char *service, *message, *reason, *level;
	json_t *v = line[0] == '{' ? json_loads(line, 0, NULL) : NULL;
	int is = strstr(line, " ERROR ") || strncmp(line, "nevod: ", 7) == 0 ||
		 (strncmp(line, "nevod ", 6) == 0 && strstr(line, ": "));

	if (json_unpack(v, "{s:s, s:s, s:s, s:s}", "level", &level, "service",
		    &service, "message", &message, "reason", &reason) == 0) {
		is = strcmp(level, "ERROR") == 0;
		snprintf(out, COMPLAINT_BYTES, "%s %s: %s", service, message,
			reason);
	} else {
		snprintf(out, COMPLAINT_BYTES, "%.*s", (int)strcspn(line, "\n"),
			line);
	}
	json_decref(v);
	return is;
}

/* The first complaint of our services, which is the cause of the later ones;
 * "" when they made none. */
static void find_complaint(const struct own_up *u, char out[COMPLAINT_BYTES])
{
	FILE *f = fopen(u->log, "re");
	char line[LOG_LINE_BYTES];
	int found = 0;

	if (f && fseek(f, u->log_start, SEEK_SET) == 0)
		while (!found && fgets(line, sizeof(line), f))
			found = read_complaint(line, out);
	if (!found)
		out[0] = '\0';
	if (f)
		fclose(f);
}

static int spawn_up(
	struct own_up *u, const struct up_plan *p, int log_fd, struct err *e)
{
	char slots[NUMBER_BYTES], port[UP_SERVICES][NUMBER_BYTES];
	const char *argv[] = {"nevod", "up", "--supervised", "--data-dir",
		p->data_dir, "--slots", slots, "--broker-port", port[UP_BROKER],
		"--genome-port", port[UP_GENOME], "--evolutioner-port",
		port[UP_EVOLUTIONER], "--no-tls",
		p->token_file ? "--token-file" : NULL, p->token_file, NULL};

	snprintf(slots, sizeof(slots), "%d", (int)p->slots);
	for (int i = 0; i < UP_SERVICES; i++)
		snprintf(port[i], NUMBER_BYTES, "%d", p->ports[i]);
	return child_spawn(&u->child, SPAWN_SELF, argv, log_fd, e);
}

/* Waits until the broker is ready and both others serve it, since `up` says
 * nothing to us: a ready broker is all that a client needs. */
static int wait_ready(struct own_up *u, const struct broker_client *b,
	struct progress *progress, struct err *e)
{
	const int64_t begun_ms = clock_mono_ms();
	const int64_t give_up_ms = begun_ms + START_MS;
	struct err why = {0}, told = {0};

	while (broker_look(b, &why) != BROKER_READY) {
		if (clock_mono_ms() - begun_ms > SAY_MS &&
			strcmp(why.text, told.text) != 0) {
			progress_say(progress, "waiting: %s", why.text);
			told = why;
		}
		if (interrupted(NULL))
			return err_set(e, ERR_CANCELLED, "interrupted");
		if (own_up_ended(u, e))
			return e->code;
		if (clock_mono_ms() >= give_up_ms)
			return err_set(e, ERR_WORLD,
				"the services are not ready after %d s; their "
				"log is %s",
				START_MS / 1000, u->log);
		clock_sleep_ms(LOOK_MS);
	}
	return 0;
}

int own_up_start(struct own_up *u, const struct up_plan *p,
	const struct broker_client *b, struct progress *progress, struct err *e)
{
	int log_fd = open_log(p, u, e), rc;

	if (log_fd < 0)
		return log_fd;
	rc = spawn_up(u, p, log_fd, e);
	close(log_fd);
	if (rc)
		return rc;
	interrupt_takes_along(u->child.pid);
	rc = wait_ready(u, b, progress, e);
	if (rc)
		own_up_stop(u);
	return rc;
}

/* True once the child has ended; forgets it then. */
static int has_ended(struct own_up *u)
{
	int status;

	if (u->child.pid == 0)
		return 1;
	if (waitpid(u->child.pid, &status, WNOHANG) == 0)
		return 0;
	interrupt_takes_along(0);
	child_forget(&u->child);
	return 1;
}

int own_up_ended(void *own_up, struct err *e)
{
	struct own_up *u = own_up;
	char why[COMPLAINT_BYTES];

	if (!has_ended(u))
		return 0;
	find_complaint(u, why);
	return err_set(e, ERR_WORLD,
		"the services on this machine have ended%s%s (log: %s)",
		*why ? ": " : "", why, u->log);
}

int own_up_explain(const struct own_up *u, struct err *e)
{
	char why[COMPLAINT_BYTES];
	const struct err told = *e;

	find_complaint(u, why);
	return err_set(e, told.code, "%s%s%s (log: %s)", told.text,
		*why ? ": " : "", why, u->log);
}

void own_up_stop(struct own_up *u)
{
	int64_t kill_ms = clock_mono_ms() + STOP_MS;

	if (has_ended(u))
		return;
	kill(u->child.pid, SIGTERM);
	while (!has_ended(u)) {
		if (clock_mono_ms() >= kill_ms)
			kill(u->child.pid, SIGKILL);
		clock_sleep_ms(LOOK_MS / 5);
	}
}
