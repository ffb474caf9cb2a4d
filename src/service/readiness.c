/* readiness.c -- what was found last, and a disk that is tried. */
#include "service/readiness.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"

#define LOOK_EVERY_MS 1000
#define TRY_BYTES (64 * 1024) /* a few pages of the store */

void readiness_init(struct readiness *r, int (*look)(void *ctx, struct err *e),
	void *ctx, const struct log *log)
{
	*r = (struct readiness){.look = look,
		.ctx = ctx,
		.log = log,
		.looked_ms = INT64_MIN / 2};
	err_set(&r->found, ERR_BUSY, "the service has just started");
	pthread_mutex_init(&r->lock, NULL);
}

void readiness_release(struct readiness *r)
{
	pthread_mutex_destroy(&r->lock);
}

/* Whether it is the caller's turn to look. */
static int is_due(struct readiness *r)
{
	int64_t now_ms = clock_mono_ms();
	int due;

	pthread_mutex_lock(&r->lock);
	due = now_ms - r->looked_ms >= LOOK_EVERY_MS;
	if (due)
		r->looked_ms = now_ms;
	pthread_mutex_unlock(&r->lock);
	return due;
}

static void note(struct readiness *r, const struct err *now)
{
	int changed;

	pthread_mutex_lock(&r->lock);
	changed = r->found.code != now->code;
	r->found = *now;
	pthread_mutex_unlock(&r->lock);
	if (!changed)
		return;
	if (now->code)
		log_warn(r->log, "not-ready", log_reason(now->text));
	else
		log_info(r->log, "ready", log_bare());
}

int readiness_check(struct readiness *r, struct err *e)
{
	struct err now = {0};

	if (is_due(r)) {
		r->look(r->ctx, &now);
		note(r, &now);
	}
	pthread_mutex_lock(&r->lock);
	now = r->found;
	pthread_mutex_unlock(&r->lock);
	if (now.code && e)
		*e = now;
	return now.code;
}

int readiness_disk(const char *folder, struct err *e)
{
	static const char bytes[TRY_BYTES];
	struct file_draft draft;
	char path[PATH_MAX];
	struct err why;
	int rc;

	snprintf(path, sizeof path, "%s/readiness", folder);
	rc = file_draft_open(&draft, path, 0600, &why);
	if (rc == 0) {
		rc = file_draft_write(&draft, 0, bytes, sizeof bytes, &why);
		file_draft_drop(&draft);
	}
	/* The sentence may hold a path. */
	return rc ? err_set(e, ERR_WORLD,
			    "nothing can be written in the data folder: the "
			    "disk is full, read-only or gone")
		  : 0;
}
