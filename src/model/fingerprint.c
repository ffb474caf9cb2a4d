/* fingerprint.c -- a network and its training as canonical JSON, hashed. */
#include "model/fingerprint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "model/architecture.h"

void model_fingerprint(const struct model *m, char out[SHA256_HEX_BYTES])
{
	json_t *v = json_pack("{s:o, s:i, s:f, s:i}", "nodes",
		architecture_write(&m->spec), "optimizer", (int)m->optimizer,
		"learning_rate", m->learning_rate, "batch", m->batch);
	char *text = canonical_text(v, NULL);

	assert(text); /* a checked network has finite numbers only */
	sha256_of(text, strlen(text), out);
	free(text);
	json_decref(v);
}
