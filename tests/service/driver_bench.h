/* driver_bench.h -- a driver without a thread on the run of broker_bench.h. */
#ifndef TESTS_DRIVER_BENCH_H
#define TESTS_DRIVER_BENCH_H

#include "broker_bench.h"
#include "service/driver/driver.h"

struct driver_bench {
	struct driver_world world;
	struct driver driver;
};

/* Loads the run; the code of driver_load. */
int driver_bench_load(
	struct driver_bench *d, struct broker_bench *b, struct err *e);

/* After any load. */
void driver_bench_release(struct driver_bench *d);

#endif
