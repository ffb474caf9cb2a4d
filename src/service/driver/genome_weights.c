/* genome_weights.c -- the result that a genome has names its weights. */
#include "service/driver/genome_weights.h"

#include <string.h>

#include "service/stored.h"
#include "wire/job_json.h"

/* As run_note_weights of run/ has it. */
void result_weights(const char *result, char out[SHA256_HEX_BYTES])
{
	json_t *doc = stored_json(result);
	const json_t *weights = json_object_get(doc, "weights");
	const char *hash = json_string_value(
		json_object_get(weights, "sha256"));
	json_int_t bytes = json_integer_value(
		json_object_get(weights, "bytes"));

	out[0] = '\0';
	if (hash && sha256_is_hex(hash) &&
		bytes <= (json_int_t)JOB_PARENT_BYTES_MAX)
		memcpy(out, hash, SHA256_HEX_BYTES);
	json_decref(doc);
}

int genome_weights(struct store *s, struct arena *mem, const char *run,
	const struct store_genome *row, char out[SHA256_HEX_BYTES],
	struct err *e)
{
	struct store_rung *rungs;
	size_t n;
	int rc = store_rungs(s, mem, run, row->id, &rungs, &n, e);

	if (rc)
		return rc;
	/* A finalist's training is no part of the search. */
	while (n > 0 && rungs[n - 1].rung >= RUNG_FINALIST)
		n--;
	result_weights(n > 0 ? rungs[n - 1].result : row->result, out);
	return 0;
}

int genome_legacy(struct store *s, struct arena *mem, const char *run,
	const struct store_genome *row, int i, char out[SHA256_HEX_BYTES],
	struct err *e)
{
	struct store_genome parent;
	int rc;

	out[0] = '\0';
	if (row->parents[i] < 0)
		return 0;
	rc = store_genome_get(s, mem, run, row->parents[i], &parent, e);
	return rc ? rc : genome_weights(s, mem, run, &parent, out, e);
}
