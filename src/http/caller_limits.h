/* caller_limits.h -- what callers of a service may ask of it; 0 is the default.
 */
#ifndef HTTP_CALLER_LIMITS_H
#define HTTP_CALLER_LIMITS_H

#include <stddef.h>

struct http_limits {
	/* Bytes that one caller's requests under way take beyond their bodies
	 * (64 MiB). */
	size_t caller_bytes;
	/* Bytes that all requests under way take, bodies included (1 GiB). */
	size_t all_bytes;
	/* Requests a second of one caller, and how many at once (twice as many)
	 * after a rest; what services ask of each other is not counted.  0: no
	 * limit. */
	int rate, burst;
};

#endif
