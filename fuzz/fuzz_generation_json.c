/* fuzz_generation_json.c -- the question and the answer of next_generation. */
#include "fuzz.h"

#include "base/doc.h"
#include "wire/generation_json.h"

#define ARENA_MAX ((size_t)64 << 20)

static void read_request(struct arena *mem, const json_t *v)
{
	struct truncation t, again;
	json_t *out;

	if (generation_request_read(mem, v, &t, NULL))
		return;
	out = generation_request_write(&t);
	must(generation_request_read(mem, out, &again, NULL) == 0);
	must(again.n == t.n && again.seed == t.seed);
	json_decref(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = doc_parse((const char *)data, size, NULL);
	struct offspring *o;
	struct arena mem;
	int64_t next_id;
	size_t n;

	if (!v)
		return 0;
	arena_init(&mem, ARENA_MAX);
	read_request(&mem, v);
	generation_answer_read(&mem, v, &o, &n, &next_id, NULL);
	arena_release(&mem);
	json_decref(v);
	return 0;
}
