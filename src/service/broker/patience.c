/* patience.c -- a deadline of two seconds. */
#include "service/broker/patience.h"

#include "base/clock.h"

#define DATA_WAIT_MS 2000

static int is_over(void *ctx, const struct data_progress *unused)
{
	const struct patience *p = ctx;

	(void)unused;
	return http_draining(p->q) || clock_mono_ms() > p->until_ms;
}

struct patience patience_for(const struct http_request *q)
{
	return (struct patience){q, clock_mono_ms() + DATA_WAIT_MS};
}

struct data_watch patience_watch(struct patience *p)
{
	return (struct data_watch){.look = is_over, .ctx = p};
}
