/* newborns.c -- texts and costs of genomes, stretch by stretch. */
#include "service/driver/newborns.h"

#include "base/parallel.h"
#include "service/stored.h"

struct work {
	const struct run *run;
	struct newborn *newborns;
	struct arena mem[PARALLEL_MAX]; /* of each stretch */
};

static int describe(
	void *ctx, size_t part, size_t from, size_t to, struct err *e)
{
	struct work *w = ctx;

	(void)e;
	for (size_t i = from; i < to; i++) {
		struct newborn *b = &w->newborns[i];
		const struct genome_doc genome = run_genome(w->run, b->member);

		b->genome = stored_text(
			&w->mem[part], genome_doc_write(&genome));
		if (model_cost(genome.graph, &genome.data, &b->cost, NULL))
			b->cost = (struct network_cost){.parameters = 0};
	}
	return 0;
}

struct newborn *newborns(const struct run *run, struct arena *mem, size_t *n)
{
	struct work w = {.run = run};

	w.newborns = arena_array(mem, run->n_members, sizeof *w.newborns);
	*n = 0;
	for (size_t i = 0; i < run->n_members; i++)
		if (run->members[i].born == run->generation)
			w.newborns[(*n)++].member = &run->members[i];
	for (size_t i = 0; i < PARALLEL_MAX; i++)
		arena_init(&w.mem[i], mem->max_bytes - mem->used_bytes);
	parallel_for(*n, describe, &w, NULL);
	for (size_t i = 0; i < PARALLEL_MAX; i++)
		arena_join(mem, &w.mem[i]);
	return w.newborns;
}
