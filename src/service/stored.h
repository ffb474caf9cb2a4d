/* stored.h -- documents as the store has them. */
#ifndef SERVICE_STORED_H
#define SERVICE_STORED_H

#include <jansson.h>

/* Parses text of the store, which must be JSON; NULL for NULL. */
json_t *stored_json(const char *text);

#endif
