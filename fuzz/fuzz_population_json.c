/* fuzz_population_json.c -- the next generation of whatever population is
 * believed, by whatever algorithm. */
#include "fuzz.h"

#include "base/doc.h"
#include "model/cost.h"
#include "wire/generation_json.h"

#define ARENA_MAX ((size_t)1 << 30)
#define SIZE_MAX_BRED 64 /* a large one takes too long here */

static void breed(struct arena *mem, const json_t *v)
{
	const struct algorithm *a;
	struct generation_request q;
	struct population next;

	if (generation_request_read(mem, v, &q, NULL) || q.size > SIZE_MAX_BRED)
		return;
	a = algorithm_at(q.algorithm);
	q.admits = model_admits;
	if (algorithm_next(mem, &q, &next, NULL))
		return;
	must(next.n == (size_t)q.size && !a->species == !next.n_species);
	for (size_t i = 0; i < next.n; i++)
		must(genome_check(next.members[i].genome, NULL) == 0 &&
			(next.members[i].elite || !limits_any(&q.limits) ||
				model_admits(next.members[i].genome, &q.data,
					&q.limits, NULL)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = doc_parse((const char *)data, size, NULL);
	struct arena mem;

	if (!v)
		return 0;
	arena_init(&mem, ARENA_MAX);
	breed(&mem, v);
	arena_release(&mem);
	json_decref(v);
	return 0;
}
