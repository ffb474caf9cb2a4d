/* address.h -- which addresses belong to everybody's net. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <sys/socket.h>

/* True of an address that a stranger's URL may lead to: not this machine, no
 * private or link-local net (where clouds keep their secrets), no group of
 * receivers, and no other address in the disguise of one. */
int http_address_public(const struct sockaddr *a);

#endif
