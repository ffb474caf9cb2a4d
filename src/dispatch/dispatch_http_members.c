/* dispatch_http_members.c -- which workers there are: those of the options, and
 * those that have joined. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "dispatch/dispatch_http.h"

/* -- the list of peers; the caller holds the lock -- */

static struct peer *find_url(struct http_dispatch *d, const char *url)
{
	for (size_t i = 0; i < d->n_peers; i++)
		if (!d->peers[i]->left &&
			strcmp(d->peers[i]->info.url, url) == 0)
			return d->peers[i];
	return NULL;
}

struct peer *members_find(struct http_dispatch *d, const char *id)
{
	for (size_t i = 0; i < d->n_peers; i++)
		if (!d->peers[i]->left && strcmp(d->peers[i]->info.id, id) == 0)
			return d->peers[i];
	return NULL;
}

static void forget(struct http_dispatch *d, struct peer *p)
{
	for (struct open_job *j = d->jobs; j; j = j->next)
		if (j->last == p)
			j->last = NULL;
	if (p->asked)
		http_loop_drop(d->loop, p->asked);
	free(p);
}

void members_reap(struct http_dispatch *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n_peers; i++) {
		struct peer *p = d->peers[i];

		if (p->left && !p->errands)
			forget(d, p);
		else
			d->peers[kept++] = p;
	}
	d->n_peers = kept;
}

static void append(struct http_dispatch *d, struct peer *p)
{
	d->peers = xrealloc(d->peers, (d->n_peers + 1) * sizeof(struct peer *));
	d->peers[d->n_peers++] = p;
}

/* -- one that is new -- */

/* Without the slash that people add. */
static int read_url(const char *url,
	char out[sizeof((struct dispatch_worker *)0)->url], struct err *e)
{
	const size_t max = sizeof((struct dispatch_worker *)0)->url;
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		n--;
	if (n == 0 || n >= max)
		return err_set(e, ERR_INVALID,
			"a worker's URL must have 1 to %zu characters",
			max - 1);
	memcpy(out, url, n);
	out[n] = '\0';
	return 0;
}

static void describe(struct peer *p, const struct dispatch_member *m)
{
	snprintf(p->info.id, sizeof p->info.id, "%s", m->id);
	p->info.draining = m->draining;
	p->ask_now = !p->up;
}

/* With the lock held; ERR_BUSY and NULL when there are too many. */
static struct peer *add(struct http_dispatch *d, const char *url, struct err *e)
{
	struct peer *p;

	if (d->n_peers >= DISPATCH_WORKERS_MAX) {
		err_set(e, ERR_BUSY, "there are %d workers, as many as may be",
			DISPATCH_WORKERS_MAX);
		return NULL;
	}
	p = xcalloc(1, sizeof *p);
	p->d = d;
	p->answered_ms = clock_mono_ms();
	snprintf(p->info.url, sizeof p->info.url, "%s", url);
	append(d, p);
	return p;
}

struct peer *members_welcome(struct http_dispatch *d, const char *id,
	const char *address, struct err *e)
{
	char url[sizeof((struct dispatch_worker *)0)->url];
	struct peer *p;

	snprintf(url, sizeof url, "pull://%.100s/%.*s", address,
		DISPATCH_MEMBER_ID_MAX - 1, id);
	p = add(d, url, e);
	if (p) {
		p->pulls = 1;
		snprintf(p->info.id, sizeof p->info.id, "%s", id);
	}
	return p;
}

int members_add(struct http_dispatch *d, const struct dispatch_member *m,
	int listed, struct err *e)
{
	char url[sizeof((struct dispatch_worker *)0)->url];
	int rc = read_url(m->url, url, e);
	struct peer *p;

	if (rc)
		return rc;
	pthread_mutex_lock(&d->lock);
	p = find_url(d, url);
	if (!p) {
		p = add(d, url, e);
		if (p)
			p->listed = listed;
	}
	if (p)
		describe(p, m);
	push_wake(d);
	pthread_mutex_unlock(&d->lock);
	return p ? 0 : ERR_BUSY;
}

/* -- the verbs -- */

int members_join(struct dispatch *dispatch, const struct dispatch_member *m,
	struct err *e)
{
	return members_add((struct http_dispatch *)dispatch, m, 0, e);
}

/* One that the options name stays, as lost; others are forgotten. */
int members_leave(struct dispatch *dispatch, const char *id, struct err *e)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	struct peer *p;

	pthread_mutex_lock(&d->lock);
	p = id[0] ? members_find(d, id) : NULL;
	if (p) {
		p->info.id[0] = '\0';
		p->info.draining = 0;
		p->up = 0;
		p->left = !p->listed;
		p->missed = 1; /* if it is not there, what it has is lost */
		push_wake(d);
	}
	pthread_mutex_unlock(&d->lock);
	if (!p)
		return err_set(e, ERR_NOT_FOUND,
			"no worker of that id is here, or it has left");
	return 0;
}

/* The ids of the jobs that it has or is told of; the lock is held. */
static void list_training(
	const struct peer *p, struct arena *mem, struct dispatch_worker *out)
{
	out->training = arena_array(
		mem, (size_t)p->info.jobs, sizeof *out->training);
	out->jobs = 0;
	for (const struct errand *x = p->errands; x; x = x->next)
		if (errand_takes_slot(x) && out->jobs < p->info.jobs)
			out->training[out->jobs++] = arena_strdup(mem, x->id);
}

size_t members_list(struct dispatch *dispatch, struct arena *mem,
	struct dispatch_worker **out)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	size_t n = 0;

	pthread_mutex_lock(&d->lock);
	*out = arena_array(mem, d->n_peers, sizeof **out);
	for (size_t i = 0; i < d->n_peers; i++) {
		const struct peer *p = d->peers[i];

		if (p->left)
			continue;
		(*out)[n] = p->info;
		list_training(p, mem, &(*out)[n]);
		(*out)[n].aside = p->liar ||
				  p->aside_until_ms > clock_mono_ms();
		(*out)[n++].lost = watch_lost(p);
	}
	pthread_mutex_unlock(&d->lock);
	return n;
}

void members_release(struct http_dispatch *d)
{
	for (size_t i = 0; i < d->n_peers; i++) {
		struct peer *p = d->peers[i];

		while (p->errands) {
			p->errands->flight = NULL; /* went with the loop */
			errand_free(p->errands);
		}
		buf_release(&p->waiting.text);
		buf_release(&p->urgent.text);
		free(p);
	}
	free(d->peers);
}
