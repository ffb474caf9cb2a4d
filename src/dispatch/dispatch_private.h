/* dispatch_private.h -- what the files of dispatch/ share: the open jobs, the
 * results nobody has taken yet, the workers and their threads.
 *
 * A worker has one thread that watches it (dispatch_watch.c) and a lane, also a
 * thread, for every slot (dispatch_lane.c).  Lanes take jobs from the one list
 * of open jobs (dispatch_queue.c).  `lock` guards everything below it and is
 * never held across a call to a worker. */
#ifndef DISPATCH_DISPATCH_PRIVATE_H
#define DISPATCH_DISPATCH_PRIVATE_H

#include <jansson.h>
#include <pthread.h>

#include "dispatch/dispatch.h"

#define LANES_MAX 256           /* of one worker */
#define WORKER_LOST_MS 15000    /* silent for that long */
#define WORKER_SILENCE_MS 15000 /* beyond a poll, until its job goes on */

struct worker;

struct open_job {
	struct open_job *next; /* in order of submission */
	char id[DISPATCH_ID_MAX];
	char kernels[32];
	json_t *body;
	int running;   /* a lane owns it and alone may remove it */
	int cancelled; /* running, but nobody wants it */
	int64_t attempts;
	int64_t not_before_ms;     /* back-off, monotonic */
	int64_t head_start_ms;     /* of others over the worker that failed */
	const struct worker *last; /* that worker, or NULL */
	char trouble[200];         /* its last world failure */
	int64_t trouble_ms;
	/* Progress since the lane's first look. */
	int64_t images, first_images, first_ms, seen_ms;
};

/* A result that waits for dispatch_take. */
struct ready {
	struct ready *next;
	struct dispatch_result result;
};

struct lane {
	struct worker *worker;
	int index; /* lanes at or beyond the worker's slots rest */
	pthread_t thread;
};

struct worker {
	struct dispatch *d;
	struct dispatch_worker info;
	pthread_t watcher;
	int up;                /* answered last time */
	int64_t answered_ms;   /* monotonic; the start before any answer */
	int64_t busy_until_ms; /* it had no free slot */
	struct lane lanes[LANES_MAX];
	int n_lanes;
};

struct dispatch {
	char *token; /* or NULL */
	const struct log *log;
	pthread_mutex_t lock;
	pthread_cond_t work;  /* jobs, workers or `stopping` changed */
	pthread_cond_t taken; /* a result is ready */
	int stopping;
	struct open_job *jobs, **jobs_end;
	struct ready *ready, **ready_end;
	struct worker *workers;
	size_t n_workers;
};

/* -- dispatch_queue.c -- */

/* Waits for a job that this lane may run now and makes it running.  NULL when
 * the dispatcher stops. */
struct open_job *queue_take(const struct lane *l);

/* How a lane gives its job back; each ends the lane's right to it. */
void queue_deliver(
	struct dispatch *d, struct open_job *j, struct dispatch_result *r);
/* Nobody wants it. */
void queue_drop(struct dispatch *d, struct open_job *j);
/* The world failed it on `w`: again after a back-off that doubles up to
 * `most_ms`, others first. */
void queue_retry(struct open_job *j, const struct worker *w, int64_t most_ms,
	const struct err *why);
/* `w` had no room: at once elsewhere, in a while here. */
void queue_no_room(struct open_job *j, struct worker *w);

/* True when the lane should leave the job: nobody wants it, or we stop. */
int queue_unwanted(struct dispatch *d, const struct open_job *j);

/* Notes the images that the running job has trained. */
void queue_progress(struct dispatch *d, struct open_job *j, int64_t images);

/* Waits on `c` until `until_ms` of the monotonic clock, or a signal. */
void queue_wait(struct dispatch *d, pthread_cond_t *c, int64_t until_ms);

/* Frees the jobs and results of a dispatcher without threads. */
void queue_release(struct dispatch *d);

/* -- bodies of threads, until the dispatcher stops -- */

/* Asks the worker how it is and starts its lanes (dispatch_watch.c). */
void *watch_main(void *worker);
/* Takes jobs and sees them through, one at a time (dispatch_lane.c). */
void *lane_main(void *lane);

/* Starts a thread with a small stack.  ERR_WORLD. */
int dispatch_thread(
	pthread_t *t, void *(*body)(void *), void *arg, struct err *e);

#endif
