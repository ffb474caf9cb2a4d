/* alive.h -- a connection whose other end is gone without a word: a link that
 * was cut, a NAT that forgot it.
 *
 * The other end's system answers for it, however busy or stopped the process
 * is, so a silence says that nobody is there. */
#ifndef HTTP_ALIVE_H
#define HTTP_ALIVE_H

#define ALIVE_GONE_MS 6000 /* silent for that long: it is broken off */

/* From now on the other end is asked every second whether it is there, while
 * nothing else is on its way. */
void alive_ask(int fd);

/* The same, and what is on its way must be confirmed in that time, too: not for
 * one who may leave much unread. */
void alive_mind(int fd);

#endif
