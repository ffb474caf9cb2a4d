/* wire.c -- sockets without manners. */
#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/arena.h"

int wire_open(int port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a)) {
		perror("connect");
		abort();
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

int wire_send(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return -1;
		p += sent;
		n -= (size_t)sent;
	}
	return 0;
}

int wire_say(int fd, const char *text)
{
	return wire_send(fd, text, strlen(text));
}

char *wire_read_all(int fd)
{
	size_t n = 0, cap = 65536;
	char *out = xcalloc(1, cap);
	ssize_t got;

	while ((got = recv(fd, out + n, cap - n - 1, 0)) > 0) {
		n += (size_t)got;
		if (n + 1 == cap)
			out = xrealloc(out, cap *= 2);
	}
	out[n] = '\0';
	return out;
}

char *wire_ask(int port, const char *text)
{
	int fd = wire_open(port);
	char *answer;

	wire_say(fd, text);
	answer = wire_read_all(fd);
	close(fd);
	return answer;
}

int wire_status(const char *answer)
{
	return strncmp(answer, "HTTP/1.", 7) == 0 ? atoi(answer + 9) : 0;
}

const char *wire_body(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");

	return end ? end + 4 : "";
}
