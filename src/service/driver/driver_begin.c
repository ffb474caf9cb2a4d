/* driver_begin.c -- settings that are completed late. */
#include "service/driver/driver_begin.h"

#include <assert.h>
#include <stdlib.h>

#include "base/canonical.h"
#include "service/driver/choice.h"
#include "service/driver/driver_show.h"
#include "service/driver/driver_step.h"
#include "service/driver/fork_genomes.h"

int driver_waits_to_begin(const struct driver *d)
{
	const struct run_settings *s = &d->run.settings;

	return d->run.state == RUN_CREATED &&
	       (settings_data_open(s) || choice_open(s));
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
		settings_release(&d->run.settings);
		d->run.settings = *s;
		settings_share(&d->run.settings);
	}
	free(text);
	json_decref(doc);
	return rc;
}

/* -- the data set -- */

static int look_at_data(void *driver, const struct data_progress *p)
{
	struct driver *d = driver;

	driver_show_data(d, p);
	return mailbox_has(&d->mail, MAIL_STOP) ||
	       mailbox_has(&d->mail, MAIL_ORDER);
}

static int get_data(struct driver *d, struct run_settings *s, struct err *e)
{
	int rc;

	if (!settings_data_open(s))
		return 0;
	driver_wait_for(d, &d->view.data, NULL);
	rc = data_choose(d->world->data,
		&(struct data_watch){.look = look_at_data, .ctx = d}, s, e);
	if (rc == ERR_CANCELLED)
		return rc;
	if (rc != ERR_WORLD) {
		driver_wait_over(d, &d->view.data);
		return rc == ERR_TOO_BIG ? ERR_RANGE : rc;
	}
	if (!d->view.data.why[0])
		log_warn(d->world->log, "data-not-ready", log_run(d->uuid),
			log_trace(d->trace.id), log_reason(e->text));
	driver_wait_for(d, &d->view.data, e->text);
	return rc;
}

/* -- the workers, and what rests on all else -- */

static int get_choice(struct driver *d, struct run_settings *s, struct err *e)
{
	int rc = choice_make(d->world->dispatch, s, e);

	if (rc == 0)
		rc = s->has_fork && !s->seeds
			     ? fork_enter(d->world->store, s, e)
			     : settings_check_seeds(s, e);
	if (rc)
		driver_wait_for(d, &d->view.workers, e->text);
	else
		driver_wait_over(d, &d->view.workers);
	return rc;
}

static int complete(struct driver *d, struct run_settings *s, struct err *e)
{
	int rc = get_data(d, s, e), chosen;

	if (rc)
		return rc;
	chosen = get_choice(d, s, e);
	if (chosen && chosen != ERR_BUSY)
		return chosen;
	/* The set is not read again while workers are waited for. */
	if (chosen == 0 || settings_data_open(&d->run.settings))
		rc = save(d, s, e);
	return rc ? rc : chosen;
}

int driver_try_to_begin(struct driver *d)
{
	struct run_settings s = d->run.settings;
	struct err e = {0};
	int rc;

	settings_share(&s);
	rc = complete(d, &s, &e);
	settings_release(&s);
	if (rc == ERR_RANGE)
		rc = driver_step(d,
			&(struct run_event){
				.kind = RUN_EV_REFUSED, .reason = e.text},
			&e);
	return rc;
}
