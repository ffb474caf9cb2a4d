/* fuzz_job_json.c -- a job, as a worker gets it, and a result, as a broker
 * does. */
#include "fuzz.h"

#include "base/doc.h"
#include "wire/job_json.h"

#define MEMORY ((size_t)16 << 20)

static void read_job(struct arena *mem, const json_t *v)
{
	struct job_doc j, again;
	json_t *once, *twice;

	if (job_read(mem, v, &j, NULL))
		return;
	must(genome_doc_valid(&j.genome));
	must(fields_in_bounds(&training_fields, &j.training, NULL) == 0);
	once = job_write(&j);
	must(job_read(mem, once, &again, NULL) == 0);
	twice = job_write(&again);
	must(json_equal(once, twice));
	json_decref(once);
	json_decref(twice);
}

static void read_result(struct arena *mem, const json_t *v)
{
	struct job_result r, again;
	json_t *once, *twice;

	if (result_read(mem, v, &r, NULL))
		return;
	must(r.failure != FAILURE_NONE ||
		(r.total > 0 && r.correct <= r.total));
	once = result_write(&r);
	must(result_read(mem, once, &again, NULL) == 0);
	twice = result_write(&again);
	must(json_equal(once, twice));
	json_decref(once);
	json_decref(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = doc_parse((const char *)data, size, NULL);
	struct arena mem;

	if (!v)
		return 0;
	arena_init(&mem, MEMORY);
	read_job(&mem, v);
	read_result(&mem, v);
	arena_release(&mem);
	json_decref(v);
	return 0;
}
