/* driver_begin.c -- settings that are completed late. */
#include "service/driver/driver_begin.h"

#include <assert.h>
#include <stdlib.h>

#include "base/canonical.h"
#include "service/driver/choice.h"
#include "service/driver/driver_show.h"
#include "service/driver/driver_step.h"

int driver_waits_to_begin(const struct driver *d)
{
	return d->run.state == RUN_CREATED && choice_open(&d->run.settings);
}

/* The row, whose strings are the driver's, gets the text. */
static int save(struct driver *d, const struct run_settings *s, struct err *e)
{
	struct store *store = d->world->store;
	json_t *doc = settings_write(s);
	char *text = canonical_text(doc, NULL);
	int rc = store_begin(store, e);

	assert(text); /* settings hold finite numbers only */
	if (rc == 0) {
		rc = store_run_settle(store, d->uuid, text, e);
		if (rc == 0)
			rc = store_commit(store, e);
		else
			store_rollback(store);
	}
	if (rc == 0) {
		d->row.settings = arena_strdup(&d->row_mem, text);
		d->run.settings = *s;
	}
	free(text);
	json_decref(doc);
	return rc;
}

int driver_try_to_begin(struct driver *d)
{
	struct run_settings s = d->run.settings;
	struct err e = {0};
	int rc = choice_make(d->world->dispatch, &s, &e);

	if (rc == 0)
		rc = save(d, &s, &e);
	if (rc == ERR_RANGE)
		rc = driver_step(d,
			&(struct run_event){
				.kind = RUN_EV_REFUSED, .reason = e.text},
			&e);
	if (rc)
		driver_wait_for(d, &d->view.workers, e.text);
	else
		driver_wait_over(d, &d->view.workers);
	return rc;
}
