/* stored.c -- documents to text and back. */
#include "service/stored.h"

#include <assert.h>
#include <stdlib.h>

#include "base/canonical.h"

json_t *stored_json(const char *text)
{
	return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
}

char *stored_text(struct arena *mem, json_t *doc)
{
	char *text = canonical_text(doc, NULL), *copy;

	assert(text); /* our own documents hold finite numbers only */
	copy = arena_strdup(mem, text);
	free(text);
	json_decref(doc);
	return copy;
}
