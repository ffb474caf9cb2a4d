/* wire.h -- bytes straight to a server, for what no client library would send.
 */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include <stddef.h>

/* A connection to 127.0.0.1, whose reads give up after 10 seconds. */
int wire_open(int port);

/* Sends all of it; 0, or -1 when the other side has closed. */
int wire_send(int fd, const void *bytes, size_t n);
int wire_say(int fd, const char *text);

/* Reads until the other side closes; NUL-terminated, to be freed. */
char *wire_read_all(int fd);

/* Sends `text` on a connection of its own, which must ask to be closed, and
 * returns the whole answer, to be freed. */
char *wire_ask(int port, const char *text);

/* The status in an answer, and where its body begins. */
int wire_status(const char *answer);
const char *wire_body(const char *answer);

#endif
