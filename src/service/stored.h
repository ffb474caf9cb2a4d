/* stored.h -- documents as the store has them. */
#ifndef SERVICE_STORED_H
#define SERVICE_STORED_H

#include <jansson.h>

#include "base/arena.h"

/* Parses text of the store, which must be JSON; NULL for NULL. */
json_t *stored_json(const char *text);

/* The canonical text of a document of ours, whose reference is taken over, in
 * `mem`. */
char *stored_text(struct arena *mem, json_t *doc);

#endif
