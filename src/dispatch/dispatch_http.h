/* dispatch_http.h -- what the files of dispatch by HTTP share: the jobs, the
 * workers as peers, and what each has to do with the other.
 *
 * A job that a peer has, or is to have, is an errand of the peer's
 * (dispatch_http_errand.c).  What a peer is to do goes out as orders, and what
 * it has done comes back as a report (dispatch_http_orders.c), both for all of
 * its errands at once.  One thread, the loop's, exchanges the one for the other
 * with all peers (dispatch_http_push.c), brings and fetches bytes
 * (dispatch_http_bytes.c; hands read and hash them), and asks every few seconds
 * whether a peer is there (dispatch_http_watch.c).  Peers come and go
 * (dispatch_http_members.c). `lock` guards everything below it and is never
 * held across I/O. */
#ifndef DISPATCH_DISPATCH_HTTP_H
#define DISPATCH_DISPATCH_HTTP_H

#include <pthread.h>

#include "base/hash.h"
#include "base/trace.h"
#include "dispatch/dispatch_backend.h"
#include "dispatch/id_table.h"
#include "dispatch/pace.h"
#include "http/hands.h"
#include "http/loop.h"

/* Silent for that long: its jobs go elsewhere.  One that pulls is never silent
 * while its call waits with us, and calls every two seconds else. */
#define WORKER_LOST_MS 15000
#define PULLER_LOST_MS 6000
#define PEER_URL_BYTES 1024

struct peer;
struct errand;

/* Where a job stands. */
enum job_stage {
	JOB_QUEUED,
	JOB_OUT,   /* some peer has an errand for it */
	JOB_READY, /* its result waits to be taken */
	JOB_TAKEN, /* and to be done */
};

struct open_job {
	struct open_job *next, *before; /* in order of submission */
	struct id_entry entry;
	struct job_list *list; /* where it waits for a peer, or NULL */
	struct open_job *list_next, *list_before;
	int64_t number; /* of submission */
	char id[DISPATCH_ID_MAX];
	char kernels[32];
	char trace[TRACE_ID_BYTES];
	char *body;
	char blobs[DISPATCH_BLOBS_MAX][SHA256_HEX_BYTES]; /* "": no more */
	int witnessed;
	enum job_stage stage;   /* a witnessed one may be queued and out */
	struct errand *errands; /* by `copy` */
	int64_t attempts;       /* that have failed */
	/* Of them those that were cut off, and those that a worker refused or
	 * made nothing of: who was cut off often is not at fault. */
	int64_t silences, refusals;
	int64_t not_before_ms;   /* back-off, monotonic */
	int64_t head_start_ms;   /* of others over the worker that failed */
	const struct peer *last; /* that worker, or NULL */
	char trouble[200];       /* its last world failure */
	int64_t trouble_ms;
	struct pace pace;
	struct dispatch_result result; /* until it is taken */
	struct open_job *next_ready;
};

/* Jobs that wait for a peer: of a kernel class in order of submission, or of
 * all classes until their time has come. */
struct job_list {
	char kernels[32];
	struct open_job *first, *last;
};

/* How far a peer is with a job. */
enum errand_stage {
	ERRAND_NEW,      /* it is to be told */
	ERRAND_TOLD,     /* by orders that it has not yet answered */
	ERRAND_BRINGING, /* what the job needs is on its way there */
	ERRAND_THERE,    /* it has the job */
	ERRAND_FETCHING, /* it has the result, whose weights are on their way */
	ERRAND_HOME,     /* it has the result, and so have we */
	ERRAND_PARTING,  /* it is to be told that nobody wants the job */
};

