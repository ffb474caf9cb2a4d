/* pages.h -- what browsers get: the dashboard, Swagger UI and the services'
 * OpenAPI documents, which are within the executable. */
#ifndef SERVICE_PAGES_PAGES_H
#define SERVICE_PAGES_PAGES_H

#include "http/docs.h"

/* The table that tools/embed writes; the build's own file. */
extern const struct asset assets[];
extern const size_t n_assets;

/* What the handlers of docs.h serve for a service ("broker", "evolutioner" or
 * "genome"), which is ready unless its context says otherwise. */
struct docs pages_docs(const char *service);

#endif
