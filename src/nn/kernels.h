/* kernels.h -- the kernel class: which instruction set, which arithmetic.
 *
 * Bits of a result depend on it, so a run is pinned to one and its name is in
 * the settings that the digest covers.  "avx2-1": instruction set, version of
 * the arithmetic (raised when a change alters bits). */
#ifndef NN_KERNELS_H
#define NN_KERNELS_H

#include <stddef.h>

#include "base/err.h"

#define KERNELS_NAME_BYTES 16

/* Classes this CPU can run, best first; at least one.  Writes up to `max`
 * static names and returns how many there are. */
size_t kernels_available(const char **names, size_t max);

/* Caps oneDNN at the class and sets it to one thread; once per process, before
 * the first net and on the thread that will train (OpenMP keeps its number of
 * threads by thread).  ERR_WORLD when this CPU cannot run the class (another
 * worker may), ERR_INVALID when the name is not a class. */
int kernels_select(const char *name, struct err *e);

#endif
