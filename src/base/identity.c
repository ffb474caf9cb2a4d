/* identity.c -- 64 bits from the kernel. */
#include "base/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/clock.h"

void identity_make(char out[IDENTITY_BYTES])
{
	uint64_t n;

	/* Bytes that come without a wait at worst differ by the clock. */
	if (getrandom(&n, sizeof n, 0) != (ssize_t)sizeof n)
		n = (uint64_t)clock_wall_ms();
	snprintf(out, IDENTITY_BYTES, "%016" PRIx64, n);
}
