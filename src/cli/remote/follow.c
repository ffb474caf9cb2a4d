/* follow.c -- asks for the run twice a second. */
#include "cli/remote/follow.h"

#include "base/clock.h"
#include "cli/options/interrupt.h"

#define POLL_MS 500
#define SILENCE_MS 60000

static int look(const struct follow *f, const char *uuid, struct run_view *v,
	struct err *e)
{
	json_t *run;
	int rc = broker_get(f->broker, &run, e, "/v1/runs/%s", uuid);

	if (rc)
		return rc;
	rc = run_view_read(run, v, e);
	json_decref(run);
	return rc;
}

/* Decides what a failed look means: 0 to look again, or the error. */
static int bear(
	const struct follow *f, int code, int64_t *silent_since, struct err *e)
{
	int64_t now = clock_mono_ms();

	if (code != ERR_WORLD && code != ERR_BUSY)
		return code;
	if (f->hopeless && f->hopeless(f->ctx, e))
		return e->code;
	if (*silent_since == 0) {
		*silent_since = now;
		progress_say(f->progress,
			"the broker does not answer; waiting for it");
	}
	return now - *silent_since < SILENCE_MS ? 0 : code;
}

int follow_run(const struct follow *f, const char *uuid, struct run_view *last,
	struct err *e)
{
	int64_t silent_since = 0;

	while (!interrupted(NULL)) {
		int rc = look(f, uuid, last, e);

		if (rc == 0) {
			silent_since = 0;
			progress_show(f->progress, last, clock_mono_ms());
			if (run_view_over(last))
				return 0;
		} else if (bear(f, rc, &silent_since, e)) {
			progress_clear(f->progress);
			return e->code;
		}
		clock_sleep_ms(POLL_MS);
	}
	progress_clear(f->progress);
	return err_set(e, ERR_CANCELLED, "interrupted");
}
