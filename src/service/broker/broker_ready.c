/* broker_ready.c -- what the broker needs: a store that takes writes, the
 * genome service, an evolutioner. */
#include "service/broker/broker_lead.h"

static int evolutioner_answers(const struct broker *b, struct err *e)
{
	struct dispatch_worker *w;
	struct dispatch_load load;
	struct arena mem;
	size_t n, answer = 0;

	dispatch_load(b->dispatch, "", &load);
	if (load.fault[0])
		return err_set(e, ERR_BUSY, "%s", load.fault);

	arena_init(&mem, BROKER_ARENA_MAX);
	n = dispatch_workers(b->dispatch, &mem, &w);
	for (size_t i = 0; i < n; i++)
		answer += dispatch_worker_answers(&w[i]) != 0;
	arena_release(&mem);
	if (answer > 0)
		return 0;
	return err_set(e, ERR_BUSY, "no evolutioner answers, of %zu", n);
}

int broker_ready(void *broker, struct err *e)
{
	struct broker *b = broker;
	int rc = broker_lead_ready(b, e);

	if (rc == 0)
		rc = readiness_disk(b->data_dir, e);
	if (rc == 0)
		rc = drivers_save(b->drivers, e);
	if (rc == 0)
		rc = genome_places_look(&b->genomes, e);
	if (rc == 0)
		rc = evolutioner_answers(b, e);
	return rc;
}
