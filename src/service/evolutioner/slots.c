/* slots.c -- the threads of the slots: started, stopped. */
#include "service/evolutioner/slots.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define STACK_BYTES (512 * 1024)

struct slots {
	struct slot_options o;
	int n; /* started */
	pthread_t threads[];
};

static void *slot_main(void *slots)
{
	const struct slots *s = slots;
	struct worker_job *j;

	while ((j = worker_take(s->o.worker)))
		slot_run(&s->o, j);
	return NULL;
}

static int start_all(struct slots *s, int n, struct err *e)
{
	pthread_attr_t attr;
	int rc = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	while (rc == 0 && s->n < n) {
		rc = pthread_create(&s->threads[s->n], &attr, slot_main, s);
		s->n += rc == 0;
	}
	pthread_attr_destroy(&attr);
	if (rc)
		return err_set(e, ERR_WORLD, "cannot start a thread: %s",
			strerror(rc));
	return 0;
}

struct slots *slots_new(int n, const struct slot_options *o, struct err *e)
{
	struct slots *s = xcalloc(
		1, sizeof *s + (size_t)n * sizeof *s->threads);

	s->o = *o;
	if (start_all(s, n, e) == 0)
		return s;
	slots_free(s);
	return NULL;
}

void slots_free(struct slots *s)
{
	if (!s)
		return;
	worker_stop(s->o.worker);
	for (int i = 0; i < s->n; i++)
		pthread_join(s->threads[i], NULL);
	free(s);
}
