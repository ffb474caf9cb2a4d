/* file_stream.h -- a file as a stream. */
#ifndef DATA_FILE_STREAM_H
#define DATA_FILE_STREAM_H

#include "base/err.h"
#include "data/stream.h"

/* Opens a regular file; a gzipped one, which is seen by how it begins, is
 * unpacked: all its members, and zeros behind them are no harm.
 * ERR_NOT_FOUND, ERR_INVALID, ERR_WORLD. */
int file_stream_open(const char *path, struct stream **out, struct err *e);

#endif
