/* fuzz_genome_json.c -- a flat genome, as clients send it. */
#include "fuzz.h"

#include <string.h>

#include "base/canonical.h"
#include "base/doc.h"
#include "wire/genome_json.h"

static char *written(const struct flat *g)
{
	json_t *v = genome_write(g);
	char *text = canonical_text(v, NULL);

	must(text != NULL);
	json_decref(v);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = doc_parse((const char *)data, size, NULL);
	struct flat g, again;
	char *once, *twice;

	if (!v || genome_read(v, "", &g, NULL)) {
		json_decref(v);
		return 0;
	}
	json_decref(v);
	must(flat_valid(&g));
	once = written(&g);
	v = doc_parse(once, strlen(once), NULL);
	must(v && genome_read(v, "", &again, NULL) == 0);
	twice = written(&again);
	must(strcmp(once, twice) == 0);
	json_decref(v);
	free(once);
	free(twice);
	return 0;
}
