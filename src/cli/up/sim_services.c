/* sim_services.c -- two children, started and stopped. */
#include "cli/up/sim_services.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/options/interrupt.h"
#include "cli/up/up_plan.h"

#define START_MS 30000
#define LOOK_MS 20
#define PORT_BYTES 16
#define ARGS_MAX 24

static int start_one(struct child *c, const struct sim_place *p,
	const char *const *argv, struct err *e)
{
	char log[PATH_MAX];
	int fd, rc;

	snprintf(log, sizeof log, "%s/%s.log", p->folder, argv[1]);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, ERR_WORLD, "cannot write %s: %s", log,
			strerror(errno));
	rc = child_spawn(c, SPAWN_SELF, argv, fd, e);
	close(fd);
	return rc;
}

/* A broker that serves at all: it has no workers yet, so is not ready. */
static int wait_there(struct sim_services *s, struct err *e)
{
	const int64_t give_up_ms = clock_mono_ms() + START_MS;
	enum broker_presence there;

	for (;;) {
		there = broker_look(&s->client, NULL);
		if (there == BROKER_READY || there == BROKER_UNREADY)
			return 0;
		if (interrupted(NULL))
			return err_set(e, ERR_CANCELLED, "interrupted");
		if (waitpid(s->broker.pid, NULL, WNOHANG) != 0 ||
			clock_mono_ms() > give_up_ms)
			return err_set(
				e, ERR_WORLD, "the broker does not start");
		clock_sleep_ms(LOOK_MS);
	}
}

/* Adds an option; one without a value is none. */
static void add(const char *argv[ARGS_MAX], const char *name, const char *value)
{
	int n = 0;

	while (argv[n])
		n++;
	if (!value)
		return;
	argv[n] = name;
	argv[n + 1] = value;
}

static int start_both(struct sim_services *s, const struct sim_place *p,
	const struct up_plan *plan, struct err *e)
{
	char port[UP_SERVICES][PORT_BYTES];
	const char *genome[] = {"nevod", "genome", "--supervised", "--quiet",
		"--bind", "127.0.0.1", "--port", port[UP_GENOME],
		"--token-file", p->token_file, NULL};
	const char *broker[ARGS_MAX] = {"nevod", "broker", "--supervised",
		"--quiet", "--bind", "127.0.0.1", "--port", port[UP_BROKER],
		"--token-file", p->token_file, "--data-dir", p->folder,
		"--genome", plan->urls[UP_GENOME]};
	int rc;

	/* At the evolutioner's port nobody is: workers join by themselves. */
	add(broker, s->queue ? "--queue" : "--evolutioner",
		s->queue ? s->queue : plan->urls[UP_EVOLUTIONER]);
	add(broker, "--store", s->store);
	for (int i = 0; i < UP_SERVICES; i++)
		snprintf(port[i], PORT_BYTES, "%d", plan->ports[i]);
	rc = start_one(&s->genome, p, genome, e);
	if (rc == 0)
		rc = start_one(&s->broker, p, broker, e);
	if (rc == 0)
		rc = broker_client_init(
			&s->client, plan->urls[UP_BROKER], p->token_file, e);
	return rc ? rc : wait_there(s, e);
}

int sim_services_start(
	struct sim_services *s, const struct sim_place *p, struct err *e)
{
	struct up_plan plan = {.broker_bind = "127.0.0.1"};
	int rc = up_plan_ports(&plan, e);

	s->broker = s->genome = (struct child){.pipe = -1};
	if (rc == 0)
		rc = start_both(s, p, &plan, e);
	if (rc)
		sim_services_stop(s);
	return rc;
}

static void stop_one(struct child *c)
{
	if (!c->pid)
		return;
	kill(c->pid, SIGTERM);
	waitpid(c->pid, NULL, 0);
	child_forget(c);
}

void sim_services_stop(struct sim_services *s)
{
	stop_one(&s->broker);
	stop_one(&s->genome);
}
