/* alive.c -- TCP keepalive, and a limit on what is not confirmed. */
#include "http/alive.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define QUIET_S 2
#define ASK_EVERY_S 1
#define ASK_TIMES (ALIVE_GONE_MS / 1000 - QUIET_S)

static void set(int fd, int level, int option, int value)
{
	/* A socket that has none of it is none of TCP. */
	setsockopt(fd, level, option, &value, sizeof value);
}

void alive_ask(int fd)
{
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, QUIET_S);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, ASK_EVERY_S);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, ASK_TIMES);
}

void alive_mind(int fd)
{
	alive_ask(fd);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, ALIVE_GONE_MS);
}
