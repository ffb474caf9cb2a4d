/* fuzz_population_json.c -- NEAT's question, its answer, and the next
 * generation of whatever population is believed. */
#include "fuzz.h"

#include "base/doc.h"
#include "wire/population_json.h"

#define ARENA_MAX ((size_t)1 << 30)
#define SIZE_MAX_BRED 64 /* a large one takes too long here */

static void breed(struct arena *mem, const json_t *v)
{
	struct population next;
	struct neat_request q;

	if (neat_request_read(mem, v, &q, NULL) || q.size > SIZE_MAX_BRED ||
		neat_serve(mem, &q, &next, NULL))
		return;
	must(next.n == q.size && next.n_species > 0);
	for (size_t i = 0; i < next.n; i++)
		must(genome_check(next.members[i].genome, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct flat_data mnist = {1, 28, 28, 10};
	json_t *v = doc_parse((const char *)data, size, NULL);
	struct population p;
	struct arena mem;

	if (!v)
		return 0;
	arena_init(&mem, ARENA_MAX);
	breed(&mem, v);
	neat_answer_read(&mem, v, &mnist, &p, NULL);
	arena_release(&mem);
	json_decref(v);
	return 0;
}
