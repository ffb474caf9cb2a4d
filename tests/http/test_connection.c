/* test_connection.c -- who has to go when there are too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/connection.h"

#define MOST 4

/* A connection as both of its ends see it. */
struct pair {
	struct connection *ours;
	int fds[2];
};

struct world {
	struct callers *callers;
	struct connections *connections;
	struct pair pairs[16];
	int n;
};

static struct world the;

static int start(void **state)
{
	const struct http_limits none = {0};

	(void)state;
	the = (struct world){.callers = callers_new(&none),
		.connections = connections_new(60000, MOST, NULL)};
	return the.connections ? 0 : -1;
}

static void end(int i)
{
	struct pair *p = &the.pairs[i];

	if (!p->ours)
		return;
	caller_leave(the.callers, connection_close(the.connections, p->ours));
	p->ours = NULL;
	close(p->fds[0]);
	close(p->fds[1]);
}

static int stop(void **state)
{
	(void)state;
	for (int i = 0; i < the.n; i++)
		end(i);
	connections_free(the.connections);
	callers_free(the.callers);
	return 0;
}

/* One more, from 10.0.0.`last`; its number. */
static int come(unsigned last)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0x0a000000 + last)};
	struct pair *p = &the.pairs[the.n];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p->fds), 0);
	p->ours = connection_open(the.connections, p->fds[0],
		caller_of_address(the.callers, (const struct sockaddr *)&a));
	clock_sleep_ms(3); /* so that each has waited longer than the next */
	return the.n++;
}

static int is_cut(int i)
{
	char byte;

	return recv(the.pairs[i].fds[1], &byte, 1, MSG_DONTWAIT) == 0;
}

static void the_one_that_waits_longest_of_who_has_most_goes(void **state)
{
	uint64_t late, room;
	int other, first, second;

	(void)state;
	other = come(1);
	first = come(2);
	second = come(2);
	come(2);
	assert_false(is_cut(first));
	come(3);
	assert_true(is_cut(first));
	assert_false(is_cut(other));
	assert_false(is_cut(second));
	come(3);
	assert_true(is_cut(second));
	connections_cut(the.connections, &late, &room);
	assert_int_equal(late, 0);
	assert_int_equal(room, 2);
}

static void there_is_room_again_when_one_has_gone(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < MOST; i++)
		come(1);
	end(0);
	come(1);
	for (i = 1; i <= MOST; i++)
		assert_false(is_cut(i));
	come(1);
	assert_true(is_cut(1));
}

static void who_is_known_or_has_its_request_at_work_stays(void **state)
{
	int known, at_work, reads, begins;

	(void)state;
	known = come(1);
	connection_known(the.pairs[known].ours);
	at_work = come(1);
	connection_begin(the.pairs[at_work].ours);
	connection_whole(the.pairs[at_work].ours);
	begins = come(1);
	connection_begin(the.pairs[begins].ours);
	reads = come(1);
	connection_answer(the.pairs[reads].ours);
	come(2);
	assert_true(is_cut(begins));
	come(2);
	assert_true(is_cut(reads) != is_cut(4));
	assert_false(is_cut(known));
	assert_false(is_cut(at_work));
}

static void when_nobody_may_go_the_new_one_may_stay(void **state)
{
	int fresh;

	(void)state;
	for (int i = 0; i < MOST; i++)
		connection_known(the.pairs[come(1)].ours);
	fresh = come(2);
	for (int i = 0; i <= fresh; i++)
		assert_false(is_cut(i));
	come(2);
	assert_true(is_cut(fresh));
}

#define ON(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(the_one_that_waits_longest_of_who_has_most_goes),
		ON(there_is_room_again_when_one_has_gone),
		ON(who_is_known_or_has_its_request_at_work_stays),
		ON(when_nobody_may_go_the_new_one_may_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
