/* dispatch_http_lists.c -- the jobs that wait for a peer: a list for each
 * kernel class, in order of submission, and one of those whose time has not
 * come. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/words.h"
#include "dispatch/dispatch_http.h"

static struct job_list *class_of(struct http_dispatch *d, const char *kernels)
{
	struct job_list *l;

	for (size_t i = 0; i < d->n_classes; i++)
		if (strcmp(d->classes[i]->kernels, kernels) == 0)
			return d->classes[i];
	l = xcalloc(1, sizeof *l);
	strcpy(l->kernels, kernels);
	d->classes = xrealloc(
		d->classes, (d->n_classes + 1) * sizeof(struct job_list *));
	return d->classes[d->n_classes++] = l;
}

/* After `before`, or first where that is NULL. */
static void enter_after(
	struct job_list *l, struct open_job *before, struct open_job *j)
{
	j->list = l;
	j->list_before = before;
	j->list_next = before ? before->list_next : l->first;
	if (before)
		before->list_next = j;
	else
		l->first = j;
	if (j->list_next)
		j->list_next->list_before = j;
	else
		l->last = j;
}

void queue_quit(struct open_job *j)
{
	struct job_list *l = j->list;

	if (j->list_before)
		j->list_before->list_next = j->list_next;
	else
		l->first = j->list_next;
	if (j->list_next)
		j->list_next->list_before = j->list_before;
	else
		l->last = j->list_before;
	j->list = NULL;
}

/* Order of submission is order of start, as far as workers' kernels and
 * back-off allow.  One that comes again belongs to the first, a new one to the
 * end: from there the place is soon found. */
static void enter_class(struct http_dispatch *d, struct open_job *j)
{
	struct job_list *l = class_of(d, j->kernels);
	struct open_job *before = NULL, *after = l->first;

	if (l->last && l->last->number < j->number) {
		enter_after(l, l->last, j);
		return;
	}
	while (after && after->number < j->number) {
		before = after;
		after = after->list_next;
	}
	enter_after(l, before, j);
}

void queue_enter(struct http_dispatch *d, struct open_job *j)
{
	if (j->not_before_ms > clock_mono_ms())
		enter_after(&d->delayed, NULL, j);
	else
		enter_class(d, j);
}

int queue_due(struct http_dispatch *d, int64_t now_ms)
{
	struct open_job *j = d->delayed.first, *next;
	int any = j != NULL;

	for (; j; j = next) {
		next = j->list_next;
		if (j->not_before_ms > now_ms)
			continue;
		queue_quit(j);
		enter_class(d, j);
	}
	for (size_t i = 0; i < d->n_classes; i++)
		any |= d->classes[i]->first != NULL;
	return any;
}

/* The worker that failed a job last waits longer than the others, so that a
 * second try happens elsewhere if there is an elsewhere with a free slot.  One
 * that has an errand of that id, be it to end one, gets no other. */
static int may_begin(
	const struct open_job *j, const struct peer *p, int64_t now_ms)
{
	if (j->last == p && p->d->n_peers > 1 &&
		now_ms < j->not_before_ms + j->head_start_ms)
		return 0;
	for (const struct errand *e = p->errands; e; e = e->next)
		if (strcmp(e->id, j->id) == 0)
			return 0;
	return 1;
}

struct open_job *queue_next(const struct peer *p, int64_t now_ms)
{
	struct open_job *first = NULL;

	for (size_t i = 0; i < p->d->n_classes; i++) {
		const struct job_list *l = p->d->classes[i];
		struct open_job *j = l->first;

		if (!j || !words_have(p->info.kernels, l->kernels,
				  strlen(l->kernels)))
			continue;
		while (j && !may_begin(j, p, now_ms))
			j = j->list_next;
		if (j && (!first || j->number < first->number))
			first = j;
	}
	return first;
}
