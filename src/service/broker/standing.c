/* standing.c -- gathers the facts that run_trouble.h judges. */
#include "service/broker/standing.h"

#include "base/clock.h"
#include "service/broker/run_trouble.h"

void standing_look(struct broker *b, const char *uuid, enum run_state state,
	const char *kernels, struct standing *out)
{
	struct run_facts f = {.kernels = kernels, .load = &out->load};
	struct dispatch_worker *workers;
	struct arena mem;

	*out = (struct standing){.view = {0}};
	/* Who only reads the store knows nothing of who works on it. */
	if (run_state_over(state) || !b->leads)
		return;
	if (drivers_look(b->drivers, uuid, &out->view))
		f.view = &out->view;
	dispatch_load(b->dispatch, uuid, &out->load);
	arena_init(&mem, BROKER_ARENA_MAX);
	f.n_workers = dispatch_workers(b->dispatch, &mem, &workers);
	f.workers = workers;
	f.now_ms = clock_wall_ms();
	if (!run_trouble(&f, &out->trouble))
		run_waits(&f, &out->waiting);
	arena_release(&mem);
}
