/* output.h -- files that a person names for a result: --out, --svg.
 *
 * What is there decides.  Nothing: a file of mode 0666 less the umask.  A
 * regular file: it is replaced in one step and keeps its mode, and its owner if
 * we may say so.  A symbolic link: all this at its end; the link stays.
 * Anything else (a device, a FIFO) is opened and written to, and never
 * replaced; /dev/stdout and its kin are the descriptors that we have. */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stddef.h>

#include "base/err.h"

/* Checks, without changing anything, that output_write can be expected to
 * work: ERR_INVALID if `path` is a folder, in none that we may write to, or not
 * ours to write to. */
int output_check(const char *path, struct err *e);

/* Writes the bytes there; waits for the reader of a FIFO.  The errors of
 * output_check; ERR_WORLD, and then what was there is as it was, unless it is
 * no regular file. */
int output_write(const char *path, const void *bytes, size_t n, struct err *e);

#endif
