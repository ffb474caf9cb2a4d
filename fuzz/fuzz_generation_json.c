/* fuzz_generation_json.c -- the question and the answer of next_generation, of
 * every algorithm. */
#include "fuzz.h"

#include "base/doc.h"
#include "wire/generation_json.h"

#define ARENA_MAX ((size_t)64 << 20)

static void read_request(struct arena *mem, const json_t *v)
{
	struct generation_request q, again;
	json_t *once, *twice;

	if (generation_request_read(mem, v, &q, NULL))
		return;
	once = generation_request_write(&q);
	must(generation_request_read(mem, once, &again, NULL) == 0);
	twice = generation_request_write(&again);
	must(json_equal(once, twice));
	json_decref(once);
	json_decref(twice);
}

/* By its text it is the same request. */
static void parse_request(
	struct arena *mem, const json_t *v, const char *text, size_t n)
{
	struct generation_request q, again;
	const int read = v ? generation_request_read(mem, v, &q, NULL) : -1;

	must(!generation_request_parse(mem, text, n, &again, NULL) == !read);
}

static void read_answer(struct arena *mem, const char *text, size_t n)
{
	/* Of the seeds: flat genomes and graphs. */
	static const struct data_shape shapes[] = {
		{1, 4, 4, 2}, {1, 28, 28, 10}};
	struct population p;

	for (int i = 0; algorithm_at(i); i++)
		for (int k = 0; k < 2; k++) {
			const struct generation_request q = {
				.algorithm = i, .data = shapes[k]};

			if (generation_answer_read(
				    mem, text, n, &q, &p, NULL) == 0)
				must(p.n > 0);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = doc_parse((const char *)data, size, NULL);
	struct arena mem;

	arena_init(&mem, ARENA_MAX);
	if (v)
		read_request(&mem, v);
	parse_request(&mem, v, (const char *)data, size);
	read_answer(&mem, (const char *)data, size);
	arena_release(&mem);
	json_decref(v);
	return 0;
}
