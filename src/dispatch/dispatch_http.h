/* dispatch_http.h -- what the files of dispatch by HTTP share: the jobs, the
 * workers as peers, and their threads.
 *
 * A peer has one thread that watches it (dispatch_http_watch.c) and a lane,
 * also a thread, for every slot (dispatch_http_lane.c).  Lanes take jobs from
 * the one list of jobs (dispatch_http_queue.c), in turns
 * (dispatch_http_turn.c).  `lock` guards everything below
 * it and is never held across a call to a worker. */
#ifndef DISPATCH_DISPATCH_HTTP_H
#define DISPATCH_DISPATCH_HTTP_H

#include <pthread.h>

#include "dispatch/dispatch_backend.h"

#define WORKER_LOST_MS 15000    /* silent for that long */
#define WORKER_SILENCE_MS 15000 /* beyond a poll, until its job goes on */

struct peer;

/* Where a job stands.  A lane owns a running or a parting job and alone may
 * remove it. */
enum job_stage {
	JOB_QUEUED,
	JOB_RUNNING, /* then queued again, or ready */
	JOB_READY,   /* its result waits to be taken */
	JOB_TAKEN,   /* and to be done */
	JOB_DONE,    /* waits for a lane that tells the worker */
	JOB_PARTING, /* which now happens; then the job is gone */
};

struct open_job {
	struct open_job *next; /* in order of submission */
	char id[DISPATCH_ID_MAX];
	char kernels[32];
	char *body;
	enum job_stage stage;
	int cancelled; /* running, but nobody wants it */
	int again;     /* done or parting, and to be queued after that */
	int64_t attempts;
	int64_t not_before_ms;   /* back-off, monotonic */
	int64_t head_start_ms;   /* of others over the worker that failed */
	const struct peer *last; /* that worker, or NULL */
	char trouble[200];       /* its last world failure */
	int64_t trouble_ms;
	/* Progress since the lane's first look. */
	int64_t images, first_images, first_ms, seen_ms;
	/* Of a job that ended. */
	struct peer *home;             /* remembers the result, or NULL */
	struct dispatch_result result; /* until it is taken */
	struct open_job *next_ready;
};

struct lane {
	struct peer *peer;
	int index; /* lanes at or beyond the worker's slots rest */
	pthread_t thread;
};

/* A worker as we see it. */
struct peer {
	struct http_dispatch *d;
	struct dispatch_worker info;
	pthread_t watcher;
	int up;                /* answered last time */
	int64_t answered_ms;   /* monotonic; the start before any answer */
	int64_t busy_until_ms; /* it had no free slot */
	struct lane **lanes;   /* the watcher's; n_lanes of them */
	int n_lanes;
};

struct http_dispatch {
	struct dispatch base; /* first: see dispatch_backend.h */
	char *token;          /* or NULL */
	const struct log *log;
	pthread_mutex_t lock;
	pthread_cond_t work;  /* jobs, peers or `stopping` changed */
	pthread_cond_t taken; /* a result is ready */
	int stopping;
	struct open_job *jobs, **jobs_end;
	struct open_job *ready, **ready_end; /* by next_ready */
	struct peer *peers;
	size_t n_peers;
};

/* -- dispatch_http_queue.c: the verbs of dispatch_backend.h -- */

/* submit */
void queue_submit(struct dispatch *d, const struct dispatch_job *job);
/* take */
int queue_result(
	struct dispatch *d, int64_t wait_ms, struct dispatch_result *out);
/* done */
void queue_done(struct dispatch *d, const char *id);
/* cancel */
void queue_cancel(struct dispatch *d, const char *prefix);
/* hold */
void queue_hold(struct dispatch *d, const char *prefix);
/* load */
void queue_load(
	struct dispatch *d, const char *prefix, struct dispatch_load *out);

/* -- and what the other files need of it -- */

/* Takes the job out of the list and frees it.  The caller holds the lock. */
void queue_remove(struct http_dispatch *d, const struct open_job *j);

/* The worker is gone: nothing waits any more to be told to it.  The caller
 * holds the lock. */
void queue_leave(struct peer *p);

/* Waits on `c` until `until_ms` of the monotonic clock, or a signal. */
void queue_wait(struct http_dispatch *d, pthread_cond_t *c, int64_t until_ms);

/* Frees the jobs of a dispatcher without threads. */
void queue_release(struct http_dispatch *d);

/* -- dispatch_http_turn.c -- */

/* Waits for a job that this lane may run now and makes it running, or for one
 * that its worker may forget and makes it parting.  NULL when the dispatcher
 * stops. */
struct open_job *turn_take(const struct lane *l);

/* How a lane gives its job back; each ends the lane's right to it. */

/* The result is taken over; the worker has it too, until the job is done. */
void turn_deliver(
	struct peer *p, struct open_job *j, struct dispatch_result *r);
/* Nobody wants it. */
void turn_drop(struct http_dispatch *d, struct open_job *j);
/* The world failed it on `p`: again after a back-off that doubles up to
 * `most_ms`, others first. */
void turn_retry(struct open_job *j, const struct peer *p, int64_t most_ms,
	const struct err *why);
/* `p` had no room: at once elsewhere, in a while here. */
void turn_no_room(struct open_job *j, struct peer *p);
/* The worker has been told that the job is done. */
void turn_parted(struct http_dispatch *d, struct open_job *j);

/* True when the lane should leave the job: nobody wants it, or we stop. */
int turn_unwanted(struct http_dispatch *d, const struct open_job *j);

/* Notes the images that the running job has trained. */
void turn_progress(struct http_dispatch *d, struct open_job *j, int64_t images);

/* -- dispatch_http_watch.c and dispatch_http_lane.c -- */

/* The verb `workers`. */
size_t watch_workers(
	struct dispatch *d, struct arena *mem, struct dispatch_worker **out);

/* Bodies of threads, until the dispatcher stops.  The first asks the worker how
 * it is and starts its lanes. */
void *watch_main(void *peer);
/* Takes jobs and sees them through, one at a time. */
void *lane_main(void *lane);

/* -- dispatch_http.c -- */

/* Starts a thread with a small stack.  ERR_WORLD. */
int dispatch_http_thread(
	pthread_t *t, void *(*body)(void *), void *arg, struct err *e);

#endif