struct errand {
	struct errand *next, **at; /* the peer's */
	struct errand *copy;       /* the job's next */
	struct peer *peer;
	struct open_job *job; /* NULL of a parting one */
	char id[DISPATCH_ID_MAX];
	enum errand_stage stage;
	int known;         /* the peer may know of it */
	int64_t orders;    /* number of those that it is in, unanswered; or 0 */
	int64_t mentioned; /* number of the last report that told of it */
	int ended;         /* parting: the job had ended there */
	int64_t since_ms;  /* in this stage */
	int64_t begun_ms;
	/* Bringing and fetching. */
	struct bytes_flight *flight;
	int brought;    /* blobs, all at the end */
	json_t *result; /* that the weights belong to */
	char *weights;  /* of a peer that pulls: they come before the result */
	size_t n_weights;
	struct dispatch_result testimony; /* at home, of a witnessed job */
};

/* Bytes on their way to or from a peer: with a hand, which reads or hashes
 * them, or with the loop.  Who has it ends it. */
struct bytes_flight {
	struct task task;      /* first: it is given to the hands */
	struct errand *errand; /* NULL: it has ended meanwhile */
	struct http_dispatch *d;
	char sha256[SHA256_HEX_BYTES]; /* that they must have */
	struct buf bytes;              /* of a blob */
	char *weights;                 /* n_weights bytes, or NULL */
	size_t n_weights;
	struct bytes_flight *next_read;  /* of those that are to be sent */
	struct bytes_flight *next, **at; /* of all */
};

/* Orders on their way to a peer. */
struct exchange_flight {
	struct peer *peer;
	struct http_flight *flight; /* NULL: none is under way */
	struct buf text;
	int64_t number, sent_ms;
};

/* A worker as we see it. */
struct peer {
	struct http_dispatch *d;
	struct dispatch_worker info;
	int listed;             /* by the options: it is never forgotten */
	int left;               /* nothing more is to do with it: it is freed */
	int ask_now;            /* it says that it is there */
	int up;                 /* answered last time */
	int said_up;            /* in the log */
	int missed;             /* exchanges in a row that it did not answer */
	int64_t answered_ms;    /* monotonic; the start before any answer */
	int64_t ask_ms;         /* when it is asked next */
	int64_t busy_until_ms;  /* it had no free slot */
	int64_t aside_until_ms; /* for what it refuses */
	int64_t rest_until_ms;  /* it answers without having waited */
	int liar;               /* gets no jobs any more */
	int pulls;              /* it calls us, and is not called */
	int told;               /* that there are orders for it */
	int64_t report;         /* number of its last */
	struct errand *errands;
	int64_t orders;            /* number of the last */
	int64_t reports;           /* that were taken in */
	struct http_flight *asked; /* how it is */
	/* The one lets it wait until there is something to report, the other
	 * tells it meanwhile what cannot wait. */
	struct exchange_flight waiting, urgent;
};

