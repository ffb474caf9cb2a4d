/* driver_world.h -- what a driver works with, what it is told and what it
 * shows. */
#ifndef SERVICE_DRIVER_DRIVER_WORLD_H
#define SERVICE_DRIVER_DRIVER_WORLD_H

#include <stdint.h>

#include "base/log.h"
#include "blob/blob.h"
#include "dispatch/dispatch.h"
#include "run/run.h"
#include "service/driver/collector.h"
#include "service/driver/data_choice.h"
#include "service/genome_places.h"
#include "store/store.h"

/* What has been committed since the broker started, for /metrics. */
struct driver_counts {
	_Atomic int64_t scored, failed, images, cpu_ms;
};

/* All of it outlives the drivers. */
struct driver_world {
	struct store *store;
	struct blobs *blobs;
	struct dispatch *dispatch;
	struct collector *collector; /* of that dispatch */
	struct genome_places *genomes;
	const struct data_place *data;
	const char *token;
	struct driver_counts *counts;
	const struct log *log;
};

enum driver_order { ORDER_PAUSE, ORDER_RESUME, ORDER_CANCEL };

/* Somebody that a driver waits for. */
struct driver_wait {
	int64_t since_ms; /* wall clock; 0: it does not wait */
	char why[400];    /* what went wrong last; "" until something has */
};

/* What only a driver knows of its run. */
struct driver_view {
	int64_t scored, members;    /* of the generation under way */
	struct run_rung rung;       /* that it is trained at */
	double work_left;           /* of the generation: run_work_left */
	int64_t running_ms;         /* since the driver last wrote the row */
	struct driver_wait store;   /* to take what is to be saved */
	struct driver_wait genome;  /* to answer with a generation */
	struct driver_wait workers; /* to choose by, so that the run begins */
	struct driver_wait data;    /* set, to be ready; `why` is of what failed
				     * since it last got on */
	struct data_progress ready; /* how far that is */
	char failed[400]; /* how all genomes of a generation have failed, or ""
			   * once one has not */
};

#endif
