/* speeds.c -- a thread that measures class by class, with helpers beside it. */
#include "service/evolutioner/speeds.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "model/speed.h"

#define CLASSES_MAX 16
#define THREADS_MAX 16 /* as good as more */

struct speeds {
	pthread_t thread;
	int started, threads;
	atomic_int stopping;
	pthread_mutex_t lock; /* guards all below */
	double gflops[CLASSES_MAX];
};

static void *measure(void *kernels)
{
	double *gflops = xcalloc(1, sizeof *gflops);

	*gflops = speed_gflops(kernels);
	return gflops;
}

/* All threads at once; the mean of those that could be started. */
static double measure_together(const struct kernels *k, int threads)
{
	pthread_t thread[THREADS_MAX];
	double sum = 0;
	int n = 0;

	while (n < threads &&
		pthread_create(&thread[n], NULL, measure, (void *)k) == 0)
		n++;
	for (int i = 0; i < n; i++) {
		void *gflops;

		pthread_join(thread[i], &gflops);
		sum += *(double *)gflops;
		free(gflops);
	}
	return n > 0 ? sum / n : 0;
}

static void *run(void *arg)
{
	const char *names[CLASSES_MAX];
	size_t n = kernels_available(names, CLASSES_MAX);
	struct speeds *s = arg;

	for (size_t i = 0; i < n && i < CLASSES_MAX && !s->stopping; i++) {
		double gflops = measure_together(
			kernels_find(names[i], NULL), s->threads);

		pthread_mutex_lock(&s->lock);
		s->gflops[i] = gflops;
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

struct speeds *speeds_start(int slots)
{
	struct speeds *s = xcalloc(1, sizeof *s);

	s->threads = slots < THREADS_MAX ? slots : THREADS_MAX;
	pthread_mutex_init(&s->lock, NULL);
	s->started = pthread_create(&s->thread, NULL, run, s) == 0;
	return s;
}

void speeds_free(struct speeds *s)
{
	if (!s)
		return;
	s->stopping = 1;
	if (s->started)
		pthread_join(s->thread, NULL);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

json_t *speeds_list(struct speeds *s)
{
	const char *names[CLASSES_MAX];
	size_t n = kernels_available(names, CLASSES_MAX);
	json_t *list = json_array();

	if (!s)
		return list;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < n && i < CLASSES_MAX; i++)
		json_array_append_new(list, json_real(s->gflops[i]));
	pthread_mutex_unlock(&s->lock);
	return list;
}
