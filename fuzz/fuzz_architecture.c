/* fuzz_architecture.c -- the nodes of a network, without the file around them:
 * deeper than changes of a whole file get. */
#include "fuzz.h"

#include "base/doc.h"
#include "model/architecture.h"

#define CLASSES 2 /* of the seed */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = doc_parse_list((const char *)data, size, NULL), *once;
	struct spec s, again;
	struct spec_cost cost;

	if (!v || architecture_read(v, CLASSES, &s, NULL)) {
		json_decref(v);
		return 0;
	}
	spec_cost(&s, 1, &cost);
	must(cost.parameters >= 0 && cost.train_bytes > 0);
	once = architecture_write(&s);
	must(architecture_read(once, CLASSES, &again, NULL) == 0);
	json_decref(v);
	v = architecture_write(&again);
	must(json_equal(once, v));
	json_decref(once);
	json_decref(v);
	return 0;
}
