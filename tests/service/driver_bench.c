/* driver_bench.c -- see driver_bench.h. */
#include "driver_bench.h"

#include <string.h>

#include "service/driver/driver_load.h"

int driver_bench_load(
	struct driver_bench *d, struct broker_bench *b, struct err *e)
{
	*d = (struct driver_bench){.world = {.store = b->broker.store,
					   .blobs = b->broker.blobs,
					   .dispatch = b->dispatch,
					   .log = b->broker.log}};
	d->driver.world = &d->world;
	strcpy(d->driver.uuid, BENCH_UUID);
	return driver_load(&d->driver, e);
}

void driver_bench_release(struct driver_bench *d)
{
	run_release(&d->driver.run);
	arena_release(&d->driver.row_mem);
}
