/* test_service.c -- how a service's process starts and ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/client.h"
#include "service/service.h"

/* A genome service in a process of its own. */
struct child {
	pid_t pid;
	int in;    /* its standard input: what the supervisor holds */
	FILE *err; /* its log */
};

static void run_child(int in, int err, const struct service_options *o)
{
	dup2(in, STDIN_FILENO);
	dup2(err, STDERR_FILENO);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	_exit(genome_main(o));
}

static struct child start(int port, int supervised)
{
	const struct service_options o = {
		.bind = "127.0.0.1", .port = port, .supervised = supervised};
	struct child c;
	int in[2], err[2];

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(err), 0);
	c.pid = fork();
	if (c.pid == 0)
		run_child(in[0], err[1], &o);
	assert_true(c.pid > 0);
	close(in[0]);
	close(err[1]);
	c.in = in[1];
	c.err = fdopen(err[0], "r");
	return c;
}

/* Reads the log up to the line with the address; the port is in it. */
static int wait_until_listening(struct child *c)
{
	char line[1024];

	while (fgets(line, sizeof line, c->err)) {
		const char *at = strstr(line, "url=http://127.0.0.1:");
		int port;

		if (at && strstr(line, " genome listening ") &&
			sscanf(at, "url=http://127.0.0.1:%d", &port) == 1)
			return port;
	}
	fail_msg("the service ended before it listened");
	return 0;
}

static int end_of(struct child *c)
{
	int status;

	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	fclose(c->err);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_listening_service_is_healthy_and_ends_on_sigterm(void **state)
{
	struct child c = start(0, 0);
	struct http_answer answer;
	char url[64];
	const struct http_call call = {
		.method = "GET", .url = url, .timeout_ms = 10000};
	struct err e = {0};

	(void)state;
	snprintf(url, sizeof url, "http://127.0.0.1:%d/healthz",
		wait_until_listening(&c));
	if (http_call(&call, &answer, &e))
		fail_msg("%s", e.text);
	assert_int_equal(answer.status, 200);
	http_answer_release(&answer);
	kill(c.pid, SIGTERM);
	assert_int_equal(end_of(&c), 0);
	close(c.in);
}

static void an_interrupt_ends_it_as_cleanly(void **state)
{
	struct child c = start(0, 0);

	(void)state;
	wait_until_listening(&c);
	kill(c.pid, SIGINT);
	assert_int_equal(end_of(&c), 0);
	close(c.in);
}

static void a_supervised_service_ends_with_its_supervisor(void **state)
{
	struct child c = start(0, 1);

	(void)state;
	wait_until_listening(&c);
	close(c.in);
	assert_int_equal(end_of(&c), 0);
}

static void an_unsupervised_service_ignores_its_input(void **state)
{
	struct child c = start(0, 0);

	(void)state;
	close(c.in);
	wait_until_listening(&c);
	assert_int_equal(waitpid(c.pid, NULL, WNOHANG), 0);
	kill(c.pid, SIGTERM);
	assert_int_equal(end_of(&c), 0);
}

static void a_taken_port_is_said_in_plain_words(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char line[1024] = "", port[16];
	struct child c;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
	c = start(ntohs(a.sin_port), 0);
	snprintf(port, sizeof port, "%d", ntohs(a.sin_port));
	assert_non_null(fgets(line, sizeof line, c.err));
	if (strncmp(line, "nevod genome: ", 14) != 0 || !strstr(line, port))
		fail_msg("said: %s", line);
	assert_int_equal(end_of(&c), 1);
	close(c.in);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_listening_service_is_healthy_and_ends_on_sigterm),
		cmocka_unit_test(an_interrupt_ends_it_as_cleanly),
		cmocka_unit_test(a_supervised_service_ends_with_its_supervisor),
		cmocka_unit_test(an_unsupervised_service_ignores_its_input),
		cmocka_unit_test(a_taken_port_is_said_in_plain_words),
	};

	http_client_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
