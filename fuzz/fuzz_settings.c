/* fuzz_settings.c -- the settings of a run: as clients ask for them, and as a
 * store kept them. */
#include "fuzz.h"

#include <string.h>

#include "base/doc.h"
#include "wire/settings.h"

/* What a created run has: it is kept, restored and digested.  One whose data
 * set is yet to come has no shape. */
static void keep(const struct run_settings *s)
{
	struct run_settings again;
	json_t *once = settings_write(s), *twice, *digested;

	must(settings_data_open(s) ||
		fields_in_bounds(&settings_fields, s, NULL) == 0);
	must(settings_restore(once, &again, NULL) == 0);
	twice = settings_write(&again);
	must(json_equal(once, twice));
	digested = settings_digested(&again);
	must(json_object_get(digested, "dataset") != NULL);
	json_decref(once);
	json_decref(twice);
	json_decref(digested);
	settings_release(&again);
}

/* As the broker fills in what was asked for. */
static void create(struct run_settings *s)
{
	s->data = (struct data_shape){1, 28, 28, 10};
	s->has_seed = 1;
	strcpy(s->kernels, "simd128-2");
	sha256_of("data", 4, s->dataset_hash);
	keep(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = doc_parse((const char *)data, size, NULL);
	struct run_settings s;

	if (!v)
		return 0;
	if (settings_read(v, &s, NULL) == 0) {
		create(&s);
		settings_release(&s);
	}
	if (settings_restore(v, &s, NULL) == 0) {
		keep(&s);
		settings_release(&s);
	}
	json_decref(v);
	return 0;
}