struct http_dispatch {
	struct dispatch base; /* first: see dispatch_backend.h */
	char *token;          /* or NULL */
	/* As dispatch_options has it. */
	int (*blob)(
		void *ctx, const char *sha256, struct buf *out, struct err *e);
	void *blob_ctx;
	void (*orders)(void *ctx, const char *id);
	void *orders_ctx;
	int (*same)(const json_t *a, const json_t *b);
	const struct log *log;
	struct http_loop *loop;
	pthread_mutex_t lock;
	pthread_cond_t taken; /* a result is ready */
	int changed;          /* the loop's thread is to look at all peers */
	int64_t look_ms;      /* or then, monotonic */
	int64_t turned_ms;    /* when its last turn was */
	int64_t submitted;    /* jobs so far */
	double typical_ms;    /* that a job took lately; 0: none has */
	int64_t copies_ms;    /* when stragglers are looked for next */
	struct open_job *jobs, *last_job;
	struct id_table *by_id;
	struct job_list **classes; /* n_classes of them */
	size_t n_classes;
	struct job_list delayed;             /* not to go out before a time */
	struct open_job *ready, **ready_end; /* by next_ready */
	struct peer **peers;
	size_t n_peers;
	struct bytes_flight *flights;
	struct hands *hands;       /* for what reads and hashes bytes */
	struct bytes_flight *read; /* blobs that the loop is to send */
	int closing;               /* nothing more is for the hands */
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

/* -- and what the other files need of it; the caller holds the lock -- */

/* The job of that id, or NULL. */
struct open_job *queue_find(struct http_dispatch *d, const char *id);

/* The result of the job waits to be taken. */
void queue_ready(
	struct http_dispatch *d, struct open_job *j, struct dispatch_result *r);

/* Frees all jobs. */
void queue_release(struct http_dispatch *d);

/* -- dispatch_http_lists.c; the caller holds the lock -- */

/* The first job that the peer may begin now, or NULL; it stays in its list. */
struct open_job *queue_next(const struct peer *p, int64_t now_ms);

/* Queues the job, which no peer has, in its place. */
void queue_enter(struct http_dispatch *d, struct open_job *j);

/* Takes it out. */
void queue_quit(struct open_job *j);

/* Lets those enter whose time has come.  Whether any job waits. */
int queue_due(struct http_dispatch *d, int64_t now_ms);

/* -- dispatch_http_errand.c; the caller holds the lock -- */

/* Jobs that wait go to the peer that has them already, by a list of ids: so
 * after a start of ours nothing is trained twice. */
void errands_claim(struct peer *p, const json_t *ids);

/* Gives the peer jobs for all of its free slots. */
void errands_assign(struct peer *p, int64_t now_ms);

/* Nothing waits: jobs that take far longer than others did are given to idle
 * peers, too.  The first result counts. */
void errands_copy(struct http_dispatch *d, int64_t now_ms);

/* The peer's errand for that job, or NULL. */
struct errand *errand_find(const struct peer *p, const char *id);

/* True while its peer trains the job, or is to. */
int errand_takes_slot(const struct errand *e);

/* The errand moves on to this stage. */
void errand_move(struct errand *e, enum errand_stage stage);

/* How an errand ends; it is gone after each but the first. */

/* With its result, which is taken over: the peer has it too, until the job is
 * done; other peers need not go on. */
void errand_deliver(struct errand *e, struct dispatch_result *r);
/* The world failed it: its job goes out again, after a back-off that doubles up
 * to `most_ms`, others first. */
void errand_retry(struct errand *e, int64_t most_ms, const struct err *why);
/* Likewise, and the peer has failed or refused it: after some in a row it gets
 * none for a while. */
void errand_refused(struct errand *e, const struct err *why);
/* The peer had no room, or not yet the data: at once elsewhere, in a while
 * here. */
void errand_no_room(struct errand *e, const struct err *why);

/* Nobody wants the job of the errand any more; the peer is told so, if it may
 * know of the job. */
void errand_part(struct errand *e);

/* How many peers are to have the job now: more than have it, and it waits for
 * another one (dispatch_http_witness.c). */
int witnesses_wanted(const struct open_job *j);

/* How many have it. */
int witnesses(const struct open_job *j);

/* Whether it has a result that nobody else has given yet. */
int witness_alone(const struct open_job *j);

/* The errand has brought a testimony: the job is ready if two agree. */
void witness_heard(struct errand *e, struct dispatch_result *r);

/* Takes the errand off its peer and its job. */
void errand_free(struct errand *e);

/* The peer is gone: its jobs go elsewhere. */
void errands_lose(struct peer *p, const struct err *why);

/* -- dispatch_http_orders.c; the caller holds the lock -- */

/* What the peer is to be told, and how soon. */
struct orders_due {
	int urgent; /* a job to take, or to end */
	int soon;   /* results to forget */
	int watch;  /* jobs that it has */
};

/* Counted anew, for a clock that shows `now_ms`. */
struct orders_due orders_look(const struct peer *p, int64_t now_ms);

/* Writes the peer's next orders, which ask about the jobs that it has if it is
 * to wait; their number. */
int64_t orders_write(struct peer *p, int64_t wait_ms, struct buf *out);

/* Takes in the report that answers the orders of those numbers.  Whether a job
 * has ended. */
int report_take(
	struct peer *p, const json_t *report, int64_t first, int64_t last);

/* The orders of those numbers were not answered: they are to be given anew. */
void orders_lost(struct peer *p, int64_t first, int64_t last);

/* -- dispatch_http_bytes.c; the caller holds the lock -- */

/* Brings the peer what the errand's job needs, after which it is new again. */
void bytes_bring(struct errand *e);
/* Sends what has been read; on the loop's thread. */
void bytes_send(struct http_dispatch *d);
/* Fetches the weights that the errand's result names, and delivers it. */
void bytes_fetch(struct errand *e);
/* Delivers the result with the weights that have come before it. */
void bytes_join(struct errand *e);
/* What is under way is of no use any more. */
void bytes_drop(struct errand *e);
/* Frees all that were under way when the loop was. */
void bytes_release(struct http_dispatch *d);

/* -- dispatch_http_push.c -- */

/* The loop's turn: all that is due. */
int64_t push_turn(void *dispatch);

/* All that is due for one peer.  The caller holds the lock. */
void push_peer(struct peer *p, int64_t now_ms);

/* Nothing that is under way to the peer is waited for any longer.  The caller
 * holds the lock. */
void push_drop(struct peer *p);

/* Has the loop look at all peers.  The caller holds the lock. */
void push_wake(struct http_dispatch *d);

/* -- dispatch_http_watch.c; the caller holds the lock -- */

/* Asks the peer how it is, if that is due. */
void watch_peer(struct peer *p, int64_t now_ms);

/* One that pulls is there: its call waits. */
void watch_waits(struct peer *p);

/* One that pulls has hung up: it is lost unless it calls soon. */
void watch_hung_up(struct peer *p);

/* True of a worker that has been silent for too long. */
int watch_lost(const struct peer *p);

/* The worker is there, and says of itself what GET /v1/info says, or NULL where
 * it did so lately.  ERR_INVALID, ERR_RANGE; ERR_CONFLICT: its version does not
 * fit. */
int watch_seen(struct peer *p, const json_t *info, struct err *e);

/* -- dispatch_http_members.c -- */

/* Begins to know the worker at that URL; `m->id` may be "".  Errors as
 * dispatch_join. */
int members_add(struct http_dispatch *d, const struct dispatch_member *m,
	int listed, struct err *e);

/* The peer of that id, or NULL.  The caller holds the lock. */
struct peer *members_find(struct http_dispatch *d, const char *id);

/* Begins to know a worker that calls from that address.  NULL with ERR_BUSY.
 * The caller holds the lock. */
struct peer *members_welcome(struct http_dispatch *d, const char *id,
	const char *address, struct err *e);

/* Frees those that have left.  The caller holds the lock. */
void members_reap(struct http_dispatch *d);

/* Frees all. */
void members_release(struct http_dispatch *d);

/* The verb `join`. */
int members_join(
	struct dispatch *d, const struct dispatch_member *m, struct err *e);

/* The verb `leave`. */
int members_leave(struct dispatch *d, const char *id, struct err *e);

/* The verb `workers`. */
size_t members_list(
	struct dispatch *d, struct arena *mem, struct dispatch_worker **out);

/* -- dispatch_http_pull.c -- */

/* The verb `report`. */
int pull_report(struct dispatch *d, const struct dispatch_caller *c,
	const json_t *report, struct err *e);

/* The verb `orders`. */
int pull_orders(struct dispatch *d, const char *id, int now, char **text);

/* The verb `hung_up`. */
void pull_hung_up(struct dispatch *d, const char *id);

/* The verb `weights`. */
int pull_weights(struct dispatch *d, const char *id, const char *job,
	const void *bytes, size_t n, struct err *e);

#endif
