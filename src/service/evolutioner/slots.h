/* slots.h -- the jobs of one evolutioner: those that run, one child process to
 * a slot, and what became of those that ended.
 *
 * A job is known by its id.  Results are kept for a while, so that who asks
 * twice is answered twice; a job that nobody asks about is ended.  Safe from
 * any thread. */
#ifndef SERVICE_EVOLUTIONER_SLOTS_H
#define SERVICE_EVOLUTIONER_SLOTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "wire/job_json.h"

struct slots;

struct slots_options {
	char *const *argv; /* of a child; argv[0] is the executable's path */
	int n;             /* jobs at a time, 1 or more */
	int64_t memory_mb; /* shared out by the jobs' max_job_mb */
	int64_t quiet_ms;  /* a child without progress is ended */
	int64_t forget_ms; /* so is a job that nobody asks about */
	int64_t keep_ms;   /* how long an ended job is remembered */
	const struct log *log;
};

#define SLOTS_QUIET_MS (10 * 60 * 1000)
#define SLOTS_FORGET_MS (60 * 1000)
#define SLOTS_KEEP_MS (10 * 60 * 1000)

enum slot_state {
	SLOT_QUEUED, /* taken, its child not yet started */
	SLOT_RUNNING,
	SLOT_DONE,   /* with a result that scores */
	SLOT_FAILED, /* the genome's failure, with a result, or the world's */
	SLOT_CANCELLED,
};

/* True for the last three. */
int slot_state_ended(enum slot_state s);
/* "queued", ... as the REST contract spells them. */
const char *slot_state_name(enum slot_state s);

struct slot_status {
	enum slot_state state;
	int64_t images, total; /* trained so far, and in all (0: unknown) */
	json_t *result;        /* the caller's reference, or NULL */
	const char *whose; /* "genome", "crash", "world"; NULL: no failure */
	char code[FAILURE_CODE_MAX];
	char reason[FAILURE_REASON_MAX];
};

/* Jobs that this machine should run at a time: one for each core that the
 * process may use, but no more than the memory holds at 1 GiB each, a job's
 * default bound. */
int slots_default(void);

/* Memory of the machine, or of the control group if that is less. */
int64_t slots_memory_mb(void);

/* Options are copied, but argv and log stay the caller's. */
struct slots *slots_new(const struct slots_options *o);

/* Kills what runs and waits for it; takes a fraction of a second. */
void slots_free(struct slots *s);

/* Starts the job on the prepared data set, or attaches to the one of the same
 * id and body that runs or has a result; one that was cancelled or failed by
 * the world's doing starts again.  ERR_CONFLICT: the id is another body's.
 * ERR_BUSY: no slot is free, or not enough memory.  ERR_WORLD. */
int slots_submit(struct slots *s, const struct job_doc *job,
	const char *dataset_path, struct err *e);

/* How the job stands, after waiting up to `wait_ms` for its end.  The caller
 * ends with json_decref(out->result).  ERR_NOT_FOUND. */
int slots_get(struct slots *s, const char *id, int64_t wait_ms,
	struct slot_status *out, struct err *e);

/* A copy of a final job's weights, to be freed with free().  ERR_NOT_FOUND: no
 * such job; ERR_CONFLICT: it has none (yet). */
int slots_weights(struct slots *s, const char *id, char **bytes, size_t *n,
	struct err *e);

/* Ends the job's child; one that has ended stays as it is.  ERR_NOT_FOUND. */
int slots_cancel(struct slots *s, const char *id, struct err *e);

/* Forgets a job that has ended, so that it may be submitted anew. */
void slots_forget(struct slots *s, const char *id);

/* Waits up to `wait_ms` until a job ends. */
void slots_wait_changed(struct slots *s, int64_t wait_ms);

/* Slots in all and free ones. */
void slots_count(struct slots *s, int *n, int *n_free);

#endif
