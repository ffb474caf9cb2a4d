/* fuzz_manifest.c -- the manifest of a data set, as a broker gives it. */
#include "fuzz.h"

#include "base/doc.h"
#include "data/dataset_manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = doc_parse((const char *)data, size, NULL), *again;
	struct manifest m;

	if (v && manifest_read(v, &m, NULL) == 0) {
		must(m.n >= 1 && m.shards[0].bytes >= 1);
		again = manifest_json(&m);
		manifest_release(&m);
		must(manifest_read(again, &m, NULL) == 0);
		manifest_release(&m);
		json_decref(again);
	}
	json_decref(v);
	return 0;
}
