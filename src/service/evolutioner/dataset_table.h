/* dataset_table.h -- the data sets that an evolutioner has prepared.
 *
 * A set is unpacked by the first who asks for it while the others wait; sets
 * of other names go on meanwhile.  Safe from any thread. */
#ifndef SERVICE_EVOLUTIONER_DATASET_TABLE_H
#define SERVICE_EVOLUTIONER_DATASET_TABLE_H

#include <jansson.h>

#include "base/err.h"
#include "base/hash.h"
#include "data/dataset.h"

struct dataset_table;

/* Keeps prepared files in `cache_dir`, which is copied. */
struct dataset_table *dataset_table_new(const char *cache_dir);

/* Frees the table; prepared files stay. */
void dataset_table_free(struct dataset_table *t);

/* Makes sure that the set is prepared as it is now: the file's path and the
 * samples' hash.  Errors of dataset_prepare and dataset_open; ERR_BUSY when
 * more names are being prepared at once than anyone needs. */
int dataset_table_get(struct dataset_table *t, const char *name,
	char path[DATASET_PATH_MAX], char hash[SHA256_HEX_BYTES],
	struct err *e);

/* Ends what is being prepared, and the waiting for it, with ERR_BUSY; what was
 * done of it is gone on with after the next start.  Sets that are prepared are
 * still there. */
void dataset_table_stop(struct dataset_table *t);

/* The names asked for lately and their sets' hashes, a new reference:
 * [{"name","hash"}]. */
json_t *dataset_table_list(struct dataset_table *t);

#endif
