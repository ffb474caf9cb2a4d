/* fake_worker.h -- an evolutioner that trains nothing and misbehaves on demand.
 */
#ifndef TESTS_FAKE_WORKER_H
#define TESTS_FAKE_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/server.h"

#define FAKE_WEIGHTS "weights of a champion"
#define FAKE_JOBS_MAX 256

enum fake_mode {
	FAKE_GOOD,     /* every job is done at the first look */
	FAKE_HANGS,    /* jobs run for ever, with 7 images trained */
	FAKE_BUSY,     /* no slot for anyone */
	FAKE_FAILS,    /* the world's failure: "out of luck" */
	FAKE_CRASHES,  /* a crash, which is a result */
	FAKE_FORGETS,  /* has never heard of the job */
	FAKE_BABBLES,  /* answers with JSON that is no status */
	FAKE_CONFUSES, /* answers with another job's result */
	FAKE_LIES      /* done, with a fitness that is not so */
};

struct fake_worker {
	struct http_server *server;
	char url[64];
	int port;
	const char *kernels;
	atomic_int mode; /* enum fake_mode */
	atomic_int slots;
	atomic_int bad_looks;   /* the mode holds for so many looks, then GOOD;
				 * below 0: for ever */
	atomic_int cut_weights; /* so many answers arrive cut */
	atomic_int posts, deletes; /* jobs to take, and to end or forget */
	atomic_int wants;          /* blobs before it takes a job */
	atomic_int puts;
	atomic_int runs;      /* jobs to take that it did not know */
	pthread_mutex_t lock; /* guards the two below */
	char known[FAKE_JOBS_MAX][128];
	int n_known;
};

/* Starts on a free port, or on the given one, knowing no job. */
void fake_start(struct fake_worker *w, int port);
/* Stops at once, as a worker that is killed. */
void fake_stop(struct fake_worker *w);

#endif
