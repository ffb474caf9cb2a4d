/* backup.h -- a data folder in one file, and back.
 *
 * A tar file: nevod.db, a copy of the store as it was at one moment; blobs/,
 * the weights that it may name; with data sets, datasets/; and last SHA256SUMS,
 * as sha256sum(1) reads it. */
#ifndef CLI_LOCAL_BACKUP_H
#define CLI_LOCAL_BACKUP_H

#include <stdint.h>

#include "base/err.h"

struct backup_size {
	int64_t files, bytes; /* of what is in it, without SHA256SUMS */
};

/* Writes the folder into a file beside which there must be room; a broker may
 * use the folder.  ERR_NOT_FOUND: it has no store; ERR_CONFLICT: another backup
 * is under way; ERR_WORLD. */
int backup_make(const char *data_dir, const char *file, int with_datasets,
	struct backup_size *out, struct err *e);

/* Makes the folder, which must not be there or be empty, of the file, once all
 * of it has been checked.  ERR_CONFLICT: the folder has something in it;
 * ERR_NOT_FOUND, ERR_INVALID: no whole backup; ERR_WORLD. */
int backup_restore(const char *file, const char *data_dir,
	struct backup_size *out, struct err *e);

#endif
