/* driver_show.c -- the view of a driver, under its lock. */
#include "service/driver/driver_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

void driver_wait_for(struct driver *d, struct driver_wait *w, const char *why)
{
	pthread_mutex_lock(&d->view_lock);
	if (w->since_ms == 0)
		w->since_ms = clock_wall_ms();
	if (why)
		snprintf(w->why, sizeof w->why, "%s", why);
	pthread_mutex_unlock(&d->view_lock);
}

void driver_wait_over(struct driver *d, struct driver_wait *w)
{
	pthread_mutex_lock(&d->view_lock);
	*w = (struct driver_wait){.since_ms = 0};
	pthread_mutex_unlock(&d->view_lock);
}

void driver_show_data(struct driver *d, const struct data_progress *p)
{
	if (p->all == 0) /* nothing has come meanwhile */
		return;
	pthread_mutex_lock(&d->view_lock);
	d->view.data.why[0] = '\0';
	d->view.ready = *p;
	pthread_mutex_unlock(&d->view_lock);
}

/* A generation of which nothing is left is told of until a genome of a later
 * one has a score; the lock is held. */
static void publish_failed(struct driver *d)
{
	size_t failed, scored;
	const char *code = run_common_failure(&d->run, &failed, &scored);
	const int known = strcmp(code, d->failure.where) == 0;
	struct err e;

	if (scored > failed)
		d->view.failed[0] = '\0';
	if (failed == 0 || failed < d->run.n_members)
		return;
	err_set(&e, ERR_GENOME,
		"every genome of generation %" PRId64
		" failed, most by \"%s\"%s%s",
		d->run.generation, code, known ? ": " : "",
		known ? d->failure.text : "");
	strcpy(d->view.failed, e.text);
}

void driver_publish(struct driver *d)
{
	struct run_rung rung;
	double left = run_work_left(&d->run);
	int64_t scored = 0;

	run_rung_now(&d->run, &rung);
	for (size_t i = 0; i < d->run.n_members; i++)
		scored += d->run.members[i].scored;
	pthread_mutex_lock(&d->view_lock);
	d->view.scored = scored;
	d->view.members = (int64_t)d->run.n_members;
	d->view.rung = rung;
	d->view.work_left = left;
	publish_failed(d);
	d->view_since_ms = d->counted == RUN_RUNNING ? d->clock_ms : INT64_MAX;
	pthread_mutex_unlock(&d->view_lock);
}

void driver_view(struct driver *d, struct driver_view *out)
{
	int64_t now = clock_mono_ms();

	pthread_mutex_lock(&d->view_lock);
	*out = d->view;
	out->running_ms = now > d->view_since_ms ? now - d->view_since_ms : 0;
	pthread_mutex_unlock(&d->view_lock);
}
