/* version.h -- which versions of nevod work together. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#include "base/err.h"

/* 0 if a peer of that version fits ours: both differ in the last number at
 * most.  ERR_CONFLICT with a sentence that names both. */
int version_check(const char *peer, struct err *e);

#endif
