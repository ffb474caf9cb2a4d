/* fuzz_genome_json.c -- a genome, as clients send it, in either form; a flat
 * one goes through its chain and comes back. */
#include "fuzz.h"

#include <string.h>

#include "base/doc.h"
#include "wire/flat_json.h"
#include "wire/genome_json.h"

#define MEMORY ((size_t)4 << 20)

/* What is accepted as a flat genome is one. */
static void check_flat(const json_t *v)
{
	struct flat g;

	must(flat_read(v, "", &g, NULL) == 0);
	must(flat_valid(&g));
}

static void read_again(struct arena *mem, const struct genome_doc *doc)
{
	char *once = genome_doc_text(doc), *twice;
	json_t *v = doc_parse(once, strlen(once), NULL);
	struct genome_doc again;

	must(v && genome_doc_read(v, "", mem, &again, NULL) == 0);
	must(again.form == doc->form);
	twice = genome_doc_text(&again);
	must(strcmp(once, twice) == 0);
	json_decref(v);
	free(once);
	free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = doc_parse((const char *)data, size, NULL);
	struct genome_doc doc;
	struct arena mem;

	if (!v)
		return 0;
	arena_init(&mem, MEMORY);
	if (genome_doc_read(v, "", &mem, &doc, NULL) == 0) {
		must(genome_doc_valid(&doc));
		if (doc.form == GENOME_FLAT)
			check_flat(v);
		read_again(&mem, &doc);
	}
	arena_release(&mem);
	json_decref(v);
	return 0;
}
