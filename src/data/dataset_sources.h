/* dataset_sources.h -- which paths and URLs have been read into a folder of
 * prepared sets. */
#ifndef DATA_DATASET_SOURCES_H
#define DATA_DATASET_SOURCES_H

#include "base/err.h"
#include "data/dataset.h"

/* Calls `each` with every path and URL that was read as it says itself, is
 * there still, and whose set is; in alphabetical order, each once: as it was
 * read last.  The set is closed afterwards.  ERR_WORLD. */
int dataset_sources_each(const char *cache_dir,
	void (*each)(void *ctx, const char *from, const struct dataset *d),
	void *ctx, struct err *e);

#endif
