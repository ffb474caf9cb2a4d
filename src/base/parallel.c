/* parallel.c -- a thread a stretch, as long as the loop lasts. */
#include "base/parallel.h"

#include <pthread.h>

#include "base/machine.h"

#define LEAST 64 /* elements that are worth a thread */

struct stretch {
	parallel_work work;
	void *ctx;
	size_t part, from, to;
	int rc;
	struct err e;
};

static size_t count_parts(size_t n)
{
	const size_t cores = (size_t)machine_cores();
	size_t parts = n / LEAST;

	parts = parts < cores ? parts : cores;
	parts = parts < PARALLEL_MAX ? parts : PARALLEL_MAX;
	return parts ? parts : 1;
}

static void *run(void *stretch)
{
	struct stretch *s = stretch;

	s->rc = s->work(s->ctx, s->part, s->from, s->to, &s->e);
	return NULL;
}

int parallel_for(size_t n, parallel_work work, void *ctx, struct err *e)
{
	const size_t parts = count_parts(n);
	struct stretch s[PARALLEL_MAX];
	pthread_t threads[PARALLEL_MAX];
	int is_thread[PARALLEL_MAX] = {0};

	for (size_t i = 0; i < parts; i++) {
		s[i] = (struct stretch){.work = work,
			.ctx = ctx,
			.part = i,
			.from = n * i / parts,
			.to = n * (i + 1) / parts};
		if (i > 0)
			is_thread[i] = pthread_create(&threads[i], NULL, run,
					       &s[i]) == 0;
	}
	for (size_t i = 0; i < parts; i++)
		if (!is_thread[i])
			run(&s[i]);
	for (size_t i = 0; i < parts; i++)
		if (is_thread[i])
			pthread_join(threads[i], NULL);
	for (size_t i = 0; i < parts; i++)
		if (s[i].rc) {
			if (e)
				*e = s[i].e;
			return s[i].rc;
		}
	return 0;
}
